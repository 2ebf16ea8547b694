"""How unusual a figure is among those of all labels, as a percentile rank that few labels do not make certain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Fewer labels than these are not compared with each other.
FEWEST = 5
#: The weight of what is typical of all projects, in labels: the scale of few labels is mostly that.
_PRIOR, _PRIOR_SPREAD = 4.0, 16.0
# Median and 80th percentile of the distance from the middle of a normal distribution, in standard deviations.
_NORMAL = (0.6745, 1.2816)
#: Figures of one structure hang together: the spread of their root mean square is taken for no smaller than this.
_LEAST_SPREAD = 0.2
_LEAST = 1e-12


def deviations(values: Floats, typical: float, centre: Floats | float | None = None) -> Floats:
    """How far each label's figures are from the middle of all, in robust standard deviations.

    The scale of a figure is ``sqrt((n * (1.4826 * MAD) ** 2 + 4 * typical ** 2) / (n + 4))``, with the median absolute
    deviation MAD of the n labels that have it, and ``typical`` alone for fewer than :data:`FEWEST`. Several figures are
    one by their root mean square.

    Args:
        values: Shape ``(label,)`` or ``(label, figure)``; NaN where a label has none.
        typical: The standard deviation that such figures have among correct labels of any project.
        centre: Their middle, where it is known; their median if not given.

    Returns:
        Shape ``(label,)``, at least 0; NaN for a label without figures.
    """
    figures = values.reshape(len(values), -1)
    known = np.isfinite(figures)
    count = known.sum(axis=0)
    middle = _median(figures) if centre is None else np.broadcast_to(centre, figures.shape[1:])
    spread = 1.4826 * _median(np.abs(figures - middle))
    count = np.where(count < FEWEST, 0, count)
    scale = np.sqrt((count * spread**2 + _PRIOR * typical**2) / (count + _PRIOR))
    squares = np.where(known, ((figures - middle) / scale) ** 2, 0.0)
    having = known.sum(axis=1)
    return np.where(having > 0, np.sqrt(squares.sum(axis=1) / np.maximum(having, 1)), np.nan)


def unlikeliness(deviation: Floats, *, figures: int = 1, counted: bool = False, by_itself: bool = False) -> Floats:
    """The share of correct labels that would deviate as much: small for a label that is unlike the others.

    It is the geometric mean of two estimates: the share of the labels here that deviate at least as much, and what an
    exponential tail through the median and the 80th percentile of their deviations gives, which goes on beyond them.
    The spread of the tail, from the median to the 80th percentile, is that of ``n`` labels and of 16 more from a normal
    distribution. With fewer than :data:`FEWEST` labels, it is the tail of a normal distribution alone.

    Args:
        deviation: Shape ``(label,)``, at least 0; NaN for a label that takes no part.
        figures: Of how many figures each is the root mean square; the spread is taken for no smaller than that of so
            many normal ones.
        counted: Whether the figure is a count, the same for most labels: then one that differs is no less likely than
            the share of those that do to the power of 1.5.
        by_itself: Whether the figure is wrong by itself, and not only unlike the others: then the tail alone counts.

    Returns:
        Shape ``(label,)``, above 0 and at most 1; NaN as given.
    """
    known = np.isfinite(deviation)
    those = deviation[known]
    found = np.full(deviation.shape, np.nan)
    normal = (_NORMAL[1] - _NORMAL[0]) / np.sqrt(figures)
    if those.size < FEWEST:
        found[known] = _tail(those, _NORMAL[0], normal)
        return found
    middle, high = np.percentile(those, [50, 80])
    spread = (those.size * (high - middle) + _PRIOR_SPREAD * normal) / (those.size + _PRIOR_SPREAD)
    tail = _tail(those, middle, max(spread, normal, _LEAST_SPREAD))
    share = (those.size - np.searchsorted(np.sort(those), those, side="left")) / those.size
    found[known] = tail if by_itself else np.sqrt(tail * share)
    if counted:
        found[known] = np.maximum(found[known], share**1.5)
    return found


def rarity(there: NDArray[np.bool_]) -> Floats:
    """As :func:`unlikeliness`, of something that a label has or has not: the square of the share of those like it."""
    share = there.mean()
    return np.where(there, share, 1 - share) ** 2 if len(there) >= FEWEST else np.full(len(there), np.nan)


def corrected(least: Floats, tests: NDArray[np.integer]) -> Floats:
    """The rank of labels, 0 to 1, from the least likely of several figures each: ``(1 - p) ** tests`` (Šidák).

    Args:
        least: The smallest :func:`unlikeliness` of each label.
        tests: Of how many figures it is the smallest.
    """
    return np.asarray(np.exp(tests * np.log1p(-np.clip(least, _LEAST, 1 - _LEAST))))


def _tail(deviation: Floats, middle: float, spread: float) -> Floats:
    return np.clip(0.5 * 2.5 ** -((deviation - middle) / spread), _LEAST, 1.0)


def _median(figures: Floats) -> Floats:
    """The median of each column, 0 for one without a number."""
    found = np.zeros(figures.shape[1])
    for column in range(figures.shape[1]):
        values = figures[np.isfinite(figures[:, column]), column]
        if values.size:
            found[column] = np.median(values)
    return found
