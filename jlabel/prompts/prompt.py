"""The prompts of users: clicks, boxes, scribbles, lassos and initial masks.

Positions are voxel indices in the image array's own axis order: ``(i, j)`` in a 2D image, ``(i, j, k)`` in a volume.
Every interactive task takes the same types, so a new task needs no new widget code.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray

from jlabel.errors import PromptError
from jlabel.imaging.region import Region, bounding_region

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


def check_prompts(prompts: Iterable[Prompt], shape: Sequence[int]) -> tuple[Prompt, ...]:
    """The prompts as a tuple, after checking that every one fits an image of that shape.

    Raises:
        PromptError: A prompt has another number of indices than the image, or lies outside it.
    """
    checked = tuple(prompts)
    for prompt in checked:
        if isinstance(prompt, InitialMask):
            if prompt.mask.shape != tuple(shape):
                raise PromptError(f"an initial mask has the image's shape {tuple(shape)}, not {prompt.mask.shape}")
            continue
        for position in prompt_positions(prompt):
            if len(position) != len(shape):
                raise PromptError(
                    f"{type(prompt).__name__} at {position}: the image has {len(shape)} axes, so a position has "
                    f"{len(shape)} indices"
                )
            if not all(0 <= index < n for index, n in zip(position, shape, strict=True)):
                raise PromptError(f"{type(prompt).__name__} at {position} lies outside the image of shape {shape}")
    return checked


def prompt_positions(prompt: Prompt) -> tuple[Position, ...]:
    """The positions that make up a prompt; none for an initial mask."""
    if isinstance(prompt, Click):
        return (prompt.position,)
    if isinstance(prompt, Box):
        return (prompt.lower, prompt.upper)
    if isinstance(prompt, Scribble):
        return prompt.positions
    if isinstance(prompt, Lasso):
        return prompt.points
    return ()


def prompt_region(prompts: Iterable[Prompt]) -> Region | None:
    """The smallest region that holds all prompts, or None where they have no extent."""
    region: Region | None = None
    for prompt in prompts:
        if isinstance(prompt, InitialMask):
            part = bounding_region(prompt.mask)
        else:
            part = Region.around(prompt_positions(prompt))
        if part is not None:
            region = part if region is None else region.union(part)
    return region


def move_into(prompt: Prompt, region: Region, dropped_axis: int | None = None) -> Prompt:
    """The same prompt in the coordinates of a region of the image.

    Args:
        prompt: Must lie inside the region (boxes are cut to it).
        region: The part of the image that a task works on.
        dropped_axis: An axis along which the region is one voxel thick and which the task does not see.
    """

    def move(position: Position) -> Position:
        inside = [
            min(max(index - low, 0), up - low - 1)
            for index, low, up in zip(position, region.lower, region.upper, strict=True)
        ]
        if dropped_axis is not None:
            del inside[dropped_axis]
        return tuple(inside)

    if isinstance(prompt, Click):
        return replace(prompt, position=move(prompt.position))
    if isinstance(prompt, Box):
        return replace(prompt, lower=move(prompt.lower), upper=move(prompt.upper))
    if isinstance(prompt, Scribble):
        return replace(prompt, positions=tuple(move(p) for p in prompt.positions))
    if isinstance(prompt, Lasso):
        plane = prompt.plane if dropped_axis is None else 2
        return replace(prompt, points=tuple(move(p) for p in prompt.points), plane=plane)
    mask = prompt.mask[region.slices]
    return replace(prompt, mask=mask if dropped_axis is None else mask.squeeze(dropped_axis))


def prompt_to_json(prompt: Prompt) -> dict[str, Any]:
    """A prompt as plain JSON; an initial mask has no JSON form.

    Raises:
        PromptError: For an initial mask.
    """
    if isinstance(prompt, InitialMask):
        raise PromptError("an initial mask is not written as JSON; save it as a label")
    fields = {key: value for key, value in vars(prompt).items() if value is not None}
    return {"kind": type(prompt).__name__.lower(), **fields}


def prompt_from_json(data: dict[str, Any]) -> Prompt:
    """The prompt that :func:`prompt_to_json` wrote.

    Raises:
        PromptError: The kind is unknown or a field is missing.
    """
    kinds: dict[str, type[Click] | type[Box] | type[Scribble] | type[Lasso]] = {
        "click": Click,
        "box": Box,
        "scribble": Scribble,
        "lasso": Lasso,
    }
    kind = kinds.get(str(data.get("kind")))
    if kind is None:
        raise PromptError(f"unknown kind of prompt {data.get('kind')!r}; known: {', '.join(kinds)}")
    if not isinstance(data.get("positive", True), bool) or not isinstance(data.get("label", ""), str):
        raise PromptError(
            f"positive is true or false and label a text, not {data.get('positive')!r}, {data.get('label')!r}"
        )
    try:
        return kind(**{key: value for key, value in data.items() if key != "kind"})
    except TypeError as error:
        raise PromptError(f"{kind.__name__} cannot be made from {sorted(data)}: {error}") from error


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
