"""What the kernel and the front end say to each other; ``js/src/protocol.ts`` is the other side of this page.

Voxels travel in Fortran order: the first array axis is the fastest; the three bytes of an RGB voxel are together. Masks
and strokes are zlib-compressed (what does not compress is packed as :func:`jlabel.imaging.encode_voxels` says), image
voxels are not. No message is larger than 4 MB. A 2D image counts as one slice along a third axis. ``epoch`` grows by
one with every opened image: what carries another epoch is late and is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import JlabelError, PromptError
from jlabel.imaging import Image, Region, encode_voxels, flat_plane, planes
from jlabel.imaging.intensity import Intensities, display_window
from jlabel.tasks.prompts import Prompt, prompt_from_json
from jlabel.widget.stream import as_volume, shown_dtype

# Voxels of a mask in one message: what does not compress at all must still stay under 4 MB.
MASK_VOXELS = 3_500_000

Parts = Iterable[tuple[list[int], bytes]]
"""Voxels of a mask, as they travel: region and compressed bytes."""


def header(image: Image, image_id: str, mask: NDArray[Any], statistics: Intensities) -> dict[str, Any]:
    """All that the front end needs to know of an image before its first voxel."""
    shape = as_volume(image.array, image.ndim).shape[:3]
    grid = planes(image.affine, image.oriented)
    flat = flat_plane(grid, image.shape)
    spacing = np.linalg.norm(image.affine[:3, :3], axis=0)
    return {
        "id": image_id,
        "shape": [int(n) for n in shape],
        "dtype": shown_dtype(image),
        "channels": 3 if image.channels == "rgb" else 1,
        "spacing": [float(v) if v > 0 else 1.0 for v in spacing],
        "affine": [[float(v) for v in row] for row in image.affine],
        "oriented": image.oriented,
        "planes": [plane.to_json() for plane in grid],
        "flat": flat.name if flat is not None else None,
        "window": list(display_window(statistics)),
        "inverted": image.inverted,
        "frames": image.frames,
        "frame": image.frame,
        "maskDtype": mask.dtype.name,
        "notes": {str(topic): str(text) for topic, text in image.notes.items()},
    }


def region_to_wire(region: Region) -> list[int]:
    """Six numbers; a 2D region is one slice thick along the third axis."""
    if len(region.lower) == 2:
        return [*region.lower, 0, *region.upper, 1]
    return region.to_flat()


def region_from_wire(flat: Any, shape: tuple[int, ...]) -> Region:
    """The region of an image of that shape.

    Raises:
        JlabelError: It is not six whole numbers, or does not lie inside the image.
    """
    if not isinstance(flat, list) or len(flat) != 6 or not all(isinstance(v, int) for v in flat):
        raise JlabelError(f"a region is six whole numbers, not {flat!r}")
    region = Region(tuple(flat[:3][: len(shape)]), tuple(flat[3:][: len(shape)]))
    if region.size == 0 or region.clip(shape) != region:
        raise JlabelError(f"the region {flat} does not lie inside an image of shape {shape}")
    return region


def prompt_from_wire(data: Any, ndim: int) -> Prompt:
    """A prompt as the front end sends it: three indices a position, of which a 2D image drops the last.

    Raises:
        PromptError: It is no prompt.
    """
    if not isinstance(data, dict):
        raise PromptError(f"a prompt is a set of named values, not {data!r}")
    fields = dict(data)
    for key in ("position", "lower", "upper"):
        if key in fields:
            fields[key] = tuple(fields[key])[:ndim]
    for key in ("positions", "points"):
        if key in fields:
            fields[key] = tuple(tuple(position)[:ndim] for position in fields[key])
    return prompt_from_json(fields)


def mask_parts(mask: NDArray[Any], region: Region) -> Parts:
    """The voxels of a region of the mask as messages: wire region and compressed bytes, each small enough."""
    volume = as_volume(mask[region.slices], len(region.lower))
    x0, y0, z0, x1, y1, z1 = region_to_wire(region)
    rows = max(1, MASK_VOXELS // max(1, (x1 - x0) * mask.dtype.itemsize))
    slices = max(1, rows // max(1, y1 - y0))
    for k in range(z0, z1, slices):
        for j in range(y0, y1, rows):
            top = (x1, min(y1, j + rows), min(z1, k + slices))
            part = volume[:, j - y0 : top[1] - y0, k - z0 : top[2] - z0]
            yield [x0, j, k, *top], encode_voxels(part)
