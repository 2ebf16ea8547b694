"""How likely each voxel's intensity is inside against outside the structure: histograms and Gaussian mixtures.

The two likelihoods of MONAI Label's scribble tasks, which follow Boykov and Jolly 2001 (histograms) and Rother,
Kolmogorov and Blake 2004, "GrabCut" (Gaussian mixtures).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.errors import TaskError

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
Likelihood = Callable[[Floats, Mask, Mask], Floats]

#: Log ratios are kept within plus and minus this: intensity alone must not outvote everything else.
LIMIT = 3.0
_BINS = {1: 32, 2: 16, 3: 12}
_SAMPLES = 1500
_TINY = 1e-9


def likelihood(name: str) -> Likelihood:
    """The likelihood of that name: ``"histogram"`` or ``"gmm"``.

    It is called with features of shape ``(channel, ...)`` and two masks, samples of inside and outside. It
    gives log p(feature | inside) - log p(feature | outside) everywhere, within plus and minus :data:`LIMIT`.

    Raises:
        TaskError: There is none of that name.
    """
    known: dict[str, Likelihood] = {"histogram": histogram_ratio, "gmm": mixture_ratio}
    if name not in known:
        raise TaskError(f"likelihood is one of {', '.join(known)}, not {name!r}")
    return known[name]


def histogram_ratio(features: Floats, inside: Mask, outside: Mask) -> Floats:
    """Log ratio of two smoothed histograms, one axis for each channel."""
    channels = features.shape[0]
    bins = _BINS.get(channels, 8)
    index = np.zeros(features.shape[1:], dtype=np.intp)
    for channel in features:
        low, high = float(channel.min()), float(channel.max())
        level = ((channel - low) * (bins / max(high - low, _TINY))).astype(np.intp)
        index = index * bins + np.clip(level, 0, bins - 1)

    def density(mask: Mask) -> NDArray[np.float64]:
        counts = np.bincount(index[mask], minlength=bins**channels).astype(float).reshape((bins,) * channels)
        smooth = ndimage.gaussian_filter(counts, 1.0, mode="nearest")
        return np.asarray(smooth / max(smooth.sum(), _TINY) + 0.3 / bins**channels)

    ratio = np.clip(np.log(density(inside) / density(outside)), -LIMIT, LIMIT).ravel()
    return ratio.astype(np.float32)[index]


def mixture_ratio(features: Floats, inside: Mask, outside: Mask) -> Floats:
    """Log ratio of two Gaussian mixtures with diagonal covariances."""
    points = features.reshape(features.shape[0], -1).T.astype(np.float64)
    floor = max(1e-3 * float(points.var(axis=0).mean()), 1e-12)
    ratio = np.zeros(points.shape[0])
    for mask, sign in ((inside, 1), (outside, -1)):
        ratio += sign * log_density(points, *fit_mixture(_sample(points[mask.ravel()]), floor))
    return np.clip(ratio, -LIMIT, LIMIT).astype(np.float32).reshape(features.shape[1:])


def fit_mixture(
    points: NDArray[np.float64], floor: float, components: int = 3, rounds: int = 15
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Fit a mixture of Gaussians by expectation maximization (Dempster, Laird and Rubin 1977).

    Args:
        points: Shape ``(n, channel)``, n >= 1.
        floor: Smallest variance along any channel.
        components: How many Gaussians at most; fewer for few points.
        rounds: Rounds of expectation maximization.

    Returns:
        Weights (k), means (k, channels), variances (k, channels).
    """
    count = max(1, min(components, len(points) // 8))
    order = np.argsort(points.sum(axis=1), kind="stable")
    parts = np.array_split(points[order], count)
    weights = np.full(count, 1.0 / count)
    means = np.stack([part.mean(axis=0) for part in parts])
    variances = np.stack([part.var(axis=0) + floor for part in parts])
    for _ in range(rounds if count > 1 else 0):
        logs = _component_logs(points, weights, means, variances)
        share = np.exp(logs - logs.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        mass = share.sum(axis=0) + _TINY
        weights = mass / mass.sum()
        means = share.T @ points / mass[:, None]
        variances = np.maximum(share.T @ points**2 / mass[:, None] - means**2, 0) + floor
    return weights, means, variances


def log_density(
    points: NDArray[np.float64],
    weights: NDArray[np.float64],
    means: NDArray[np.float64],
    variances: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Log density of each of (n, channels) points under a mixture, with a small floor for what it has never seen."""
    logs = _component_logs(points, weights, means, variances)
    return np.asarray(np.logaddexp(np.logaddexp.reduce(logs, axis=1), -12.0))


def _component_logs(
    points: NDArray[np.float64],
    weights: NDArray[np.float64],
    means: NDArray[np.float64],
    variances: NDArray[np.float64],
) -> NDArray[np.float64]:
    logs = np.empty((len(points), len(weights)))
    for k, (weight, mean, variance) in enumerate(zip(weights, means, variances, strict=True)):
        distance = ((points - mean) ** 2 / variance).sum(axis=1)
        logs[:, k] = np.log(weight + _TINY) - 0.5 * (distance + np.log(2 * np.pi * variance).sum())
    return logs


def _sample(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return points[:: max(1, len(points) // _SAMPLES)]
