"""What an image looks like, as numbers that need no model: a small copy of it, its intensities, its size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from jlabel.imaging import Image
from jlabel.imaging.finite import filled

#: The side of the small copy of a volume, and of a picture, in pixels.
SIDE_3D, SIDE_2D = 32, 64
#: So many of the small copy's lowest frequencies are kept; of the others, how much each band of them holds.
FREQUENCIES, BANDS = 512, 8
BINS = 16
# A larger image is seen at every so-manieth voxel: its small copy is as good.
_MOST_VOXELS = 1 << 23

_LENGTHS = {"small copy": FREQUENCIES, "texture": BANDS, "histogram": BINS, "level": 4, "spacing": 3, "extent": 3}
_STOPS = np.cumsum(list(_LENGTHS.values()))
#: Where the parts of a vector are.
PARTS = {
    name: slice(int(stop) - length, int(stop)) for stop, (name, length) in zip(_STOPS, _LENGTHS.items(), strict=True)
}
LENGTH = int(_STOPS[-1])
#: How much of the distance between two images each part makes: its variance over all images is scaled to this.
WEIGHTS = {"small copy": 1.0, "texture": 0.5, "histogram": 1.0, "level": 0.5, "spacing": 0.25, "extent": 0.25}


def appearance(image: Image) -> tuple[NDArray[np.float32], float]:
    """The features of an image, of shape ``(546,)``, and the share of it that is foreground, 0 to 1.

    The parts are: the lowest frequencies (discrete cosine transform) of a small copy of 32³ voxels or 64² pixels,
    scaled to 0..1 between its 1 % and 99 % percentiles; how much the bands of its higher frequencies hold; a histogram
    of 16 bins; mean, spread and colour as they are in the file; spacing and extent in mm, as logarithms.
    """
    blocks = _blocks(_spatial_first(image), SIDE_3D if image.ndim == 3 else SIDE_2D, image.ndim)
    gray = blocks.mean(-1)
    low, high = (float(one) for one in np.percentile(gray, (1, 99)))
    small = np.clip((gray - low) / max(high - low, 1e-6), 0, 1)
    waves = (fft.dctn(small, norm="ortho") / np.sqrt(small.size)).ravel()[_by_frequency(small.shape)]
    texture = [np.sqrt(np.square(band).sum()) for band in np.array_split(waves[FREQUENCIES:], BANDS)]
    colors = blocks.reshape(-1, blocks.shape[-1]).mean(0)
    color = [float(colors[0] - colors.mean()), float(colors[-1] - colors.mean())]
    level = [*np.arcsinh([gray.mean(), gray.std()]), *np.arcsinh(color)]
    spacing = list(image.spacing)
    extent = [step * count for step, count in zip(spacing, image.shape, strict=True)]
    histogram = np.histogram(small, BINS, (0, 1))[0] / small.size
    values = [waves[:FREQUENCIES], np.log10(np.add(texture, 1e-4)), histogram, level, _logs(spacing), _logs(extent)]
    return np.concatenate(values).astype(np.float32), _foreground(small)


def _spatial_first(image: Image) -> NDArray[np.float32]:
    """The voxels with colours behind, of a large image every so-manieth; what is no measurement is the lowest."""
    step = max(1, int(np.ceil((np.prod(image.shape) / _MOST_VOXELS) ** (1 / image.ndim))))
    array: NDArray[Any] = image.array[tuple(slice(None, None, step) for _ in range(image.ndim))]
    voxels = filled(array.astype(np.float32), padding=image.padding)
    return voxels if image.channels == "rgb" else voxels[..., None]


def _blocks(array: NDArray[np.float32], side: int, axes: int) -> NDArray[np.float32]:
    """Means of ``side`` blocks along each of the first axes, parts of voxels counted as parts."""
    for axis in range(axes):
        length = array.shape[axis]
        zero = np.zeros_like(np.take(array, [0], axis), np.float64)
        sums = np.concatenate([zero, np.cumsum(array, axis, np.float64)], axis)
        at = np.linspace(0, length, side + 1)
        lower = np.minimum(at.astype(int), length - 1)
        part = (at - lower).reshape([-1 if one == axis else 1 for one in range(array.ndim)])
        ends = np.take(sums, lower, axis) + part * np.take(array, lower, axis)
        array = (np.diff(ends, axis=axis) * (side / length)).astype(np.float32)
    return array


@cache
def _by_frequency(shape: tuple[int, ...]) -> NDArray[np.intp]:
    """The order of the coefficients of a small copy of that shape, the lowest frequencies first."""
    places = np.meshgrid(*(np.arange(side) for side in shape), indexing="ij")
    return np.argsort(np.sum(np.square(places), 0).ravel(), kind="stable")


def _foreground(small: NDArray[np.float32]) -> float:
    """The share of a small copy that is brighter than its background, by Otsu's threshold."""
    counts, edges = np.histogram(small, 64, (0, 1))
    centers = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    sums = np.cumsum(counts * centers)
    apart = sums[:-1] / np.maximum(below, 1) - (sums[-1] - sums[:-1]) / np.maximum(above, 1)
    between = below * above * np.square(apart)
    if not between.any():
        return 0.0
    return float((small > edges[int(np.argmax(between)) + 1]).mean())


def _logs(values: Sequence[float]) -> NDArray[np.float64]:
    """Logarithms of three positive numbers; 0 for one that is missing."""
    logs = [float(np.log10(max(value, 1e-3))) for value in values]
    return np.array(logs + [0.0] * (3 - len(logs)))
