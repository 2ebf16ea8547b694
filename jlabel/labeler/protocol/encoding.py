"""Images, regions, prompts and masks as they travel between the kernel and the pages, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from jlabel.errors import JlabelError
from jlabel.imaging import Image, Region, encode_voxels, flat_plane, planes
from jlabel.imaging.geometry import Plane
from jlabel.imaging.intensity import Intensities, display_window
from jlabel.labeler.protocol.image_messages import Header, PlaneInfo
from jlabel.labeler.protocol.prompt_messages import PromptInfo
from jlabel.labeler.protocol.values import WireRegion
from jlabel.labeler.protocol.volume_stream import as_volume, shown_dtype
from jlabel.prompts.prompt import Prompt
from jlabel.prompts.prompt_json import prompt_from_json

# Voxels of a mask in one message: what does not compress at all must still stay under 4 MB.
MASK_VOXELS = 3_500_000

MaskParts = Iterable[tuple[WireRegion, bytes]]
"""Voxels of a mask, as they travel: region and compressed bytes."""


def header(image: Image, image_id: str, mask: NDArray[Any], statistics: Intensities, stamp: str) -> Header:
    """All that the front end needs to know of an image before its first voxel."""
    shape = as_volume(image.array, image.ndim).shape[:3]
    grid = planes(image.affine, image.oriented)
    flat = flat_plane(grid, image.shape)
    spacing = np.linalg.norm(image.affine[:3, :3], axis=0)
    axial, coronal, sagittal = (_plane_info(plane) for plane in grid)
    nx, ny, nz = (int(n) for n in shape)
    dx, dy, dz = (float(v) if v > 0 else 1.0 for v in spacing)
    dtype: Any = shown_dtype(image)
    mask_dtype: Any = mask.dtype.name
    return Header(
        id=image_id,
        shape=(nx, ny, nz),
        dtype=dtype,
        channels=3 if image.channels == "rgb" else 1,
        spacing=(dx, dy, dz),
        affine=[[float(v) for v in row] for row in image.affine],
        oriented=image.oriented,
        planes=(axial, coronal, sagittal),
        flat=flat.name if flat is not None else None,
        window=display_window(statistics),
        inverted=image.inverted,
        frames=image.frames,
        frame=image.frame,
        mask_dtype=mask_dtype,
        notes={str(topic): str(text) for topic, text in image.notes.items()},
        stamp=stamp,
    )


def _plane_info(plane: Plane) -> PlaneInfo:
    return PlaneInfo(
        name=plane.name,
        normal=plane.normal,
        right=plane.right,
        down=plane.down,
        letters=plane.letters,
        superior_step=plane.superior_step,
    )


def region_to_wire(region: Region) -> WireRegion:
    """Six numbers; a 2D region is one slice thick along the third axis."""
    x0, y0, z0 = (*region.lower, 0)[:3]
    x1, y1, z1 = (*region.upper, 1)[:3]
    return x0, y0, z0, x1, y1, z1


def moved_region(part: WireRegion, box: WireRegion) -> WireRegion:
    """A region of the box as one of the image."""
    x0, y0, z0, x1, y1, z1 = (at + low for at, low in zip(part, box[:3] * 2, strict=True))
    return x0, y0, z0, x1, y1, z1


def region_from_wire(flat: WireRegion, shape: tuple[int, ...]) -> Region:
    """The region of an image of that shape.

    Raises:
        JlabelError: It does not lie inside the image.
    """
    region = Region(tuple(flat[:3][: len(shape)]), tuple(flat[3:][: len(shape)]))
    beside = len(shape) == 2 and (flat[2], flat[5]) != (0, 1)
    if beside or region.size == 0 or region.clip(shape) != region:
        raise JlabelError(f"the region {list(flat)} does not lie inside an image of shape {shape}")
    return region


def prompt_from_wire(prompt: PromptInfo, ndim: int) -> Prompt:
    """A prompt as a page sends it: three indices a position, of which a 2D image drops the last.

    Raises:
        PromptError: It is no prompt.
    """
    fields: dict[str, Any] = msgspec.to_builtins(prompt)
    for key in ("id", "waits", "slice"):
        fields.pop(key, None)
    for key in ("position", "lower", "upper"):
        if key in fields:
            fields[key] = tuple(fields[key])[:ndim]
    for key in ("positions", "points"):
        if key in fields:
            fields[key] = tuple(tuple(position)[:ndim] for position in fields[key])
    return prompt_from_json(fields)


def mask_parts(mask: NDArray[Any], region: Region) -> MaskParts:
    """The voxels of a region of the mask as messages: wire region and compressed bytes, each small enough."""
    volume = as_volume(mask[region.slices], len(region.lower))
    x0, y0, z0, x1, y1, z1 = region_to_wire(region)
    rows = max(1, MASK_VOXELS // max(1, (x1 - x0) * mask.dtype.itemsize))
    slices = max(1, rows // max(1, y1 - y0))
    for k in range(z0, z1, slices):
        for j in range(y0, y1, rows):
            top = (x1, min(y1, j + rows), min(z1, k + slices))
            part = volume[:, j - y0 : top[1] - y0, k - z0 : top[2] - z0]
            yield (x0, j, k, *top), encode_voxels(part)
