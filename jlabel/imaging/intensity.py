"""What an image's intensities look like: the range to show it in, and the range to normalize with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.finite import finite_values
from jlabel.imaging.image import Image

_SAMPLES = 200_000


@dataclass(frozen=True)
class Intensities:
    """Statistics of the finite, unpadded voxels of a scalar image, from an even sample of about 200,000 of them.

    Attributes:
        low: 0.5 % percentile.
        high: 99.5 % percentile; always above ``low``.
        mean: Mean between ``low`` and ``high``.
        std: Standard deviation between ``low`` and ``high``; always above 0.
    """

    low: float
    high: float
    mean: float
    std: float


#: Below this no intensity scale but Hounsfield units has its darkest half a percent.
_AIR_HU = -500.0
_SOFT_TISSUE_HU = (-160.0, 240.0)


def display_window(statistics: Intensities) -> tuple[float, float]:
    """The intensities to show as black and white at first: soft tissue where they look like CT, else nearly all."""
    if statistics.low < _AIR_HU and statistics.high > 0:
        return _SOFT_TISSUE_HU
    return statistics.low, statistics.high


def grey_levels(values: NDArray[Any], window: tuple[float, float], inverted: bool) -> NDArray[np.uint8]:
    """Intensities as they are seen through a window, from 0 for black to 255 for white.

    Args:
        values: Of any shape; what is no number is seen as the window's lower end.
        window: The values that are shown black and white.
        inverted: Whether low intensities are shown bright.
    """
    low, high = window
    levels = (np.nan_to_num(values.astype(np.float32), nan=low) - low) * (255 / max(high - low, 1e-30))
    gray: NDArray[np.uint8] = np.clip(levels, 0, 255).astype(np.uint8)
    return np.subtract(255, gray, dtype=np.uint8) if inverted else gray


def intensities(image: Image) -> Intensities:
    """The statistics of an image; RGB images and those without a finite voxel give the range 0 to 255 or 0 to 1."""
    if image.channels == "rgb":
        return Intensities(0.0, 255.0, 127.5, 73.6)
    step = max(1, round((image.array.size / _SAMPLES) ** (1 / image.ndim)))
    sample = image.array[(slice(None, None, step),) * image.ndim].astype(np.float64, copy=False).ravel()
    sample = finite_values(sample, image.padding)
    if sample.size == 0:
        return Intensities(0.0, 1.0, 0.5, 0.3)
    low, high = (float(v) for v in np.percentile(sample, [0.5, 99.5]))
    if high <= low:
        low, high = float(sample.min()), float(sample.max())
    if high <= low:
        return Intensities(low, low + 1.0, low, 1.0)
    inside = sample[(sample >= low) & (sample <= high)]
    return Intensities(low, high, float(inside.mean()), max(float(inside.std()), (high - low) * 1e-3))
