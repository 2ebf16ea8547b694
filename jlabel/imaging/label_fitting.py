"""Putting a label that was drawn in another voxel grid into the grid of its image."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.errors import LabelError
from jlabel.imaging.image import Image
from jlabel.imaging.label_files import read_label_values
from jlabel.imaging.label_grid import TOLERANCE, grid_corners, is_turn, three_axes
from jlabel.types import Affine, LabelMap

Fit = Literal["cropped", "padded", "shifted", "resampled"]
# Pictures whose sides have the same ratio, to this part, are the same picture in two sizes.
_SAME_RATIO = 0.02


@dataclass(frozen=True)
class FittedLabel:
    """A label in the grid of an image.

    Attributes:
        mask: Label values of the image's shape, ``(i, j, k)`` or ``(i, j)``.
        how: ``"cropped"`` (the label's grid goes beyond the image), ``"padded"`` (the image goes beyond the label),
            ``"shifted"`` (both), each without any loss within the image; or ``"resampled"`` (to the nearest voxel).
        left_out: How many labelled voxels lie outside of the image.
    """

    mask: LabelMap
    how: Fit
    left_out: int


def read_fitted_label(path: Path | str, image: Image) -> FittedLabel:
    """Read a label file and put it into the grid of an image, whatever grid it has itself.

    Args:
        path: The label file.
        image: The image that the label belongs to.

    Raises:
        ImageError: The file cannot be read.
        LabelError: Its values are no label, or it does not lie where the image lies.
    """
    values, affine = read_label_values(path)
    return fit_label(values, affine, image, path)


def fit_label(values: LabelMap, affine: Affine, image: Image, path: Path | str) -> FittedLabel:
    """Put a label into the grid of an image: each voxel of the image takes the label's voxel at its place.

    Where the voxels of both grids lie in the same places, that is lossless; else the nearest voxel counts. Pictures
    that are in no patient are scaled, where their sides have the same ratio.

    Args:
        values: The label, of shape ``(i, j, k)`` or ``(i, j)``.
        affine: The label's affine, 4×4 to RAS+ mm.
        image: The image.
        path: The label's file, for the error.

    Raises:
        LabelError: No voxel of the image lies within the label, or the pictures have sides of another ratio.
    """
    label = values.reshape(three_axes(values.shape), order="A")
    grid = three_axes(image.shape)
    step = np.linalg.inv(affine) @ image.affine if image.oriented else _scaling(label.shape, grid, image, path)
    whole = np.rint(step)
    moves = (step - whole) @ grid_corners(grid).T
    lossless = np.abs(moves[:3]).max() <= TOLERANCE and is_turn(whole[:3, :3])
    used = whole if lossless else step
    if not _overlaps(used, grid, label.shape):
        raise LabelError(f"{path}: the label lies elsewhere than its image; no voxel of the image is within it")
    mask = _taken(label, used, grid)
    left_out = int(np.count_nonzero(label)) - int(
        np.count_nonzero(_taken(_ones(grid), np.linalg.inv(used), label.shape) & (label > 0))
    )
    return FittedLabel(mask.reshape(image.shape, order="A"), _how(used, grid, label.shape, lossless), left_out)


def _scaling(shape: tuple[int, ...], grid: tuple[int, ...], image: Image, path: Path | str) -> NDArray[np.float64]:
    ratios = np.array(shape) / np.array(grid)
    if abs(ratios[0] / ratios[1] - 1) > _SAME_RATIO or shape[2] != grid[2]:
        raise LabelError(
            f"{path}: the label has shape {shape[: image.ndim]} and its image {image.shape}: the sides have another "
            "ratio, so the label is of another picture"
        )
    step = np.diag([*ratios, 1.0])
    step[:3, 3] = ratios / 2 - 0.5
    return step


def _ones(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    # One value, seen everywhere: takes no memory.
    return np.broadcast_to(np.uint8(1), shape)


def _taken(label: NDArray[Any], step: NDArray[np.floating], grid: tuple[int, ...]) -> NDArray[Any]:
    """For each voxel of the grid the label's at the place that ``step`` gives, 0 outside of it."""
    found: NDArray[Any] = ndimage.affine_transform(
        label, step[:3, :3], step[:3, 3], grid, output=label.dtype, order=0, mode="constant", cval=0
    )
    return np.asfortranarray(found)


def _bounds(step: NDArray[np.floating], grid: tuple[int, ...]) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """The box of the image in voxels of the label."""
    corners = (step @ grid_corners(grid).T)[:3]
    return corners.min(axis=1), corners.max(axis=1)


def _overlaps(step: NDArray[np.floating], grid: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    lower, upper = _bounds(step, grid)
    return bool(np.all(upper > -0.5) and np.all(lower < np.array(shape) - 0.5))


def _how(step: NDArray[np.floating], grid: tuple[int, ...], shape: tuple[int, ...], lossless: bool) -> Fit:
    if not lossless:
        return "resampled"
    lower, upper = _bounds(step, grid)
    within = np.all(lower > -0.5) and np.all(upper < np.array(shape) - 0.5)
    beyond = np.all(lower < 0.5) and np.all(upper > np.array(shape) - 1.5)
    return "cropped" if within else "padded" if beyond else "shifted"
