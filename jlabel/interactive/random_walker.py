"""Random walks with a prior: how likely a walk from each voxel ends inside the structure.

Grady 2006, "Random walks for image segmentation"; with intensity priors as in Grady 2005, "Multilabel random walker
image segmentation using prior models".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jlabel.interactive.grid import lower_upper

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

_SEED = np.float32(1e3)
_TOLERANCE = 1e-3


def random_walk(
    weights: Sequence[Floats],
    prior: Floats,
    strength: float,
    foreground: Mask,
    background: Mask,
    start: Floats,
    iterations: int = 40,
) -> Floats:
    """The probability of foreground at each voxel.

    Minimizes ``sum w (x_i - x_j)^2 + strength * sum (x - prior)^2`` with seeds held at 1 and 0, by conjugate gradients
    from ``start`` (Jacobi preconditioned); the prior keeps the system well conditioned, so few iterations do.

    Args:
        weights: For each axis, the weight of each pair of neighbours: shape of ``prior``, one less along that axis.
        prior: Probability of foreground by other evidence, 0 to 1.
        strength: Weight of the prior.
        foreground: Seeds held at 1.
        background: Seeds held at 0.
        start: Where to begin.
        iterations: How many at most.
    """
    own = np.full(prior.shape, np.float32(strength))
    own[foreground | background] += _SEED
    wanted = np.float32(strength) * prior + _SEED * foreground
    pairs = [lower_upper(prior.ndim, axis) for axis in range(prior.ndim)]
    degree = own.copy()
    for weight, (lower, upper) in zip(weights, pairs, strict=True):
        degree[lower] += weight
        degree[upper] += weight

    def apply(values: Floats) -> Floats:
        result = degree * values
        for weight, (lower, upper) in zip(weights, pairs, strict=True):
            result[lower] -= weight * values[upper]
            result[upper] -= weight * values[lower]
        return result

    x = start.astype(np.float32)
    residual = wanted - apply(x)
    direction: Floats = (residual / degree).astype(np.float32)
    energy = first = float(np.vdot(residual, direction))
    for _ in range(iterations):
        if energy <= _TOLERANCE**2 * first or energy <= 0:
            break
        image = apply(direction)
        step = np.float32(energy / max(float(np.vdot(direction, image)), 1e-20))
        x += step * direction
        residual -= step * image
        scaled = residual / degree
        before, energy = energy, float(np.vdot(residual, scaled))
        direction = (scaled + np.float32(energy / before) * direction).astype(np.float32)
    return x
