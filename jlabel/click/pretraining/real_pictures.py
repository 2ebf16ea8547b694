"""Real pictures without labels: superpixels of photographs that Python packages ship are structures to click at.

They show textures, light and blur as no made image does. Felzenszwalb and Huttenlocher 2004, "Efficient graph-based
image segmentation", at several scales; neighbouring parts of a fine one are merged by a coarse one.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as nnf
from numpy.typing import NDArray
from torch import Tensor

from jlabel.click.pretraining.fields import Device

#: Of scikit-image, free of copyright by its notes. Its medical and microscopic pictures are left out, so that every
#: kind of image that a person labels is one that the networks have not seen.
PICTURES = (
    "astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "coins.png", "grass.png", "gravel.png",
    "hubble_deep_field.jpg", "moon.png", "rocket.jpg",
)  # fmt: skip
SCALES = (30, 100, 300, 900)
_EDGE = 512


def collect(file: Path) -> int:
    """Write all pictures with their superpixels, ``file`` a ``.npz``; returns how many there are."""
    from skimage.segmentation import felzenszwalb

    images, parts = [], []
    for picture in _read_all():
        images.append(picture)
        found = [felzenszwalb(picture, scale, sigma=0.8, min_size=max(40, scale // 2)) for scale in SCALES]
        parts.append(np.stack(found).astype(np.uint16))
    np.savez_compressed(file, images=np.stack(images), parts=np.stack(parts))
    return len(images)


def _read_all() -> list[NDArray[np.uint8]]:
    from PIL import Image
    from skimage import data

    folder = Path(data.__file__).parent
    found = []
    for name in PICTURES:
        if (folder / name).is_file():
            with Image.open(folder / name) as picture:
                found.extend(_tiles(picture.convert("RGB")))
    return found


def _tiles(picture: object) -> list[NDArray[np.uint8]]:
    """The middle square, scaled to the edge, and of large pictures their quarters too."""
    from PIL import Image

    assert isinstance(picture, Image.Image)
    edge = min(picture.size)
    left, top = (picture.width - edge) // 2, (picture.height - edge) // 2
    square = picture.crop((left, top, left + edge, top + edge))
    tiles = [square.resize((_EDGE, _EDGE), Image.Resampling.LANCZOS)]
    if edge >= 900:
        half = edge // 2
        corners = [(x, y) for x in (0, half) for y in (0, half)]
        tiles += [square.crop((x, y, x + half, y + half)).resize((_EDGE, _EDGE)) for x, y in corners]
    return [np.asarray(tile, dtype=np.uint8) for tile in tiles]


class Pictures:
    """Random crops of the collected pictures, on a device.

    Args:
        file: What :func:`collect` wrote.
        device: Where the crops are made.
    """

    def __init__(self, file: Path, device: Device) -> None:
        with np.load(file) as content:
            images, parts = content["images"], content["parts"]
        self._images = torch.from_numpy(images).to(device).movedim(-1, 1)
        self._parts = torch.from_numpy(parts.astype(np.int32)).to(device)

    def crops(self, batch: int, size: int) -> tuple[Tensor, Tensor, Tensor]:
        """Images (batch, 3, size, size) of 0 to 1, their parts and coarser ones (batch, size, size)."""
        device = self._images.device
        which = torch.randint(0, len(self._images), (batch,), device=device)
        fine = torch.randint(0, len(SCALES), (batch,), device=device)
        coarse = (fine + 1).clamp_max(len(SCALES) - 1)
        angle = torch.rand(batch, device=device) * 2 * torch.pi
        zoom = 0.15 * 6 ** torch.rand(batch, device=device)
        mirror = torch.where(torch.rand(batch, device=device) < 0.5, -1.0, 1.0)
        shift = (torch.rand(batch, 2, device=device) * 2 - 1) * (1 - zoom[:, None]).clamp_min(0) * 0.9
        cos, sin = zoom * torch.cos(angle), zoom * torch.sin(angle)
        frame = torch.stack(
            [torch.stack([cos * mirror, -sin, shift[:, 0]], 1), torch.stack([sin * mirror, cos, shift[:, 1]], 1)], 1
        )
        grid = nnf.affine_grid(frame, [batch, 1, size, size], align_corners=False)
        image = nnf.grid_sample(self._images[which].float() / 255, grid, padding_mode="reflection", align_corners=False)
        maps = torch.stack([self._parts[which, fine], self._parts[which, coarse]], dim=1).float()
        found = nnf.grid_sample(maps, grid, mode="nearest", padding_mode="reflection", align_corners=False).long()
        swap = torch.rand(batch, device=device).view(-1, 1, 1, 1) < 0.3
        image = torch.where(swap, image[:, torch.randperm(3, device=device)], image)
        grey = torch.rand(batch, device=device).view(-1, 1, 1, 1) < 0.25
        return torch.where(grey, image.mean(dim=1, keepdim=True), image), found[:, 0], found[:, 1]
