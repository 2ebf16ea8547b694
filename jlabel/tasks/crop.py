"""The part of an image that an interactive task works on, and the structure that it finds there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.region import Region, bounding_region
from jlabel.prompts.prompt import InitialMask, Prompt
from jlabel.prompts.prompt_geometry import prompt_region

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Crop:
    """The part of an image that an interactive task works on.

    Attributes:
        array: The voxels: shape (i, j, k), or (i, j) for a task of dimension 2; a last axis of 3 in an RGB image.
        spacing: mm along each spatial axis of ``array``.
        prompts: In voxel indices of ``array``.
        region: Where it lies in the image.
        dropped: The image axis along which the region is one slice thick and which ``array`` does not have, or None.
    """

    array: NDArray[Any]
    spacing: tuple[float, ...]
    prompts: tuple[Prompt, ...]
    region: Region
    dropped: int | None

    @property
    def ndim(self) -> int:
        """The number of spatial axes, 2 or 3."""
        return len(self.spacing)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape ``(i, j, k)`` or ``(i, j)``, without the colour axis."""
        return tuple(self.array.shape[: self.ndim])


@dataclass(frozen=True, eq=False)
class Found:
    """A structure in a region of an image.

    Attributes:
        region: Where.
        inside: Its voxels: bool, ``region.shape``.
        probabilities: The probability that a voxel belongs to it, 0 to 1, of ``region.shape``; None if it is not known.
    """

    region: Region
    inside: Mask
    probabilities: NDArray[np.float16] | None = None


def pointed_region(prompts: Sequence[Prompt]) -> Region | None:
    """The smallest region that holds what was pointed at; around an initial mask only where it is the one prompt.

    A mask may be a whole organ, and to change a part of it only that part's surroundings are needed.
    """
    pointed = [prompt for prompt in prompts if not isinstance(prompt, InitialMask)]
    return prompt_region(pointed or prompts)


def is_cut_off(found: Found, shape: tuple[int, ...]) -> bool:
    """Whether the structure reaches a side of the region that is not the image's own edge.

    Args:
        found: The structure.
        shape: The image's.
    """
    inside = bounding_region(found.inside)
    if inside is None:
        return False
    sides = zip(inside.lower, inside.upper, found.region.lower, found.region.upper, shape, strict=True)
    return any(
        upper - lower > 1 and ((low == 0 and lower > 0) or (up == upper - lower and upper < whole))
        for low, up, lower, upper, whole in sides
    )
