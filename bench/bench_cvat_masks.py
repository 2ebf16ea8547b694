"""Masks to CVAT's run lengths and back: ``python -m bench.bench_cvat_masks``.

``cvat_masks.encode`` and ``cvat_masks.decode`` are of one mask of a picture of 2,000 × 2,000 pixels: ``blobs`` is four
large round objects, ``noisy`` is such objects with ragged borders and specks all over, as a network may answer them.
``columns`` is ``blobs`` in memory column by column, as a transposed array is. What is decoded are floats, as a server
answers them. ``worst`` is noise, a run for every second pixel: no mask that anybody draws, and without a bar.
``cvat_masks.painted`` is 200 polygons of 100 corners as one picture, also without one.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
from scipy import ndimage

from bench.report import emit
from jlabel.cvat.masks import decode_mask, encode_mask
from jlabel.cvat.shapes import painted_values

SIDE, ROUNDS, BAR_MS = 2000, 30, 20.0


def main() -> int:
    good = True
    for name, mask in _masks().items():
        good &= _there_and_back(name, mask, None if name == "worst" else BAR_MS)
    columns = np.asfortranarray(_masks()["blobs"])
    good &= emit("cvat_masks.encode.columns", _times(lambda: encode_mask(columns)), "ms", bar=BAR_MS)
    shapes = _polygons()
    good &= emit(
        "cvat_masks.painted",
        _times(lambda: painted_values(shapes, [1] * len(shapes), SIDE, SIDE)),
        "ms",
        shapes=len(shapes),
    )
    return 0 if good else 1


def _there_and_back(name: str, mask: np.ndarray, bar: float | None) -> bool:
    runs = encode_mask(mask)
    assert runs is not None
    points = [float(number) for number in runs]
    assert np.array_equal(decode_mask(points, SIDE, SIDE), mask)
    encoded, decoded = _times(lambda: encode_mask(mask)), _times(lambda: decode_mask(points, SIDE, SIDE))
    good = emit(f"cvat_masks.encode.{name}", encoded, "ms", bar=bar, runs=len(runs) - 4)
    return good & emit(f"cvat_masks.decode.{name}", decoded, "ms", bar=bar, runs=len(runs) - 4)


def _masks() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    x, y = np.arange(SIDE), np.arange(SIDE)[:, None]
    places = ((300, 300, 250), (1500, 500, 450), (800, 1500, 430), (1700, 1700, 200))
    away = np.min([np.hypot(x - left, y - top) - radius for left, top, radius in places], axis=0)
    ragged = ndimage.gaussian_filter(rng.standard_normal((SIDE, SIDE)), 2)
    noisy = (away < 150 * ragged) | (rng.random((SIDE, SIDE)) < 0.001)
    return {
        "blobs": away < 0,
        "noisy": noisy,
        "worst": rng.random((SIDE, SIDE)) < 0.5,
    }


def _polygons() -> list[dict[str, object]]:
    rng = np.random.default_rng(1)
    angles = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    shapes = []
    for x, y in rng.uniform(0, SIDE, (200, 2)):
        corners = rng.uniform(30, 60, (len(angles), 1)) * np.stack([np.cos(angles), np.sin(angles)], axis=1) + (x, y)
        shapes.append({"type": "polygon", "points": corners.ravel().tolist(), "label_id": 1})
    return shapes


def _times(work: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1000)
    return times


if __name__ == "__main__":
    sys.exit(main())
