"""The mask of a draft: strokes, undo and redo, and what of it is saved."""

from __future__ import annotations

import numpy as np
import pytest

from jlabel.annotation.mask_draft import MaskDraft
from jlabel.errors import LabelError
from tests.annotation.draft_steps import SHAPE, paint, region


def test_a_stroke_paints_only_what_it_touched():
    draft = MaskDraft(SHAPE)
    touched = np.zeros((2, 2, 1), bool)
    touched[0, 1, 0] = True
    draft.paint(region((1, 1, 1), (3, 3, 2)), touched, 3)
    assert draft.mask.sum() == draft.mask[1, 2, 1] == 3
    assert draft.dirty


def test_undo_and_redo_a_stroke():
    draft = MaskDraft(SHAPE)
    paint(draft, (0, 0, 0), (2, 2, 2), 1)
    painted = draft.mask.copy()
    assert draft.undo() == region((0, 0, 0), (2, 2, 2))
    assert not draft.mask.any()
    assert not draft.dirty
    assert draft.redo() == region((0, 0, 0), (2, 2, 2))
    np.testing.assert_array_equal(draft.mask, painted)
    assert draft.redo() is None


def test_large_values_take_two_bytes():
    assert MaskDraft(SHAPE, largest=300).mask.dtype == np.uint16
    start = np.full(SHAPE, 1000, np.uint16)
    np.testing.assert_array_equal(MaskDraft(SHAPE, start).mask, start)
    with pytest.raises(LabelError, match="70000"):
        MaskDraft(SHAPE, np.full(SHAPE, 70000, np.uint32))


def test_a_saved_draft_is_dirty_again_after_undo():
    draft = MaskDraft(SHAPE)
    paint(draft, (0, 0, 0), (1, 1, 1), 1)
    draft.mark_saved(draft.history.position, draft.mask.copy())
    assert not draft.dirty
    draft.undo()
    assert draft.dirty
    draft.redo()
    assert not draft.dirty


def test_at_least_a_hundred_steps_are_kept_whatever_their_size():
    draft = MaskDraft(SHAPE)
    draft.history.max_bytes = 1
    for step in range(150):
        paint(draft, (0, 0, 0), (2, 2, 2), step % 3)
    for _ in range(100):
        assert draft.undo() is not None
    assert draft.undo() is None
    assert draft.dirty


def test_it_begins_with_a_label_that_came_since_and_has_nothing_to_undo():
    draft = MaskDraft(SHAPE)
    assert draft.untouched
    start = np.zeros(SHAPE, np.uint8)
    start[1:3, 1:3, 1:3] = 2
    draft.begin_with(start, region((1, 1, 1), (3, 3, 3)))
    np.testing.assert_array_equal(draft.mask, start)
    assert draft.occupied() == region((1, 1, 1), (3, 3, 3))
    assert draft.untouched
    assert draft.undo() is None
    paint(draft, (0, 0, 0), (2, 2, 2), 1)
    assert not draft.untouched
    draft.undo()
    np.testing.assert_array_equal(draft.mask, start)
    # The stroke can be done again.
    assert not draft.untouched
