"""What an answer stands at between prompts, so that the next prompt changes only what it points at."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.image import Image
from jlabel.imaging.region import Region
from jlabel.interactive.locality import local_change
from jlabel.interactive.scale import scale_of
from jlabel.interactive.seeds import make_seeds
from jlabel.interactive.solve import Solver
from jlabel.prompts.prompt import Click, InitialMask, Lasso, Prompt, Scribble
from jlabel.tasks.crop import Crop, Found

Mask = NDArray[np.bool_]

_KEPT = 2


@dataclass(frozen=True, eq=False)
class SegmentationState:
    """A structure as the prompts so far left it.

    Attributes:
        start: The initial mask, of the image's shape, from which the prompts set out; None where there was none.
        found: What the prompts have made, where they changed something; outside of it ``start`` holds.
    """

    start: NDArray[Any] | None = None
    found: Found | None = None

    def within(self, region: Region) -> Mask:
        """A copy of the structure in a region."""
        inside: Mask = np.zeros(region.shape, dtype=bool) if self.start is None else self.start[region.slices] != 0
        if self.found is not None:
            known = self.found.region
            common = region.intersection(known)
            if common.size:
                inside[common.inside(region).slices] = self.found.inside[common.inside(known).slices]
        return inside

    def agrees_with(self, click: Prompt) -> bool:
        """Whether the structure has the click where the click says, so that nothing needs to change for it."""
        return isinstance(click, Click) and bool(self.within(Region.around([click.position])).all()) == click.positive

    def changed(self, region: Region, inside: Mask) -> SegmentationState:
        """With another mask in a region."""
        whole = region if self.found is None else region.union(self.found.region)
        mask = self.within(whole)
        mask[region.inside(whole).slices] = inside
        return replace(self, found=Found(whole, mask))


class Recent:
    """The last few standings, for the prompts that led to them. Thread safe.

    A person adds one prompt after the other, so nearly always the standing before the newest one is here; where it is
    not, it is made again from its prompts, with the same outcome.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[Image, tuple[Prompt, ...], SegmentationState]] = OrderedDict()

    def get(self, image: Image, prompts: Sequence[Prompt], choice: Hashable) -> SegmentationState | None:
        """The standing after these prompts, if it was kept."""
        with self._lock:
            kept = self._kept.get(_key(prompts, choice))
        if kept is None or kept[0] is not image:
            return None
        _, before, standing = kept
        starts = zip(prompts, before, strict=True)
        same = all(not isinstance(new, InitialMask) or _same_start(new, old, standing) for new, old in starts)
        return standing if same else None

    def put(self, image: Image, prompts: Sequence[Prompt], choice: Hashable, standing: SegmentationState) -> None:
        """Keep a standing, in the place of the oldest one."""
        with self._lock:
            self._kept[_key(prompts, choice)] = (image, tuple(prompts), standing)
            self._kept.move_to_end(_key(prompts, choice))
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)


def correct(solver: Solver, crop: Crop, had: Mask, check: Callable[[], None]) -> Mask:
    """A mask, changed where it contradicts the last of a crop's prompts.

    A click or scribble changes its neighbourhood (see :mod:`jlabel.interactive.locality`). A negative lasso cuts along
    its outline. A box, a positive lasso and what is clicked where there is no mask give a part that is added as if it
    were a structure of its own, in what the mask leaves free.

    Args:
        solver: Finds such a part.
        crop: Its last prompt is the newest.
        had: The mask, of the crop's shape.
        check: Called between stages; may raise to stop.
    """
    last = crop.prompts[-1]
    newest, every = make_seeds([last], crop.shape), make_seeds(crop.prompts, crop.shape)
    if isinstance(last, Lasso) and not newest.foreground.any() and newest.prior is None:
        return had & ~newest.background
    wrong = newest.background & had
    if isinstance(last, Click | Scribble) and not last.positive:
        return had & ~_near(solver, crop, had, wrong, every.foreground, False, check) if wrong.any() else had
    missed = newest.foreground & ~had
    if newest.prior is None and not missed.any():
        return had
    if isinstance(last, Click | Scribble) and had.any():
        return had | _near(solver, crop, had, missed, every.background & ~had, True, check)
    background = (every.background | newest.background) & ~newest.foreground
    part = replace(newest, foreground=missed, background=background & ~had, allowed=newest.allowed & ~had)
    return had | solver.solve(crop.array, crop.spacing, part, False, check)


def _near(
    solver: Solver, crop: Crop, had: Mask, prompt: Mask, rivals: Mask, positive: bool, check: Callable[[], None]
) -> Mask:
    """What a click or scribble changes."""
    scale = scale_of(had, prompt, positive, crop.spacing)
    side = ~had if positive else had
    return local_change(crop.array, crop.spacing, side, prompt, rivals, scale, solver.likelihood, check)


def _key(prompts: Sequence[Prompt], choice: Hashable) -> Hashable:
    return choice, tuple(InitialMask if isinstance(prompt, InitialMask) else prompt for prompt in prompts)


def _same_start(new: Prompt, old: Prompt, standing: SegmentationState) -> bool:
    """Whether two initial masks are equal where the standing was made from them."""
    if not isinstance(new, InitialMask) or not isinstance(old, InitialMask):
        return False
    if new.mask is old.mask or standing.found is None:
        return new.mask is old.mask
    where = standing.found.region.slices
    return np.array_equal(new.mask[where] != 0, old.mask[where] != 0)
