"""What one prompt changes of a mask that contradicts it: a neighbourhood whose size follows the evidence.

The prompt's *side* is what the mask holds for a negative prompt, what it leaves free for a positive one. How far the
prompt lies from the mask's border says how thick the error is: one that was clicked in its middle is twice as thick.

1. What is near the prompt changes, what lies deep in its side or far off stays: these are seeds.
2. Distance and depth give log odds of a change, and intensities add theirs, as far as they tell the prompt's
   surroundings from the deep part. The better they do, the further the change goes along the border. Where they say
   little, distance is geodesic, so that edges of the image stop the change.
3. A random walk with these odds as its prior (Grady 2005) draws the border of the change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.imaging.connected import connected_to
from jlabel.interactive.geodesic import geodesic_distance
from jlabel.interactive.grid import WorkingGrid
from jlabel.interactive.image_features import Appearance, appearance, finite_channels
from jlabel.interactive.likelihood import likelihood
from jlabel.interactive.random_walker import random_walk
from jlabel.interactive.scale import Scale

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

# Chosen on made images (see tests/interactive/synthetic_cases.py), never on the shared sets. In units of the prompt's
# depth: what surely changes, how deep a change goes, and how far it goes without and with the intensities' support;
# deeper than _APART it points at a part of its own.
_SURE, _DEEP, _NEAR, _FAR = 0.9, 2.2, 1.0, 2.0
_APART = 1.5
_WHOLE = 1.5  # how far where nothing of the part lies deeper or further off: all of it may be wrong
_CENTRE = 0.7  # of the mask's inner radius, from which on a prompt may mean all of a part
_WHOLE_PART = 0.25  # of the trust in the intensities, up to which such a part counts as one
_SLOPE = 3.0  # log odds of a change at the prompt, 0 at the distance that it reaches
_TOLD_APART = 2.0  # log odds between the prompt's surroundings and the deep part that count as telling them apart
_STRAIGHT = 0.8  # how much of the distance is a straight line where they are told apart
_PRIOR_STRENGTH = 0.2
_COLOUR = 1.5  # weight of the intensities' log odds
_AROUND = 2.5  # blocks around the prompt that say what a step costs where there is no edge
_SWEEPS = 3
_BUDGET = (16_000, 30_000)


@dataclass(frozen=True, eq=False)
class Side:
    """A prompt and its side of a mask's border, on a working grid; all arrays have the grid's shape.

    Attributes:
        at: The blocks with a voxel of the prompt.
        mine: The blocks of the prompt's side.
        free: Those of them that may change: near enough, and nearer to this prompt than to one that says otherwise.
        depth: mm to the other side; 0 everywhere where the prompt is too far from it for that to say anything.
        straight: mm to the prompt.
        unit: Edge of a block along its finest axis, in mm.
    """

    at: Mask
    mine: Mask
    free: Mask
    depth: Floats
    straight: Floats
    unit: float


def local_change(
    array: NDArray[Any],
    spacing: Sequence[float],
    side: Mask,
    prompt: Mask,
    rivals: Mask,
    scale: Scale,
    kind: str = "gmm",
    check: Callable[[], None] = lambda: None,
) -> Mask:
    """The voxels that change side for a prompt: connected to it, on its side, at most ``scale.cap`` away.

    Args:
        array: Voxels of a crop, with a last axis of colours or without.
        spacing: mm along each spatial axis.
        side: The mask for a negative prompt, what is outside of it for a positive one.
        prompt: The voxels pointed at, all on that side; at least one.
        rivals: The voxels that other prompts hold on that side: none of them changes.
        scale: How large the error may be.
        kind: ``"histogram"`` or ``"gmm"``, for the intensities.
        check: Called between stages; may raise to stop.
    """
    where = _window(prompt, scale.cap, spacing)
    array, inner, prompt, rivals = array[where], side[where], prompt[where], rivals[where]
    grid = WorkingGrid.fitting(inner.shape, tuple(spacing), _BUDGET[len(spacing) - 2])
    laid = _lay(grid, spacing, inner, prompt, rivals, scale)
    look = appearance(finite_channels(array, grid), laid.at, grid)
    check()
    likely, whole = _walk(grid, laid, look, scale, kind)
    near = connected_to(((grid.finer(likely) > 0.5) & inner & ~rivals) | prompt, prompt)
    if not whole and np.count_nonzero(near) > scale.most:
        away = ndimage.distance_transform_edt(~prompt, sampling=spacing)
        near &= away <= np.partition(away[near], scale.most)[scale.most]
    change = np.zeros_like(side)
    change[where] = near
    return change


def _window(prompt: Mask, reach: float, spacing: Sequence[float]) -> tuple[slice, ...]:
    where = np.argwhere(prompt)
    room = np.ceil(reach / np.asarray(spacing)).astype(int) + 2
    lower, upper = np.maximum(where.min(axis=0) - room, 0), where.max(axis=0) + room + 1
    return tuple(slice(int(a), int(b)) for a, b in zip(lower, upper, strict=True))


def _lay(grid: WorkingGrid, spacing: Sequence[float], side: Mask, prompt: Mask, rivals: Mask, scale: Scale) -> Side:
    unit = min(s * f for s, f in zip(spacing, grid.factors, strict=True))
    steps = [s * unit for s in grid.steps]
    at = grid.anywhere(prompt)
    mine = (grid.means(side) > 0.5) | at
    straight = ndimage.distance_transform_edt(~at, sampling=steps).astype(np.float32)
    free = mine & (straight <= scale.cap)
    others = grid.anywhere(rivals) & ~at
    if others.any():
        free &= straight < ndimage.distance_transform_edt(~others, sampling=steps)
    depth = np.zeros(mine.shape)
    if not mine.all():
        depth = ndimage.distance_transform_edt(mine, sampling=steps)
        if np.median(depth[at]) > _APART * scale.depth:
            depth[:] = 0
    return Side(at, mine, free, depth.astype(np.float32), straight, unit)


def _walk(grid: WorkingGrid, side: Side, look: Appearance, scale: Scale, kind: str) -> tuple[Floats, bool]:
    """How likely each block changes, and whether it may be all of a part of the mask in which nothing stands out."""
    walked = _geodesic(side, look)
    deep = side.depth > _DEEP * scale.depth
    ball = (side.free & (walked <= _SURE * scale.depth) & ~deep) | side.at
    rest = side.mine & ~ball & (deep | ~side.free)
    odds, trust = _colours(side, look, ball, rest if rest.any() else side.mine & ~ball, kind)
    held = scale.depth < _CENTRE * scale.size or (rest & connected_to(side.mine, side.at)).any()
    near = _NEAR if held else _NEAR + (_WHOLE - _NEAR) * (1 - trust)
    reach = scale.depth * (near + _FAR * trust) + scale.size * trust
    away = walked + np.float32(_STRAIGHT * trust) * (side.straight - walked)
    short = np.maximum(away / reach, (side.depth - 0.5 * side.unit) / (2 * scale.depth))
    evidence = np.clip(_SLOPE * (1 - short), -6, 6) + odds
    # Beyond the border all has changed already, and draws along what does not differ from it.
    beyond = ~side.mine & (side.straight <= scale.cap)
    prior = (1 / (1 + np.exp(-evidence))).astype(np.float32)
    weights = [w / np.float32(s**2) for w, s in zip(look.likeness, grid.steps, strict=True)]
    begin = (prior > 0.5).astype(np.float32)
    found = random_walk(weights, prior, _PRIOR_STRENGTH, ball | beyond, ~(ball | beyond | side.free), begin)
    return np.where(side.free | side.at, found, np.float32(0)), not held and trust < _WHOLE_PART


def _geodesic(side: Side, look: Appearance) -> Floats:
    """mm to the prompt, longer where the way crosses edges that stand out near the prompt."""
    paid = geodesic_distance(side.at, look.costs, _SWEEPS)
    straight = side.straight / np.float32(side.unit)
    around = side.mine & ~side.at & (straight <= _AROUND)
    usual = float(np.median(paid[around] / straight[around])) if around.any() else 1.0
    walked: Floats = np.maximum(side.straight, paid * np.float32(side.unit / max(usual, 1e-6)))
    return walked


def _colours(side: Side, look: Appearance, ball: Mask, rest: Mask, kind: str) -> tuple[Floats | float, float]:
    """Log odds of a change by intensity, and how far they tell the prompt's surroundings from the rest, 0 to 1."""
    if not rest.any():
        return 0.0, 0.0
    odds = likelihood(kind)(look.features, ball | ~side.mine, rest)
    here, there = float(np.median(odds[ball])), float(np.median(odds[rest]))
    trust = min(max((here - there) / _TOLD_APART, 0.0), 1.0) if here > 0 else 0.0
    return np.asarray(odds * np.float32(_COLOUR * trust)), trust
