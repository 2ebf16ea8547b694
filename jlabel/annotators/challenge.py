"""The annotator of the CVPR 2025 challenge *Foundation Models for Interactive 3D Biomedical Image Segmentation*."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.annotators.boxes import middle_slice_box
from jlabel.annotators.error_regions import largest_region
from jlabel.prompts.prompt import Click, Prompt


class Cvpr25:
    """Clicks as that challenge's evaluation does: https://github.com/JunMa11/CVPR-MedSegFMCompetition.

    Missed and wrongly added voxels are one set of errors, whose connected components share faces, edges or corners. The
    click goes to the voxel of the largest component that is furthest from its border in voxels, whatever the spacing;
    of several such voxels the seed draws one, and begins anew for each click. The truth there gives the click its sign.
    A component whose box has more than 60 million voxels is not made coarser first, as it is there.

    Args:
        seed: Of the draw among equal voxels; that of the challenge if not given.
        box: Whether it begins with a box: see :func:`middle_slice_box`.
        axis: The axis across the slices, for the box.

    Examples:
        >>> from jlabel.annotators import Cvpr25
        >>> truth = np.zeros((9, 9, 9), bool)
        >>> truth[2:7, 2:7, 2:7] = True
        >>> Cvpr25().next_click(truth, np.zeros_like(truth))
        Click(position=(4, 4, 4), positive=True, label='')
    """

    def __init__(self, seed: int = 42, *, box: bool = False, axis: int = -1) -> None:
        self.seed, self.box, self.axis = seed, box, axis

    def first_prompts(self, truth: NDArray[Any]) -> tuple[Prompt, ...]:
        """The box, where it begins with one and there is something to draw it around."""
        if not self.box or not np.any(truth):
            return ()
        return (middle_slice_box(truth, np.random.default_rng(self.seed), axis=self.axis),)

    def next_click(
        self, truth: NDArray[Any], mask: NDArray[Any], spacing: Sequence[float] | None = None
    ) -> Click | None:
        """The click to make next, or None where the mask is right everywhere; the spacing plays no part."""
        wanted = np.asarray(truth, dtype=bool)
        region = largest_region(wanted != np.asarray(mask, dtype=bool), full=True)
        if region is None:
            return None
        deepest = region.deepest()
        # The challenge seeds numpy's legacy generator before each draw: the same numbers come of it here.
        place = deepest[int(np.random.RandomState(self.seed).choice(len(deepest)))]
        return Click(place, bool(wanted[place]))

    def __repr__(self) -> str:
        return f"Cvpr25(seed={self.seed}, box={self.box})"
