"""What the strategies that go by all images have in common: images in the order of some weight, and those left over."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jlabel.selection.pool import Pool
from jlabel.selection.spread import Spread, spread_out

_LEAST = 1e-12
_TIMES = 3


class Pick(NamedTuple):
    """An image of a pool, by its number, and why it was picked."""

    number: int
    reason: str


def noisy(scores: NDArray[np.float64], beta: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Scores with power noise: ``log(score) + Gumbel / beta``, so that the highest is a draw in proportion to
    ``score ** beta`` (Kirsch et al. 2023).

    Args:
        scores: Of any shape; NaN stays NaN, and what is not positive counts as the least.
        beta: 0 draws any, a large one nearly always the highest.
        rng: Draws the noise.
    """
    noise = rng.gumbel(size=scores.shape)
    known = np.log(np.maximum(scores, _LEAST))
    return known * beta + noise if beta < 1 else known + noise / beta


def in_order(pool: Pool, keys: NDArray[np.float64], count: int, rng: np.random.Generator) -> list[tuple[int, bool]]:
    """Images in the order of their keys, the highest first, one patient after the other; then those without a key.

    Args:
        pool: The images.
        keys: Of shape ``(image,)``; NaN for none.
        count: How many at most.
        rng: Draws those without a key.

    Returns:
        The number of each, and whether it has a key.
    """
    known, last = np.isfinite(keys), rng.random(len(keys))
    spread, found = Spread(pool.ids, pool.patients), list[tuple[int, bool]]()
    while len(found) < count:
        may = np.flatnonzero(spread.open())
        if not may.size:
            break
        with_key = may[known[may]]
        number = int(with_key[np.argmax(keys[with_key])] if with_key.size else may[np.argmax(last[may])])
        spread.take(number)
        found.append((number, bool(known[number])))
    return found


def diverse(pool: Pool, keys: NDArray[np.float64], count: int, rng: np.random.Generator) -> list[tuple[int, bool]]:
    """Of the three times as many images with the highest keys those that are least alike, none of one patient while
    another waits, and no neighbouring slices.

    Args:
        pool: The images.
        keys: Of shape ``(image,)``; NaN for none: such images come after.
        count: How many at most.
        rng: Draws those without a key.

    Returns:
        The number of each, and whether it has a key.
    """
    known = np.isfinite(keys)
    order = np.concatenate([np.argsort(-keys, kind="stable")[: known.sum()], rng.permutation(np.flatnonzero(~known))])
    patients = np.unique(np.asarray(pool.patients, object).astype(str), return_inverse=True)[1].reshape(-1)
    _, firsts = np.unique(patients[order], return_index=True)
    # As many patients as are asked for must be among them, where there are so many.
    reach = np.sort(firsts)[:count][-1] + 1 if len(firsts) else 0
    for most in (min(_TIMES * count, int(known.sum())), len(order)):
        among = order[: max(most, int(reach))]
        ids, of = [pool.ids[number] for number in among], [pool.patients[number] for number in among]
        found = spread_out(ids, of, count, pool.features[among])
        if len(found) >= count:
            break
    return [(int(among[number]), bool(known[among[number]])) for number in found]
