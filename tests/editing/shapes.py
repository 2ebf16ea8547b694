"""Small label masks to edit."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from jlabel.editing import Edit, Extent

LABEL = 1
SPACING = (1.0, 0.5, 2.5)


@st.composite
def masks(draw: Any, ndim: int = 3, side: int = 9) -> NDArray[np.uint8]:
    """Boxes of two labels and some loose voxels; label 1 is never missing."""
    shape = tuple(draw(st.integers(3, side)) for _ in range(ndim))
    mask = np.zeros(shape, np.uint8, order="F")
    for value in draw(st.lists(st.sampled_from([1, 1, 2]), min_size=1, max_size=5)):
        lower = [draw(st.integers(0, n - 1)) for n in shape]
        mask[tuple(slice(lo, lo + draw(st.integers(1, 5))) for lo in lower)] = value
    loose = draw(hnp.arrays(np.uint8, shape, elements=st.sampled_from([0] * 12 + [1, 2]), fill=st.just(0)))
    mask[loose > 0] = loose[loose > 0]
    mask[tuple(draw(st.integers(0, n - 1)) for n in shape)] = LABEL
    return mask


@st.composite
def extents(draw: Any, shape: tuple[int, ...]) -> Extent:
    """In 3D, in each slice or in one."""
    if len(shape) == 2:
        return Extent()
    axis = draw(st.sampled_from([None, 0, 1, 2]))
    if axis is None:
        return Extent()
    return Extent(axis, draw(st.one_of(st.none(), st.integers(0, shape[axis] - 1))))


def apply(mask: NDArray[np.uint8], edit: Edit) -> NDArray[np.uint8]:
    """The mask after the edit; also holds the edit to its promises."""
    assert edit.after.shape == edit.region.shape
    assert edit.after.dtype == mask.dtype
    assert edit.after.flags.f_contiguous
    assert edit.region.clip(mask.shape) == edit.region
    after = mask.copy(order="F")
    after[edit.region.slices] = edit.after
    return after


def ball(shape: tuple[int, ...], centre: tuple[float, ...], radius: float, spacing: Any = None) -> NDArray[np.bool_]:
    """The voxels whose centres lie within a ball (a disc in 2D); the radius in mm."""
    step = np.ones(len(shape)) if spacing is None else np.asarray(spacing)
    away = (np.indices(shape).T - np.asarray(centre)) * step
    return (np.linalg.norm(away, axis=-1) <= radius).T
