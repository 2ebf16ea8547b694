"""The prompts of users: clicks, boxes, scribbles, lassos and initial masks.

Positions are voxel indices in the image array's own axis order: ``(i, j)`` in a 2D image, ``(i, j, k)`` in a volume.
Every interactive task takes the same types, so a new task needs no new widget code.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from jlabel.errors import PromptError

Position = tuple[int, ...]

MOST_POSITIONS = 20_000
"""Positions of one scribble or lasso; of more, as many are used, evenly apart: checking a million takes seconds."""


@dataclass(frozen=True)
class Click:
    """A point that a user clicked, inside or outside of the structure.

    Attributes:
        position: Voxel index ``(i, j, k)``, or ``(i, j)`` in a 2D image.
        positive: True for a point inside of the structure, False for one outside.
        label: The name of the structure; the one that the request is about if empty.

    Raises:
        PromptError: The position is not a sequence of whole numbers.

    Examples:
        >>> jlabel.Click((6, 5, 4))
        Click(position=(6, 5, 4), positive=True, label='')
        >>> outside = jlabel.Click((0, 0, 0), positive=False)
        >>> outside.positive
        False
    """

    position: Position
    positive: bool = True
    label: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "position", _position(self.position))


@dataclass(frozen=True)
class Box:
    """A box that a user drew around the structure.

    Both corners belong to the box. Corners may be given in any order along each axis; they are sorted.

    Attributes:
        lower: Voxel index ``(i, j, k)`` or ``(i, j)`` of the first voxel inside of the box.
        upper: Voxel index of the last voxel inside of the box. A box in one slice has the same index in ``lower`` and
            ``upper`` along the axis across the slice.
        label: The name of the structure; the one that the request is about if empty.

    Raises:
        PromptError: The corners have different numbers of indices.

    Examples:
        >>> box = jlabel.Box((9, 2, 1), (3, 8, 7))
        >>> box.lower, box.upper
        ((3, 2, 1), (9, 8, 7))
        >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
        >>> result = manager.infer("click", "case_0", [box], label="liver")
        >>> bool(result.mask[6, 5, 4])
        True
        >>> manager.close()
    """

    lower: Position
    upper: Position
    label: str = ""

    def __post_init__(self) -> None:
        lower, upper = _position(self.lower), _position(self.upper)
        if len(lower) != len(upper):
            raise PromptError(f"a box's corners must have as many indices each, not {lower} and {upper}")
        object.__setattr__(self, "lower", tuple(min(a, b) for a, b in zip(lower, upper, strict=True)))
        object.__setattr__(self, "upper", tuple(max(a, b) for a, b in zip(lower, upper, strict=True)))


@dataclass(frozen=True)
class Scribble:
    """Voxels that a user drew over, all inside or all outside of the structure.

    Attributes:
        positions: Voxel indices ``(i, j, k)`` or ``(i, j)``, at least one. Of more than 20,000, so many are used,
            evenly apart, and a warning says so.
        positive: True for voxels inside of the structure, False for voxels outside.
        label: The name of the structure; the one that the request is about if empty.

    Raises:
        PromptError: There is no position, or the positions have different numbers of indices.

    Examples:
        >>> inside = jlabel.Scribble(((5, 5, 4), (6, 5, 4), (7, 5, 4)))
        >>> outside = jlabel.Scribble(((0, 0, 0), (1, 0, 0)), positive=False)
        >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
        >>> result = manager.infer("histogram_graph_cut", "case_0", [inside, outside], label="liver")
        >>> bool(result.mask[6, 5, 4]), bool(result.mask[0, 0, 0])
        (True, False)
        >>> manager.close()
    """

    positions: tuple[Position, ...]
    positive: bool = True
    label: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "positions", _positions(self.positions, 1, "a scribble"))


@dataclass(frozen=True)
class Lasso:
    """A closed outline that a user drew in one slice.

    Attributes:
        points: Voxel indices ``(i, j, k)`` or ``(i, j)`` along the outline, at least three. In a volume all have the
            same index along the axis ``plane``.
        plane: The array axis across the slice: 0, 1 or 2.
        positive: True for an outline around the structure, False for one around background.
        label: The name of the structure; the one that the request is about if empty.

    Raises:
        PromptError: There are fewer than three points, or they do not lie in one slice.

    Examples:
        >>> outline = jlabel.Lasso(((3, 2, 4), (3, 8, 4), (9, 8, 4), (9, 2, 4)), plane=2)
        >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
        >>> result = manager.infer("click_2d", "case_0", [outline], label="liver", axis=2)
        >>> bool(result.mask[6, 5, 4]), int(result.mask[:, :, 3].sum())
        (True, 0)
        >>> manager.close()
    """

    points: tuple[Position, ...]
    plane: int
    positive: bool = True
    label: str = ""

    def __post_init__(self) -> None:
        points = _positions(self.points, 3, "a lasso")
        axes = len(points[0])
        if axes != 2 and not 0 <= self.plane < axes:
            raise PromptError(f"a lasso's plane is an array axis, 0 to {axes - 1}, not {self.plane}")
        if axes == 3 and len({point[self.plane] for point in points}) != 1:
            raise PromptError(f"a lasso lies in one slice: its points must share their index along axis {self.plane}")
        object.__setattr__(self, "points", points)


@dataclass(frozen=True, eq=False)
class InitialMask:
    """A mask that the model starts from and that further prompts correct.

    Attributes:
        mask: Shape ``(i, j, k)`` or ``(i, j)``, that of the image; True (or not 0) inside of the structure.
        label: The name of the structure; the one that the request is about if empty.

    Examples:
        >>> mask = np.zeros((12, 10, 8), bool)
        >>> mask[4:9, 3:8, 2:7] = True
        >>> prompts = [jlabel.InitialMask(mask), jlabel.Click((4, 3, 2), positive=False)]
        >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
        >>> result = manager.infer("click", "case_0", prompts, label="liver")
        >>> bool(result.mask[6, 5, 4]), bool(result.mask[4, 3, 2])
        (True, False)
        >>> manager.close()
    """

    mask: NDArray[Any]
    label: str = ""


Prompt = Click | Box | Scribble | Lasso | InitialMask
"""Any of the five kinds of prompts.

Examples:
    >>> isinstance(jlabel.Click((6, 5, 4)), jlabel.Prompt)
    True
    >>> def clicks(prompts: list[jlabel.Prompt]) -> list[jlabel.Prompt]:
    ...     return [prompt for prompt in prompts if isinstance(prompt, jlabel.Click)]
    >>> len(clicks([jlabel.Click((6, 5, 4)), jlabel.Box((3, 2, 1), (9, 8, 7))]))
    1
"""


def _position(position: Sequence[int]) -> Position:
    try:
        return tuple(int(index) for index in position)
    except (TypeError, ValueError, OverflowError) as error:
        raise PromptError(f"a position is a tuple of voxel indices, not {position!r}") from error


def _positions(positions: Iterable[Sequence[int]], least: int, what: str) -> tuple[Position, ...]:
    positions = _thinned(positions, what)
    points = tuple(_position(position) for position in positions)
    if len(points) < least:
        raise PromptError(f"{what} needs at least {least} position(s), not {len(points)}")
    if len({len(point) for point in points}) != 1:
        raise PromptError(f"the positions of {what} must have as many indices each")
    return points


def _thinned(positions: Iterable[Sequence[int]], what: str) -> Iterable[Sequence[int]]:
    """The positions, or so many of them as are used, before any is looked at."""
    listed: Any = positions if hasattr(positions, "__len__") and hasattr(positions, "__getitem__") else tuple(positions)
    count = len(listed)
    if count <= MOST_POSITIONS:
        return listed  # type: ignore[no-any-return]
    warnings.warn(thinning(count, what), stacklevel=5)
    return [listed[number * (count - 1) // (MOST_POSITIONS - 1)] for number in range(MOST_POSITIONS)]


def thinning(count: int, what: str) -> str:
    """What is done with too many positions, in words."""
    return f"{what} of {count:,} positions: {MOST_POSITIONS:,} of them are used, evenly apart"
