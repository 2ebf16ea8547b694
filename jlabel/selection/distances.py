"""Distances between images by their features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

_MOST = 64
_FIT = 5000
_CHUNK = 64


class KCenter:
    """How far each image is from the nearest of some centres.

    Args:
        features: Of shape ``(image, feature)``; an image with NaN is as far as the mean of the others.
    """

    def __init__(self, features: Vectors) -> None:
        self._features = np.nan_to_num(features)
        self._known = np.isfinite(features).all(1)
        self._squares = np.einsum("ij,ij->i", self._features, self._features)
        self._nearest = np.full(len(features), np.inf, np.float32)

    @property
    def distance(self) -> NDArray[np.float32]:
        """The distance of each image to the nearest centre, of shape ``(image,)``; infinite without any centre."""
        known = np.sqrt(np.maximum(self._nearest, 0))
        mean = known[self._known].mean() if self._known.any() and np.isfinite(known).all() else 0.0
        return np.where(self._known, known, np.float32(mean))

    def add(self, center: Vectors) -> None:
        """Add a centre, of shape ``(feature,)``; one with NaN counts for nothing."""
        if np.isfinite(center).all():
            squared = self._squares - 2 * (self._features @ center) + center @ center
            self._nearest = np.minimum(self._nearest, squared)

    def add_all(self, centers: Vectors) -> None:
        """Add centres, of shape ``(centre, feature)``."""
        known = centers[np.isfinite(centers).all(1)]
        for start in range(0, len(known), _CHUNK):
            some = known[start : start + _CHUNK]
            squared = self._squares[:, None] - 2 * (self._features @ some.T) + np.einsum("ij,ij->i", some, some)
            self._nearest = np.minimum(self._nearest, squared.min(1))


def compact(vectors: Vectors, most: int = _MOST) -> Vectors:
    """Vectors turned onto the main axes of all and scaled so that their variances sum up to 1, distances being kept.

    The axes are those of a principal component analysis, of at most 5000 vectors drawn with a fixed seed.

    Args:
        vectors: Of shape ``(image, feature)``.
        most: How many axes are kept.

    Returns:
        Of shape ``(image, axis)``; zeros where all are the same.
    """
    if not vectors.size:
        return np.zeros((len(vectors), 0), np.float32)
    centered = vectors.astype(np.float32) - vectors.mean(0, dtype=np.float64).astype(np.float32)
    sample = centered
    if len(vectors) > _FIT:
        sample = centered[np.random.default_rng(0).choice(len(vectors), _FIT, replace=False)]
    total = float(np.square(sample, dtype=np.float64).sum() / len(sample))
    # What a value of float16 is rounded by is no difference between images.
    if total <= (1e-3 * float(np.abs(vectors).max())) ** 2:
        return np.zeros((len(vectors), 1), np.float32)
    if vectors.shape[1] > most:
        values, axes = np.linalg.eigh(sample.T.astype(np.float64) @ sample)
        centered = centered @ axes[:, np.argsort(values)[::-1][:most]].astype(np.float32)
    scaled: Vectors = (centered / np.float32(np.sqrt(total))).astype(np.float32)
    return scaled
