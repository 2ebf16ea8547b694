"""What a person points at: clicks, boxes, scribbles, lassos and initial masks.

Positions are voxel indices in the image array's own axis order: ``(i, j)`` in a 2D image, ``(i, j, k)`` in a volume.
Every interactive task takes the same types, so a new task needs no new widget code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray

from jlabel.errors import PromptError
from jlabel.imaging.region import Region, bounding_region

Position = tuple[int, ...]


@dataclass(frozen=True)
class Click:
    """A point inside (positive) or outside (negative) the structure."""

    position: Position
    positive: bool = True
    label: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "position", _position(self.position))


@dataclass(frozen=True)
class Box:
    """A box around the structure; ``lower`` and ``upper`` are its first and last voxel, both inside."""

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
    """Voxels drawn over, all inside (positive) or all outside the structure; at least one."""

    positions: tuple[Position, ...]
    positive: bool = True
    label: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "positions", _positions(self.positions, 1, "a scribble"))


@dataclass(frozen=True)
class Lasso:
    """A closed outline drawn in one slice: ``points`` all share their index along the array axis ``plane``."""

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
    """A mask to start from: True (or not 0) inside the structure; of the image's own shape."""

    mask: NDArray[Any]
    label: str = ""


Prompt = Click | Box | Scribble | Lasso | InitialMask


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
    try:
        return kind(**{key: value for key, value in data.items() if key != "kind"})
    except TypeError as error:
        raise PromptError(f"{kind.__name__} cannot be made from {sorted(data)}: {error}") from error


def _position(position: Sequence[int]) -> Position:
    try:
        return tuple(int(index) for index in position)
    except (TypeError, ValueError) as error:
        raise PromptError(f"a position is a tuple of voxel indices, not {position!r}") from error


def _positions(positions: Iterable[Sequence[int]], least: int, what: str) -> tuple[Position, ...]:
    points = tuple(_position(position) for position in positions)
    if len(points) < least:
        raise PromptError(f"{what} needs at least {least} position(s), not {len(points)}")
    if len({len(point) for point in points}) != 1:
        raise PromptError(f"the positions of {what} must have as many indices each")
    return points
