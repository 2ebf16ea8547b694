"""What the answer before a click still says after it: much far from the new click, nothing at it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jlabel.interactive.geodesic import geodesic_distance
from jlabel.interactive.grid import WorkingGrid
from jlabel.interactive.image_features import Appearance
from jlabel.interactive.scale import far_too_large
from jlabel.interactive.seeds import Seeds

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

_SEEDS_FOR_ALL = 4  # from so many earlier seeds on the answer before is fully trusted


@dataclass(frozen=True, eq=False)
class Memory:
    """What an earlier answer says of each block of a working grid.

    Attributes:
        odds: Log odds of foreground, -1 to 1; None where there was no earlier answer.
        kept: The part of them that the newest prompt does not speak against: a positive click says that the answer was
            too small, so what was inside stays; a negative one that it was too large, so what was outside stays.
        beyond: The blocks of the newest prompt where it says that the answer was far too large: on no side does the
            structure reach as far as there. None where it says no such thing.
    """

    odds: Floats | None = None
    kept: Floats | None = None
    beyond: Mask | None = None


def hold_on(look: Appearance, grid: WorkingGrid, seeds: Seeds, marked: Mask) -> Memory:
    """The memory of ``seeds.before``; empty where there is none.

    Args:
        look: Its costs say how far each block is from the newest seeds and from the others.
        grid: The working grid.
        seeds: With ``before`` and ``newest``.
        marked: The blocks with a seed of either kind.
    """
    if seeds.before is None or seeds.newest is None:
        return Memory()
    newest = grid.anywhere(seeds.newest)
    others = marked & ~newest
    if not others.any():
        return Memory()
    near = geodesic_distance(newest, look.costs)
    trusted = geodesic_distance(others, look.costs)
    trust = near / (near + trusted + np.float32(1e-6))
    trust *= np.float32(min(np.count_nonzero(others) / _SEEDS_FOR_ALL, 1.0))
    odds = np.where(grid.means(seeds.before) > 0.5, trust, -trust)
    grows = bool((seeds.newest & seeds.foreground).any())
    if grows:
        return Memory(odds, np.maximum(odds, 0))
    steps = [step / factor for step, factor in zip(grid.steps, grid.factors, strict=True)]
    wrong = far_too_large(seeds.before, seeds.newest, seeds.foreground, steps)
    return Memory(odds, np.minimum(odds, 0), newest if wrong else None)
