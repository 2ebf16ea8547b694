"""Where prompts are: whether they lie in an image, what region they span, and how they lie in a part of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from jlabel.errors import PromptError
from jlabel.imaging.region import Region, bounding_region
from jlabel.prompts.prompt import Box, Click, InitialMask, Lasso, Position, Prompt, Scribble


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


def prompt_place(prompt: Prompt) -> Position | None:
    """One voxel that a prompt points at: the click, the middle of a box or lasso, where a scribble began.

    >>> from jlabel.prompts.prompt_geometry import prompt_place
    >>> prompt_place(jlabel.Box((2, 4), (6, 9)))
    (4, 6)
    """
    if isinstance(prompt, Box | Lasso):
        corners = prompt_positions(prompt)
        return tuple(sum(axis) // len(corners) for axis in zip(*corners, strict=True)) if corners else None
    return next(iter(prompt_positions(prompt)), None)


def says_what_belongs(prompt: Prompt) -> bool:
    """Whether a prompt says what belongs to the structure, as a box does and what is positive."""
    return isinstance(prompt, Box) or (isinstance(prompt, Click | Scribble | Lasso) and prompt.positive)


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
