"""Prompts of a volume as a task of dimension 2 sees them: those of one slice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from jlabel.imaging.region import bounding_region
from jlabel.prompts.prompt import Box, InitialMask, Position, Prompt, Scribble
from jlabel.prompts.prompt_geometry import prompt_positions


def slice_of(prompt: Prompt, axis: int) -> int:
    """The slice along ``axis`` that a prompt points at; the middle one where it spans several."""
    if isinstance(prompt, InitialMask):
        found = bounding_region(prompt.mask)
        return 0 if found is None else (found.lower[axis] + found.upper[axis]) // 2
    indices = sorted(position[axis] for position in prompt_positions(prompt))
    return indices[len(indices) // 2] if not isinstance(prompt, Box) else (indices[0] + indices[-1]) // 2


def cut_to_slice(prompt: Prompt, axis: int, index: int) -> Prompt | None:
    """The part of a prompt that lies in the slice, or None where none does."""
    if isinstance(prompt, InitialMask):
        return _cut_mask(prompt, axis, index)
    if isinstance(prompt, Box):
        if not prompt.lower[axis] <= index <= prompt.upper[axis]:
            return None
        return replace(prompt, lower=_at(prompt.lower, axis, index), upper=_at(prompt.upper, axis, index))
    inside = tuple(position for position in prompt_positions(prompt) if position[axis] == index)
    if isinstance(prompt, Scribble):
        return replace(prompt, positions=inside) if inside else None
    return prompt if len(inside) == len(prompt_positions(prompt)) else None


def _cut_mask(prompt: InitialMask, axis: int, index: int) -> InitialMask | None:
    where = (slice(None),) * axis + (index,)
    if not prompt.mask[where].any():
        return None
    mask = np.zeros_like(prompt.mask)
    mask[where] = prompt.mask[where]
    return replace(prompt, mask=mask)


def _at(position: Position, axis: int, index: int) -> Position:
    return (*position[:axis], index, *position[axis + 1 :])
