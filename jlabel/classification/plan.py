"""How large a classification network sees an image, and which intensities: planned from the images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from jlabel.errors import TaskError
from jlabel.imaging import Image
from jlabel.imaging.intensity import intensities

# The network halves every axis five times, and its norms need more than one voxel then.
_LEAST_EDGE = 64
_MOST_EDGE = {2: 128, 3: 64}
_LARGEST = 4096


@dataclass(frozen=True)
class ClassificationPlan:
    """What a network for whole images is made for.

    Attributes:
        size: Voxels along each axis of what it sees; every image is brought to that size.
        window: The intensities that become -1 and 1.
        colours: Channels of the image: 3 where it learnt from pictures in colours, else 1.
        mirrored: Whether the training has seen images mirrored.
    """

    size: tuple[int, ...]
    window: tuple[float, float]
    colours: int = 1
    mirrored: bool = False

    @property
    def dimension(self) -> int:
        """2 for pictures, 3 for volumes."""
        return len(self.size)

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @staticmethod
    def from_json(content: Mapping[str, Any]) -> ClassificationPlan:
        """The plan that :meth:`to_json` made.

        Raises:
            TaskError: It is none.
        """
        try:
            low, high = (float(value) for value in content["window"])
            size = tuple(int(edge) for edge in content["size"])
            plan = ClassificationPlan(size, (low, high), int(content["colours"]), bool(content["mirrored"]))
            plan._check()
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise TaskError(f"this is no plan of a classification network: {error!r}") from error
        return plan

    def _check(self) -> None:
        """Refuse what no plan comes to: a file that says so would fill the memory, whoever wrote it."""
        if self.dimension not in (2, 3) or not all(_LEAST_EDGE <= edge <= _LARGEST for edge in self.size):
            raise ValueError(f"an image is seen with 2 or 3 axes of {_LEAST_EDGE} to {_LARGEST} voxels")
        if not (np.isfinite(self.window).all() and self.window[0] < self.window[1]):
            raise ValueError("a window has two values, the smaller one first")
        if self.colours not in (1, 3):
            raise ValueError("an image has one channel, or three of colours")


def make_plan(images: Sequence[Image], mirrored: bool) -> ClassificationPlan:
    """Plan a network.

    The shape of the images is kept about as it is, and pictures are made coarser until they are 128 pixels long at
    most, volumes 64 voxels: that is what a CPU can look at some thousand times in minutes.

    Args:
        images: Some of those to learn from, at least one; all of them pictures, or all of them volumes.
        mirrored: Whether images are mirrored in training.
    """
    dimension = images[0].ndim
    shape = np.median([_extent(image) for image in images], axis=0)
    size = shape * min(1.0, _MOST_EDGE[dimension] / shape.max())
    edges = tuple(max(_LEAST_EDGE, round(float(edge))) for edge in size)
    found = [intensities(image) for image in images]
    low, high = min(one.low for one in found), max(one.high for one in found)
    colours = 3 if any(image.channels == "rgb" for image in images) else 1
    return ClassificationPlan(edges, (low, high), colours, mirrored)


def _extent(image: Image) -> list[float]:
    """Voxels along the patient's axes of a volume, as long as they would be in its finest spacing; of a picture its
    pixels."""
    if image.ndim == 2:
        return [float(n) for n in image.shape]
    order = np.argmax(np.abs(image.affine[:3, :3]) / np.asarray(image.spacing), axis=1)
    order = order if sorted(order.tolist()) == [0, 1, 2] else np.arange(3)
    finest = min(image.spacing)
    return [image.shape[axis] * image.spacing[axis] / finest for axis in order]
