"""How far a structure reaches from its seeds: the level set of a distance that has the best border.

Every level of a geodesic distance bounds a candidate region. All of them are judged at once, by how alike the voxels
across the border are and how long the border is for the volume it holds (the isoperimetric ratio of a cut: Grady and
Schwartz 2006, "Isoperimetric graph partitioning for image segmentation").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jlabel.interactive.grid import lower_upper

Floats = NDArray[np.float32]

_LEVELS = 256
_BORDER = 1.5
_FAVOUR_LARGE = 0.03
_LEAST_VOLUME = 24
_LEAST_PART_2D = 0.002
_NO_BORDER, _NO_BORDER_OF_A_FEW, _SPECK = 0.75, 0.4, 0.03
_HOLD, _LEAST_HELD = 0.5, 0.02


def best_level(
    distance: Floats,
    likeness: Sequence[Floats],
    steps: Sequence[float],
    open_ended: bool = False,
    kept: Floats | None = None,
) -> float:
    """The distance at which the region ``distance <= level`` has the best border.

    Args:
        distance: From the seeds; ``inf`` where the structure cannot be. At least one value is finite.
        likeness: For each axis, 0 to 1 for each pair of neighbours: how alike they look.
        steps: Distance between neighbours along each axis.
        open_ended: Whether the grid may lie wholly inside the structure: where the best level is a speck and
            its border hardly stands out from what the grid looks like everywhere, the answer is the largest level.
        kept: Above 0 where the region should stay, below 0 where it should stay away: a worse border is then taken for
            a region that does.
    """
    reached = distance[np.isfinite(distance)]
    # By volume, so that small regions are told apart too, and by distance, so that no jump of it is missed.
    shares = np.geomspace(min(4 / reached.size, 1.0), 1.0, _LEVELS)
    evenly = np.linspace(0, float(reached.max()), _LEVELS)
    levels = np.unique(np.concatenate([np.quantile(reached, shares), evenly]))
    entry = np.searchsorted(levels, distance)
    volume = np.cumsum(np.bincount(entry.ravel(), minlength=len(levels) + 1)[: len(levels)]).astype(float)
    cut = _cuts(entry, len(levels), likeness, steps)
    ndim = distance.ndim
    score = cut / (volume * np.prod(steps)) ** ((ndim - 1) / ndim + _FAVOUR_LARGE)
    least = max(_LEAST_VOLUME, _LEAST_PART_2D * distance.size if ndim == 2 else 0.0)
    if kept is not None:
        gain = np.cumsum(np.bincount(entry.ravel(), kept.ravel(), minlength=len(levels) + 1)[: len(levels)])
        wanted = float(kept[kept > 0].sum())
        score *= 1 + _HOLD * (wanted - gain) / max(wanted, _LEAST_HELD * float(volume[-1]))
    score[volume < min(least, volume[-1])] = np.inf
    best = int(np.argmin(score))
    if open_ended and volume[best] < _SPECK * distance.size:
        area = _cuts(entry, len(levels), [np.ones_like(weight) for weight in likeness], steps)
        usual = float(np.mean(np.concatenate([weight.ravel() for weight in likeness])))
        # The fewer voxels, the more their border stands out by chance.
        part = (volume[best] / (_SPECK * distance.size)) ** (1 / ndim)
        if cut[best] > (_NO_BORDER_OF_A_FEW + (_NO_BORDER - _NO_BORDER_OF_A_FEW) * part) * usual * area[best]:
            return float(levels[-1])
    return float(levels[best])


def _cuts(
    entry: NDArray[np.intp], count: int, likeness: Sequence[Floats], steps: Sequence[float]
) -> NDArray[np.float64]:
    """The likeness across the border of each level's region, summed over its area; the grid's own edge counts too.

    A pair of neighbours lies across the border of all levels between the ones at which its two voxels enter.
    """
    change = np.zeros(count + 1)
    block = float(np.prod(steps))
    for axis, weight in enumerate(likeness):
        lower, upper = lower_upper(entry.ndim, axis)
        near, far = entry[lower].ravel(), entry[upper].ravel()
        area = weight.ravel() * (block / steps[axis])
        change += np.bincount(np.minimum(near, far), area, minlength=count + 1)
        change -= np.bincount(np.maximum(near, far), area, minlength=count + 1)
        for end in (0, -1):
            edge = np.bincount(np.take(entry, end, axis=axis).ravel(), minlength=count + 1)
            change += edge * (_BORDER * block / steps[axis])
    return np.cumsum(change)[:count]
