"""Volumes with two structures beside each other, labelled as a careful person would."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from jlabel.imaging import Image

SHAPE = (30, 36, 26)
NAMES = {1: "head", 2: "tail"}


def case(seed: int) -> tuple[Image, np.ndarray]:
    """Two ellipsoids that touch, the tail behind the head, of sizes and at places that vary; 1.5 mm voxels."""
    rng = np.random.default_rng(seed)
    index = np.moveaxis(np.indices(SHAPE), 0, -1)
    centre = np.array([15.0, 24.0, 13.0]) + rng.normal(0, 0.7, 3)
    radii = np.array([6.0, 7.0, 5.0]) * rng.normal(1, 0.04)
    head = np.linalg.norm((index - centre) / radii, axis=-1) < 1
    centre = centre - [0, 11.0, 0] + rng.normal(0, 0.7, 3)
    tail = np.linalg.norm((index - centre) / np.array([5.0, 7.0, 5.0]) / rng.normal(1, 0.04), axis=-1) < 1
    mask = np.where(head, 1, np.where(tail, 2, 0)).astype(np.uint8)
    seen = ndimage.gaussian_filter(np.choose(mask, (40.0, 120.0, 90.0)), 0.7) + rng.normal(0, 6, SHAPE)
    return Image(seen.astype(np.float32), np.diag([1.5, 1.5, 1.5, 1.0])), mask


def picture(seed: int) -> tuple[Image, np.ndarray]:
    """A disc on a picture of 40 x 50 pixels."""
    rng = np.random.default_rng(seed)
    index = np.moveaxis(np.indices((40, 50)), 0, -1)
    mask = (np.linalg.norm(index - [20, 25] - rng.normal(0, 1, 2), axis=-1) < 9 + rng.normal(0, 0.4)).astype(np.uint8)
    seen = np.where(mask, 170, 60) + rng.integers(-9, 10, mask.shape)
    return Image(np.stack([seen] * 3, axis=-1).astype(np.uint8), np.eye(4), channels="rgb", oriented=False), mask
