"""From seeds to a mask: reach, appearance, and a final border.

1. Geodesic distances from the foreground and background seeds, each cheap where the image looks like those seeds: a
   voxel that is nearer to the background is outside.
2. The level of the foreground's distance that has the best border gives a first mask; a prior (box, lasso, mask)
   replaces it.
3. What that mask holds and what surrounds it give a likelihood of each intensity; with the distances it is the evidence
   from which a random walk or a graph cut draws the final border.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.errors import TaskError
from jlabel.imaging.connected import connected_to
from jlabel.interactive.geodesic import geodesic_distance
from jlabel.interactive.graph_cut import graph_cut
from jlabel.interactive.grid import WorkingGrid
from jlabel.interactive.image_features import Appearance, appearance, finite_channels
from jlabel.interactive.levels import best_level
from jlabel.interactive.likelihood import likelihood
from jlabel.interactive.previous_answer import Memory, hold_on
from jlabel.interactive.random_walker import random_walk
from jlabel.interactive.seeds import Seeds

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

METHODS = ("auto", "geodesic", "random_walker", "graph_cut")

_SWEEPS = 6
_REACH = 3.0  # log odds that the distances can give
_PRIOR_STRENGTH = 0.15
_CUT_COST = 2.0
_RING = 4.0
_HALFWAY = 0.5  # to a negative prompt that says the answer was far too large: so far the structure reaches at most
_CLOSER = 0.5  # log odds for being nearer in colour to the seeds inside by one scale
_SURE_SCRIBBLE = 20  # scribbled blocks of each kind from which the likelihood is learnt from them alone


@dataclass(frozen=True)
class Solver:
    """How seeds become a mask.

    Attributes:
        method: One of :data:`METHODS`: what draws the final border; ``"geodesic"`` keeps the level set, ``"auto"`` is
            the random walk.
        likelihood: ``"histogram"`` or ``"gmm"``.
        budget: Blocks of the working grid, in 2D and in 3D.

    Raises:
        TaskError: ``method`` or ``likelihood`` is unknown.
    """

    method: str = "auto"
    likelihood: str = "gmm"
    budget: tuple[int, int] = (30_000, 90_000)

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise TaskError(f"method is one of {', '.join(METHODS)}, not {self.method!r}")
        likelihood(self.likelihood)

    def solve(
        self,
        array: NDArray[Any],
        spacing: tuple[float, ...],
        seeds: Seeds,
        open_ended: bool = False,
        check: Callable[[], None] = lambda: None,
    ) -> Mask:
        """The mask of a crop.

        Args:
            array: Voxels of the crop, with a last axis of colours or without.
            spacing: mm along each spatial axis.
            seeds: Of the crop's shape.
            open_ended: Whether the crop may lie wholly inside the structure, and can be made larger.
            check: Called between stages; may raise to stop.

        Returns:
            Bool, of the seeds' shape: every foreground seed is inside and every background seed outside. Empty where
            nothing says what is inside.
        """
        known = seeds.foreground if seeds.prior is None else seeds.foreground | seeds.prior
        if not known.any():
            return known
        grid = WorkingGrid.fitting(seeds.foreground.shape, spacing, self.budget[len(spacing) - 2])
        foreground = grid.anywhere(seeds.foreground)
        background = grid.anywhere(seeds.background) & ~foreground
        prior = None if seeds.prior is None else grid.anywhere(seeds.prior)
        allowed = grid.anywhere(seeds.allowed)
        samples = foreground if foreground.any() or prior is None else _middle(prior)
        look = appearance(finite_channels(array, grid), samples, grid, background)
        check()
        away = geodesic_distance(background, look.rival_costs, _SWEEPS) if background.any() else None
        if prior is not None:
            compare = likelihood(self.likelihood)
            start, evidence = _from_prior(look, grid, foreground, background, prior, away, seeds.corrected, compare)
        else:
            memory = hold_on(look, grid, seeds, foreground | background)
            start, evidence = self._evidence(look, grid, foreground, background, allowed, away, memory, open_ended)
        check()
        inside = grid.finer(self._border(look, grid, start, evidence, foreground, background | ~allowed)) > 0.5
        return settle(inside & seeds.allowed, seeds)

    def _evidence(
        self,
        look: Appearance,
        grid: WorkingGrid,
        foreground: Mask,
        background: Mask,
        allowed: Mask,
        away: Floats | None,
        memory: Memory,
        open_ended: bool,
    ) -> tuple[Mask, Floats]:
        """A first mask, and the log odds of foreground."""
        near = geodesic_distance(foreground, look.costs, _SWEEPS)
        held = np.where(allowed if away is None else allowed & (near <= away), near, np.float32(np.inf))
        if memory.beyond is not None:
            held[near > _HALFWAY * near[memory.beyond].min()] = np.inf
            open_ended = True
        held[foreground] = 0
        level = best_level(held, look.likeness, grid.steps, open_ended, memory.kept)
        start: Mask = held <= level
        reach = _REACH * np.clip((level - near) / max(0.5 * level, 1e-6), -1, 1)
        if away is not None:
            rival = (away - near) / (0.25 * (away + near) + 1e-6)
            reach = np.minimum(reach, _REACH * np.clip(rival, -1.5, 1.5))
        if min(int(foreground.sum()), int(background.sum())) >= _SURE_SCRIBBLE:
            colours = likelihood(self.likelihood)(look.features, foreground, background)
            return start, np.asarray(colours + 0.5 * reach, np.float32)
        inside = start | (grid.ball(foreground, 1.5) & ~background)
        around = (~start & (near > level) & (near < _RING * level)) | background
        evidence = reach + self._colours(look, inside, around if around.sum() >= 50 else ~inside)
        if look.closer is not None:
            evidence += _CLOSER * look.closer
        if memory.odds is not None:
            evidence += memory.odds
        return start, np.asarray(evidence, np.float32)

    def _colours(self, look: Appearance, inside: Mask, outside: Mask) -> Floats | float:
        """What the colours in two masks say of every block; nothing where there is no outside."""
        return likelihood(self.likelihood)(look.features, inside, outside) if outside.any() else 0.0

    def _border(
        self, look: Appearance, grid: WorkingGrid, start: Mask, evidence: Floats, foreground: Mask, background: Mask
    ) -> Floats:
        """The final mask as probabilities, or as a mask that is smoothed just enough to be interpolated."""
        weights = [w / np.float32(s**2) for w, s in zip(look.likeness, grid.steps, strict=True)]
        if self.method == "geodesic":
            found = (start | foreground) & ~background
        elif self.method == "graph_cut":
            found = graph_cut([w * np.float32(_CUT_COST) for w in weights], evidence, foreground, background)
        else:
            odds = (1 / (1 + np.exp(-evidence))).astype(np.float32)
            begin = start.astype(np.float32)
            return random_walk(weights, odds, _PRIOR_STRENGTH, foreground, background & ~foreground, begin)
        smooth = found.astype(np.float32)
        return smooth if grid.exact else np.asarray(ndimage.gaussian_filter(smooth, 0.5))


def settle(inside: Mask, seeds: Seeds) -> Mask:
    """The mask with every seed honoured; where a person marked the inside, only parts that hold such a mark."""
    mask = (inside & ~seeds.background) | seeds.foreground
    if not seeds.marked or seeds.corrected:
        return mask
    return connected_to(mask, seeds.foreground)


def _from_prior(
    look: Appearance,
    grid: WorkingGrid,
    foreground: Mask,
    background: Mask,
    prior: Mask,
    away: Floats | None,
    corrected: bool,
    compare: Callable[[Floats, Mask, Mask], Floats],
) -> tuple[Mask, Floats]:
    """Evidence around a prior mask, changed where clicks contradict it."""
    start = prior.copy()
    added = foreground & ~prior
    if added.any():
        near = geodesic_distance(added, look.costs, _SWEEPS)
        free = ~prior if away is None else ~prior & (near <= away)
        held = np.where(free, near, np.float32(np.inf))
        held[added] = 0
        start |= held <= best_level(held, look.likeness, grid.steps)
    removed = background & prior
    if removed.any():
        near = geodesic_distance(removed, look.costs, _SWEEPS)
        rest = foreground if foreground.any() else _far_half(prior, near)
        rival = geodesic_distance(rest, look.costs, _SWEEPS)
        held = np.where(prior & (near <= rival), near, np.float32(np.inf))
        held[removed] = 0
        start &= ~(held <= best_level(held, look.likeness, grid.steps))
    depth = ndimage.distance_transform_edt(start, sampling=grid.steps)
    height = ndimage.distance_transform_edt(~start, sampling=grid.steps)
    signed = np.clip((depth - height) / max(1.5, 0.5 * float(depth.max())), -1, 1)
    known = np.float32((2.0 if corrected else 0.5) * _REACH) * signed.astype(np.float32)
    nearby = (height < max(4.0, 2 * float(depth.max()))) | background
    evidence, inside = known, start
    # A drawn outline is rough: learn the intensities again from what the first round leaves in it (as GrabCut does).
    for _ in range(1 if corrected else 3):
        outside = nearby & ~inside
        if not inside.any() or not outside.any():
            break
        evidence = known + compare(look.features, inside, outside)
        inside = (evidence > 0) & ~background
    return start, evidence


def _middle(mask: Mask) -> Mask:
    """The deepest third of a mask."""
    depth = ndimage.distance_transform_edt(np.pad(mask, 1))[(slice(1, -1),) * mask.ndim]
    middle: Mask = depth > 0.67 * depth.max()
    return middle


def _far_half(mask: Mask, distance: Floats) -> Mask:
    """The half of a mask that lies further away."""
    half: Mask = mask & (distance >= np.median(distance[mask]))
    return half
