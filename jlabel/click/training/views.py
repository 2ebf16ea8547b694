"""How a part is looked at in training: a view of random size and place, as the tool makes it, changed at random."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as nnf
from monai.transforms import Randomizable, Transform
from torch import Tensor

from jlabel.click.network import Design
from jlabel.click.training.parts import OTHER, STRUCTURE, Part, Parts
from jlabel.click.view import View
from jlabel.training.labelled_images import IGNORED

# Of a view's edge, in extents of the structure, and how far its middle may be away, in extents too.
_EDGES = (2.0, 3.5)
_AWAY = 0.35
_DEGREES, _SCALE = 15.0, 0.12


class RandomView(Randomizable, Transform):  # type: ignore[misc]
    """Draws one of the :class:`Parts` under ``"image"`` and looks at it.

    What comes out are ``"image"`` ``(colours, ...)``, normalised, and ``"label"`` ``(1, ...)`` with the classes of a
    :class:`Part`; beyond the image all is ``IGNORED``.

    Args:
        design: Of the network.
        changes: Whether to turn, mirror and recolour what is seen.
    """

    def __init__(self, design: Design, changes: bool = True) -> None:
        self.design = design
        self.changes = changes

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Image, label and id."""
        parts: Parts = data["image"]
        part = parts[self.R.randint(len(parts))]
        image, label = seen_by(part, self._view(part), self.design)
        if self.changes:
            image, label = self._moved(image, label)
            image = self._recoloured(image)
        return {"image": image[0], "label": label[0], "id": data["id"]}

    def _view(self, part: Part) -> View:
        edge = part.extent * np.exp(self.R.uniform(*np.log(_EDGES)))
        centre = [
            (low + high) / 2 + _AWAY * part.extent / step * self.R.uniform(-1, 1)
            for low, high, step in zip(part.structure.lower, part.structure.upper, part.spacing, strict=True)
        ]
        return View.around(centre, float(edge), part.spacing, part.classes.shape, self.design.size)

    def _moved(self, image: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:
        """Both mirrored where they are pictures, and in half of the cases turned and scaled a little."""
        if self.design.dimension == 2:  # in volumes it is worth knowing where front, top and left are
            axes = [axis for axis in (2, 3) if self.R.random_sample() < 0.5]
            image, label = image.flip(axes), label.flip(axes)
        if self.R.random_sample() < 0.5:
            return image, label
        n = self.design.dimension
        turn = torch.from_numpy(np.linalg.qr(np.eye(n) + np.radians(_DEGREES) * self.R.uniform(-1, 1, (n, n)))[0])
        turn = turn * torch.sign(torch.diagonal(turn)) * float(np.exp(self.R.uniform(-_SCALE, _SCALE)))
        # affine_grid counts from -1 to 1 along each axis, the last one first.
        sizes = torch.tensor(image.shape[2:][::-1], dtype=torch.float64)
        turn = turn * sizes[None] / sizes[:, None]
        theta = torch.cat([turn, torch.zeros(n, 1)], dim=1)[None].float()
        grid = nnf.affine_grid(theta, list(image.shape), align_corners=False)
        image = nnf.grid_sample(image, grid, padding_mode="border", align_corners=False)
        known = nnf.grid_sample(label - IGNORED, grid, mode="nearest", align_corners=False)
        return image, known + IGNORED

    def _recoloured(self, image: Tensor) -> Tensor:
        """Another gamma, contrast and brightness, and in half of the cases noise."""
        shade = ((image + 1.25) / 2.5).clamp(0, 1) ** float(np.exp(self.R.uniform(-0.4, 0.4)))
        image = (shade * 2.5 - 1.25) * self.R.uniform(0.8, 1.2) + self.R.uniform(-0.15, 0.15)
        if self.R.random_sample() < 0.5:
            noise = torch.from_numpy(self.R.standard_normal(tuple(image.shape)).astype(np.float32))
            image = image + self.R.uniform(0.0, 0.15) * noise
        return image.clamp(-1.25, 1.25)


def seen_by(part: Part, view: View, design: Design) -> tuple[Tensor, Tensor]:
    """The image (1, colours, padded) and the classes (1, 1, padded) that a view shows of a part."""
    seen = part.classes[view.region.slices]
    label = torch.zeros(1, 1, *view.padded)
    for value in (OTHER, IGNORED, STRUCTURE):
        if (seen == value).any():
            label[view.mask(seen == value) > 0] = value
    for axis, n in enumerate(view.grid):
        label[(slice(None),) * (axis + 2) + (slice(n, None),)] = IGNORED
    return view.image(part.image, design), label
