"""Turning an image, its prompts and the answer: to the order of axes that a bundle was made for, and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from jlabel.imaging import Image
from jlabel.imaging.region import Region
from jlabel.prompts.prompt import Position
from jlabel.tasks.request import InferRequest, InferResult


@dataclass(frozen=True)
class Reorientation:
    """Another order and direction of an image's axes; no voxel changes its value.

    Args:
        axes: For each axis of the turned image, which one of the image it is.
        flipped: For each axis of the turned image, whether it runs the other way.
        shape: Of the image.
    """

    axes: tuple[int, ...]
    flipped: tuple[bool, ...]
    shape: tuple[int, ...]

    def array(self, array: NDArray[Any], before: int = 0) -> NDArray[Any]:
        """An array in the image's grid, turned.

        Args:
            array: Shape of the image, with further axes before or after.
            before: How many axes come before those of the image.
        """
        others = range(before + len(self.axes), array.ndim)
        turned = np.transpose(array, (*range(before), *(before + axis for axis in self.axes), *others))
        return np.flip(turned, self._backwards(before))

    def back(self, array: NDArray[Any], before: int = 0) -> NDArray[Any]:
        """An array in the turned image's grid, in that of the image; arguments as for :meth:`array`."""
        array = np.flip(array, self._backwards(before))
        order = [before + int(axis) for axis in np.argsort(self.axes)]
        others = range(before + len(self.axes), array.ndim)
        return np.ascontiguousarray(np.transpose(array, (*range(before), *order, *others)))

    def position(self, position: Position) -> Position:
        """Where a voxel of the image is in the turned image."""
        ends = [self.shape[axis] - 1 for axis in self.axes]
        return tuple(
            end - position[axis] if flips else position[axis]
            for axis, flips, end in zip(self.axes, self.flipped, ends, strict=True)
        )

    def request(self, request: InferRequest) -> InferRequest:
        """The request with its image turned; its prompts stay as they are."""
        image = request.image
        turned = self.array(image.array)
        affine = image.affine @ self._into_image() if image.oriented else np.eye(4)
        return replace(request, image=replace(image, array=np.ascontiguousarray(turned), affine=affine))

    def result(self, result: InferResult, image: Image) -> InferResult:
        """The answer about the turned image, over the whole of it, in the image's grid."""
        sure = result.probabilities
        return replace(
            result,
            region=Region.whole(image.shape),
            values=self.back(result.values),
            shape=image.shape,
            probabilities=None if sure is None else self.back(sure, before=1),
        )

    def _backwards(self, before: int) -> tuple[int, ...]:
        return tuple(before + axis for axis, flips in enumerate(self.flipped) if flips)

    def _into_image(self) -> NDArray[np.float64]:
        """From an index in the turned image to one in the image."""
        matrix = np.zeros((4, 4))
        matrix[3, 3] = 1
        for turned, (axis, flips) in enumerate(zip(self.axes, self.flipped, strict=True)):
            matrix[axis, turned] = -1 if flips else 1
            matrix[axis, 3] = self.shape[axis] - 1 if flips else 0
        for axis in range(len(self.axes), 3):
            matrix[axis, axis] = 1
        return matrix


def as_monai_reads(image: Image) -> Reorientation | None:
    """How MONAI's reader turns a picture (its columns come first); None for an image that stays as it is."""
    return Reorientation((1, 0), (False, False), image.shape) if image.ndim == 2 and not image.oriented else None


def to_canonical(image: Image) -> Reorientation | None:
    """The turn of a volume to the order of axes that is nearest to RAS; None where it has it."""
    if image.ndim != 3:
        return as_monai_reads(image)
    ends = nib.orientations.io_orientation(image.affine)
    axes = tuple(int(np.flatnonzero(ends[:, 0] == axis)[0]) for axis in range(3))
    flipped = tuple(bool(ends[axis, 1] < 0) for axis in axes)
    return None if axes == (0, 1, 2) and not any(flipped) else Reorientation(axes, flipped, image.shape)
