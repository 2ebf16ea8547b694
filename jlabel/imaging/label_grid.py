"""Bringing a label into its image's voxel grid, where both have the same voxels in space."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import LabelGridError
from jlabel.imaging.formats.plain_pictures import PICTURE_AFFINE
from jlabel.imaging.image import Image

#: Voxels of two grids are the same where they lie so close together, in voxels: headers round their numbers.
TOLERANCE = 0.05


def in_grid_of(image: Image, values: NDArray[Any], affine: NDArray[np.floating], path: Path | str) -> NDArray[Any]:
    """The label's values in the image's axis order; axes may be permuted and flipped, nothing is resampled.

    Args:
        image: The image.
        values: The label, 2D or 3D.
        affine: The label's affine, 4×4 to RAS mm.
        path: The label's file, for the error.

    Raises:
        LabelGridError: The voxels do not lie where the image's lie; the error gives both grids.
    """
    grid, shape = three_axes(image.shape), three_axes(values.shape)
    if not image.oriented and grid == shape and np.allclose(affine, PICTURE_AFFINE):
        return values.reshape(image.shape)  # neither knows of a patient, and only one of them of the size of a pixel
    step = np.linalg.inv(image.affine) @ np.asarray(affine, dtype=float)
    axes = _nearest_axes(step[:3, :3], shape, grid)
    if axes is None or tuple(shape[axis] for axis, _ in axes) != grid:
        raise LabelGridError(_differ(image, values, affine, path))
    turn = np.zeros((4, 4))
    turn[3, 3] = 1
    for target, (axis, sign) in enumerate(axes):
        turn[axis, target] = sign
        turn[axis, 3] = shape[axis] - 1 if sign < 0 else 0
    apart = grid_corners(grid) @ (step @ turn - np.eye(4)).T
    if not np.abs(apart[:, :3]).max() <= TOLERANCE:
        raise LabelGridError(_differ(image, values, affine, path))
    ordered = values.reshape(shape, order="A").transpose([axis for axis, _ in axes])
    flips = tuple(slice(None, None, -1) if sign < 0 else slice(None) for _, sign in axes)
    return ordered[flips].reshape(image.shape)


def three_axes(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """A shape with a third axis, of one slice in a picture."""
    i, j, k = (*shape, 1, 1)[:3]
    return i, j, k


def grid_corners(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The voxels in the eight corners of a grid: 8×4, with a 1 behind each index."""
    ends = np.array(np.meshgrid(*((0, n - 1) for n in shape), indexing="ij"), dtype=float).reshape(3, -1)
    return np.vstack([ends, np.ones(8)]).T


def is_turn(step: NDArray[np.floating]) -> bool:
    """Whether a 3×3 matrix of whole numbers takes each axis to one of its own, in steps of one voxel."""
    return np.array_equal(np.abs(step) @ np.abs(step).T, np.eye(3))


def _nearest_axes(
    step: NDArray[np.floating], shape: tuple[int, ...], grid: tuple[int, ...]
) -> list[tuple[int, int]] | None:
    """For each image axis: the label's axis along it and the sign; None where they do not line up."""
    rounded = np.rint(step)
    # An axis of one voxel takes no step, so its length may differ; its direction still has to be some axis of its own.
    for axis in range(3):
        if shape[axis] == 1 and np.isfinite(step).all():
            strongest = int(np.argmax(np.abs(step[:, axis])))
            rounded[:, axis] = 0
            rounded[strongest, axis] = np.sign(step[strongest, axis])
    if not np.isfinite(rounded).all() or not is_turn(rounded):
        return None
    axes = [int(np.argmax(np.abs(rounded[target]))) for target in range(3)]
    return [(axis, int(rounded[target, axis])) for target, axis in enumerate(axes)]


def _differ(image: Image, values: NDArray[Any], affine: NDArray[np.floating], path: Path | str) -> str:
    return (
        f"{path}: the label is not in the grid of its image. Label: shape {values.shape}, affine {_rows(affine)}. "
        f"Image: shape {image.shape}, affine {_rows(image.affine)}. Resample the label onto the image first."
    )


def _rows(affine: NDArray[np.floating]) -> str:
    return "[" + "; ".join(" ".join(f"{value:.5g}" for value in row) for row in affine[:3]) + "]"
