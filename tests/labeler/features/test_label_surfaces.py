from __future__ import annotations

import contextlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jlabel.errors import Cancelled
from jlabel.imaging.rendering.surface import label_surface
from jlabel.labeler.features import label_surfaces as module
from jlabel.labeler.features.label_surfaces import LabelSurfaces
from jlabel.progress import NO_PROGRESS, Progress

AFFINE = np.diag([1.0, 2.0, 3.0, 1.0])
SHAPE = (6, 5, 7)


def look(surfaces: LabelSurfaces, mask: np.ndarray, progress: Progress = NO_PROGRESS) -> list[int]:
    """Look at a mask and bring everything up to date; returns what was found anew."""
    surfaces.look(lambda part: mask[:, :, part].copy(order="F"), progress)
    stale = list(surfaces.stale)
    for value in stale:
        surfaces.update(value, progress)
    return stale


@settings(max_examples=50)
@given(masks=st.lists(arrays(np.uint8, SHAPE, elements=st.sampled_from([0, 0, 0, 1, 2, 9])), min_size=1, max_size=4))
def test_the_surfaces_are_those_of_the_last_mask_whatever_came_before(masks):
    before, module._SLAB = module._SLAB, SHAPE[0] * SHAPE[1] * 2
    try:
        surfaces = LabelSurfaces(SHAPE, AFFINE)
        for mask in masks:
            look(surfaces, mask)
    finally:
        module._SLAB = before
    assert set(surfaces.known) == set(np.unique(masks[-1])) - {0}
    for value, known in surfaces.known.items():
        whole = label_surface(masks[-1] == value, AFFINE)
        assert len(known.surface.faces) == len(whole.faces)
        np.testing.assert_allclose(known.surface.vertices, whole.vertices, atol=1e-4)


def test_only_what_has_changed_is_found_again():
    mask = np.zeros(SHAPE, np.uint8)
    mask[1, 1, 1], mask[4, 4, 4] = 1, 2
    surfaces = LabelSurfaces(SHAPE, AFFINE)
    assert look(surfaces, mask) == [1, 2]
    versions = {value: known.version for value, known in surfaces.known.items()}
    assert look(surfaces, mask) == []
    mask[4, 4, 5] = 2
    assert look(surfaces, mask) == [2]
    assert surfaces.known[1].version == versions[1]
    assert surfaces.known[2].version > versions[2]
    mask[mask == 1] = 0
    assert look(surfaces, mask) == [1]
    assert set(surfaces.known) == {2}


def test_what_was_not_brought_up_to_date_stays_to_be_done():
    mask = np.zeros(SHAPE, np.uint16)
    mask[2, 2, 2] = 700
    surfaces = LabelSurfaces(SHAPE, AFFINE)
    for _ in range(2):
        surfaces.look(lambda part: mask[:, :, part].copy(order="F"))
        assert list(surfaces.stale) == [700]
    assert surfaces.update(700) is not None
    assert surfaces.stale == {}


@settings(max_examples=50)
@given(
    masks=st.lists(arrays(np.uint8, SHAPE, elements=st.sampled_from([0, 0, 0, 1, 2, 9])), min_size=2, max_size=4),
    checks=st.lists(st.integers(0, 12), min_size=1, max_size=3),
)
def test_what_is_given_up_at_any_moment_is_made_good_the_next_time(masks, checks):
    before, module._SLAB = module._SLAB, SHAPE[0] * SHAPE[1] * 2
    try:
        surfaces = LabelSurfaces(SHAPE, AFFINE)
        for mask, patience in zip(masks, checks, strict=False):
            with contextlib.suppress(Cancelled):
                look(surfaces, mask, impatient(patience))
        look(surfaces, masks[-1])
    finally:
        module._SLAB = before
    assert set(surfaces.known) == set(np.unique(masks[-1])) - {0}
    for value, known in surfaces.known.items():
        whole = label_surface(masks[-1] == value, AFFINE)
        np.testing.assert_allclose(known.surface.vertices, whole.vertices, atol=1e-4)


def impatient(checks: int) -> Progress:
    """Gives up after so many checks."""
    left = iter(range(checks))

    def check() -> None:
        if next(left, None) is None:
            raise Cancelled("enough")

    return Progress(check=check)
