"""One label of several: by the majority of votes, or by STAPLE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import LabelError
from jlabel.types import LabelMap


@dataclass(frozen=True)
class Consensus:
    """What several readers' labels of an image have in common.

    Attributes:
        image_id: The image.
        readers: Who read it.
        method: ``"majority"`` or ``"staple"``.
        voxels: How many voxels any of them gave a label.
        disagreed: On how many of these they did not all agree.
        ties: How many of these are background, since no value had the most votes (or STAPLE could not decide).
        values: The label values.
    """

    image_id: str
    readers: tuple[str, ...]
    method: str
    voxels: int
    disagreed: int
    ties: int
    values: LabelMap

    def info(self) -> dict[str, Any]:
        """All but the values, as JSON values."""
        return {
            "readers": list(self.readers),
            "method": self.method,
            "voxels": self.voxels,
            "disagreed": self.disagreed,
            "ties": self.ties,
        }


def majority(image_id: str, labels: Mapping[str, NDArray[Any]]) -> Consensus:
    """Each voxel gets the value that most readers gave it; the background where no value has the most votes.

    Args:
        image_id: The image.
        labels: Label values of one shape, by reader.

    Raises:
        LabelError: The shapes differ.

    Examples:
        >>> from jlabel.metrics import majority
        >>> labels = {"mia": np.array([[1, 1, 0]]), "ben": np.array([[1, 0, 0]]), "ada": np.array([[1, 1, 2]])}
        >>> found = majority("case_0", labels)
        >>> found.values.tolist(), found.voxels, found.disagreed, found.ties
        ([[1, 1, 0]], 3, 2, 0)
    """
    stack = _stacked(image_id, labels)
    winner = np.zeros(stack.shape[1:], stack.dtype)
    most = np.zeros(stack.shape[1:], np.uint8)
    tied = np.zeros(stack.shape[1:], bool)
    for value in np.unique(stack):
        votes = np.count_nonzero(stack == value, axis=0).astype(np.uint8)
        better = votes > most
        tied = np.where(better, False, tied | ((votes == most) & (votes > 0)))
        winner[better], most = value, np.maximum(most, votes)
    winner[tied] = 0
    return _consensus(image_id, labels, "majority", stack, winner, tied)


def staple(image_id: str, labels: Mapping[str, NDArray[Any]]) -> Consensus:
    """Simultaneous Truth And Performance Level Estimation for several labels, by SimpleITK.

    Warfield, Zou, Wells, IEEE Transactions on Medical Imaging 23 (2004), 903-921; Rohlfing, Russakoff, Maurer,
    IEEE Transactions on Medical Imaging 23 (2004), 983-994.

    Args:
        image_id: The image.
        labels: As for :func:`majority`.

    Raises:
        LabelError: The shapes differ, or SimpleITK is missing.

    Examples:
        >>> from jlabel.metrics import staple
        >>> mask = np.zeros((6, 6), np.uint8)
        >>> mask[1:5, 1:5] = 1
        >>> staple("case_0", {"mia": mask, "ben": mask, "ada": mask * 0}).values.sum()
        np.uint64(16)
    """
    try:
        import SimpleITK
    except ImportError as error:
        raise LabelError(
            'STAPLE needs SimpleITK: pip install "jlabel[simpleitk]", or make the consensus by method="majority"'
        ) from error
    stack = _stacked(image_id, labels)
    undecided = int(stack.max()) + 1
    if not stack.any():
        return _consensus(image_id, labels, "staple", stack, stack[0], np.zeros(stack.shape[1:], bool))
    dtype = np.uint8 if undecided < 256 else np.uint16
    sitk: Any = SimpleITK
    images = [sitk.GetImageFromArray(np.ascontiguousarray(one.astype(dtype))) for one in stack]
    found = sitk.GetArrayFromImage(sitk.MultiLabelSTAPLE(images, undecided))
    tied = found == undecided
    return _consensus(image_id, labels, "staple", stack, np.where(tied, 0, found).astype(stack.dtype), tied)


def _stacked(image_id: str, labels: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    shapes = {name: one.shape for name, one in labels.items()}
    if len(set(shapes.values())) != 1:
        raise LabelError(f"the labels of {image_id!r} are of different shapes: {shapes}")
    return np.stack([*labels.values()])


def _consensus(
    image_id: str, labels: Mapping[str, Any], method: str, stack: NDArray[Any], values: NDArray[Any], tied: NDArray[Any]
) -> Consensus:
    touched = stack.any(axis=0)
    disagreed = (stack != stack[0]).any(axis=0)
    voxels, differing, ties = (int(np.count_nonzero(one)) for one in (touched, disagreed, tied & touched))
    return Consensus(image_id, tuple(labels), method, voxels, differing, ties, values)
