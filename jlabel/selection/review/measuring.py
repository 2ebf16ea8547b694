"""Measuring a label: one look at each of its structures, within its bounding box."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.imaging.image import Image
from jlabel.imaging.voxel_size import voxel_ml
from jlabel.selection.review.borders import DEPTHS, Range, body_axes, contact, intensity_range, side_contrasts, surface
from jlabel.selection.review.forgotten_slices import largest_gap
from jlabel.selection.review.label_measures import Gap, LabelMeasures, StructureMeasures
from jlabel.types import LabelMap, Mask

#: So many voxels around the label show what the image looks like there.
_AROUND = 4
#: So many voxels around a structure are looked at across its border.
_RIM = max(DEPTHS) + 1
_Box = tuple[slice, ...]


def measure_label(mask: LabelMap, image: Image, values: Collection[int]) -> LabelMeasures:
    """Measure structures of a label.

    Args:
        mask: Label values, shape ``(i, j, k)`` or ``(i, j)``.
        image: Its image, of the same shape.
        values: The values of the structures; others are only listed.
    """
    extent = float(np.linalg.norm(np.multiply(image.shape, image.spacing))) if image.oriented else 1.0
    labelled, sized = _box(mask), voxel_ml(image) is not None
    if labelled is None:
        return LabelMeasures({}, sized, image.oriented, extent)
    seen = intensity_range(_intensities(image, _grown(labelled, image.shape, _AROUND)))
    boxes = {value: box for value, box in enumerate(ndimage.find_objects(mask), start=1) if box is not None}
    return LabelMeasures(
        structures={value: _measure(mask, value, box, image, seen) for value, box in boxes.items() if value in values},
        sized=sized,
        oriented=image.oriented,
        extent=extent,
        place=_place(labelled, image),
        gap=_moved(largest_gap(mask[labelled] > 0), labelled),
        others=tuple(value for value in boxes if value not in values),
    )


def _measure(mask: LabelMap, value: int, box: _Box, image: Image, seen: Range) -> StructureMeasures:
    inside = mask[box] == value
    rim = _grown(box, image.shape, _RIM)
    around, intensities = mask[rim] == value, _intensities(image, rim)
    voxels, ml = int(np.count_nonzero(inside)), voxel_ml(image)
    axes, spacing = body_axes(image), image.spacing
    parts, largest = _parts(inside)
    holes, hollow = _holes(inside, mask[box])
    whole = surface(np.pad(inside, 1), spacing)
    return StructureMeasures(
        voxels=voxels,
        size=voxels / mask.size if ml is None else voxels * ml,
        parts=parts,
        apart=1 - largest / voxels,
        holes=holes,
        hollow=hollow / voxels,
        place=_place(box, image),
        shape=_off_centre(inside, axes),
        contact=float(contact(around, mask[rim], spacing) / whole),
        roughness=_roughness(whole, voxels, spacing),
        intensity=(_mean(intensities[around]) - seen.middle) / seen.width,
        contrast=tuple(step / seen.width for step in side_contrasts(around, intensities, axes)),
        gap=_moved(largest_gap(inside), box),
    )


def _roughness(whole: float, voxels: int, spacing: tuple[float, ...]) -> float:
    """The surface over that of a cube (in 2D: the outline over that of a square) of the same size."""
    ndim = len(spacing)
    volume = voxels * float(np.prod(spacing))
    return float(whole / (2 * ndim * volume ** ((ndim - 1) / ndim)))


def _parts(inside: Mask) -> tuple[int, int]:
    """How many connected parts there are, and the voxels of the largest."""
    parts, count = ndimage.label(inside, np.ones((3,) * inside.ndim))
    return int(count), int(np.bincount(parts.ravel())[1:].max())


def _off_centre(inside: Mask, axes: list[tuple[int, bool]]) -> tuple[float, ...]:
    found = [0.0] * 3
    for axis, (body, reverse) in enumerate(axes):
        planes = np.count_nonzero(inside, axis=tuple(other for other in range(inside.ndim) if other != axis))
        middle = (np.arange(len(planes)) * planes).sum() / planes.sum() - (len(planes) - 1) / 2
        found[body] = float(-middle if reverse else middle) / len(planes)
    return tuple(found)


def _mean(values: NDArray[Any]) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean(dtype=np.float64)) if finite.size else np.nan


def _holes(inside: Mask, values: LabelMap) -> tuple[int, int]:
    """How many parts of the background are enclosed, and their voxels; a hole that another label fills is none."""
    parts, count = ndimage.label(np.pad(~inside, 1, constant_values=True))
    if count == 1:
        return 0, 0
    core = parts[(slice(1, -1),) * inside.ndim]
    enclosed = core[(values == 0) & (core != parts[(0,) * inside.ndim])]
    return len(np.unique(enclosed)), int(enclosed.size)


def _box(mask: LabelMap) -> _Box | None:
    """The bounding box of all labels; None for an empty label."""
    found = []
    for axis in range(mask.ndim):
        filled_planes = np.flatnonzero(mask.any(axis=tuple(other for other in range(mask.ndim) if other != axis)))
        if not filled_planes.size:
            return None
        found.append(slice(int(filled_planes[0]), int(filled_planes[-1]) + 1))
    return tuple(found)


def _grown(box: _Box, shape: tuple[int, ...], by: int) -> _Box:
    return tuple(
        slice(max(0, part.start - by), min(size, part.stop + by)) for part, size in zip(box, shape, strict=True)
    )


def _place(box: _Box, image: Image) -> tuple[float, ...]:
    """The middle of a box, from the middle of the image: mm in the patient, else shares of the image's sides."""
    from_middle = [(part.start + part.stop - size) / 2 for part, size in zip(box, image.shape, strict=True)]
    if not image.oriented:
        return tuple(step / size for step, size in zip(from_middle, image.shape, strict=True))
    return tuple(float(one) for one in image.affine[:3, : image.ndim] @ from_middle)


def _intensities(image: Image, box: _Box) -> NDArray[Any]:
    """The intensities in a box; NaN where there is no measurement."""
    values = image.array[box]
    if image.channels == "rgb":
        return np.asarray(values.mean(axis=-1))
    if image.padding is None:
        return values
    low, high = image.padding
    return np.where((values >= low) & (values <= high), np.float32(np.nan), values.astype(np.float32))


def _moved(gap: Gap, box: _Box) -> Gap:
    """A gap that was found in a box, in the slices of the image."""
    start = box[gap.axis].start
    return replace(gap, first=gap.first + start, last=gap.last + start)
