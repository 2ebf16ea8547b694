"""Frames of a SEG that do not lie on the voxels of an image: put into the image voxel by voxel, the nearest counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError, LabelError
from jlabel.exchange.dicom_seg.segment import Block, cropped, joined
from jlabel.imaging import Image
from jlabel.imaging.formats.dicom_slices import UNEVEN, Slice, check_alike, grid_affine
from jlabel.imaging.label_fitting import fit_label
from jlabel.imaging.label_grid import three_axes


def resampled(path: Path, image: Image, frames: Sequence[tuple[Slice, NDArray[np.bool_]]]) -> tuple[Block, int]:
    """The voxels of an image within a segment, and how many of the segment's own voxels lie outside of it.

    Args:
        path: The file, named in errors.
        image: The image.
        frames: Where each frame of the segment lies, and its pixels, the column first, then the row. Frames
            may be missing.

    Raises:
        ImageError: The frames make no even grid.
    """
    slices = [lies for lies, _ in frames]
    check_alike(path, slices)
    heights = np.array([float(lies.position @ slices[0].normal) for lies in slices])
    gaps = np.diff(np.unique(np.round(heights, 3)))
    gap = float(gaps.min()) if gaps.size else slices[0].thickness
    at = (heights - heights.min()) / gap
    if np.abs(at - np.rint(at)).max() > UNEVEN:
        raise ImageError(path, "has unevenly spaced frames, which cannot be resampled")
    first = slices[int(np.argmin(heights))]
    affine = grid_affine(path, [first])
    affine[:3, 2] *= gap / np.linalg.norm(affine[:3, 2])
    # Empty voxels on every side, since the outer half of the outermost voxels belongs to the segment too.
    affine[:3, 3] -= affine[:3, :3].sum(axis=1)
    columns, rows = frames[0][1].shape
    label = np.zeros((columns + 2, rows + 2, int(np.rint(at.max())) + 3), np.uint8, order="F")
    for index, (_, mask) in zip(np.rint(at).astype(int), frames, strict=True):
        label[1:-1, 1:-1, index + 1] |= mask
    try:
        fitted = fit_label(label, affine, image, path)
    except LabelError:  # the segment lies elsewhere
        return joined([]), int(np.count_nonzero(label))
    block, _ = cropped(Block((0, 0, 0), fitted.mask.reshape(three_axes(image.shape), order="A") > 0), image.shape)
    return block, fitted.left_out
