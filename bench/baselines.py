"""What the click tool is measured against: scikit-image's random walker and region growing at their defaults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.segmentation import flood, random_walker

from jlabel.prompts.prompt import Click
from jlabel.tasks.crop import Crop
from jlabel.tasks.interactive import InteractiveTask
from jlabel.tasks.request import InferRequest, Stopwatch

_DIRECT = 60_000


class Baseline(InteractiveTask):
    """An interactive task in a first region like the click tool's, which does not grow.

    In a volume it keeps closer to the clicks: the random walker takes minutes for millions of voxels.
    """

    max_grow = 0
    max_edge = 64

    def __init__(self) -> None:
        super().__init__(type="interactive")

    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Any]:
        return []

    def inferer(self, data: dict[str, Any]) -> Sequence[Any]:
        return []

    def post_transforms(self, data: dict[str, Any]) -> Sequence[Any]:
        return []


class RandomWalker(Baseline):
    """``random_walker`` with its default beta; everything where there is no negative click yet."""

    def segment(self, crop: Crop, request: InferRequest, watch: Stopwatch) -> NDArray[np.bool_]:
        seeds = np.zeros(crop.shape, dtype=np.int32)
        for click in clicks(crop):
            seeds[click.position] = 1 if click.positive else 2
        if not (seeds == 2).any():
            return np.ones(crop.shape, dtype=bool)
        values = crop.array.astype(np.float64)
        colour = -1 if values.ndim > crop.ndim else None
        # Its conjugate gradients hardly converge on large even areas; few enough voxels can be solved directly.
        mode = "bf" if seeds.size < _DIRECT else "cg_j"
        found = random_walker(values, seeds, mode=mode, channel_axis=colour, spacing=np.array(crop.spacing))
        return np.asarray(found == 1)


class RegionGrowing(Baseline):
    """``flood`` from every click within a tenth of the intensity range; what negative clicks reach is taken away.

    Its own default tolerance is none at all, which only finds equal neighbours.
    """

    def segment(self, crop: Crop, request: InferRequest, watch: Stopwatch) -> NDArray[np.bool_]:
        values = crop.array.astype(np.float64)
        grey = values.mean(axis=-1) if values.ndim > crop.ndim else values
        low, high = np.percentile(grey, [0.5, 99.5])
        inside = np.zeros(crop.shape, dtype=bool)
        for click in sorted(clicks(crop), key=lambda click: not click.positive):
            reached = flood(grey, click.position, tolerance=0.1 * (high - low))
            inside = inside | reached if click.positive else inside & ~reached
        return inside


def clicks(crop: Crop) -> list[Click]:
    return [prompt for prompt in crop.prompts if isinstance(prompt, Click)]
