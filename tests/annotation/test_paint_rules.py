from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jlabel.annotation.draft import Draft
from jlabel.annotation.paint_rules import PaintRules
from jlabel.errors import LabelError
from jlabel.imaging import Region

SHAPE = (4, 3)
masks = arrays(np.uint8, SHAPE, elements=st.integers(0, 3))


@settings(max_examples=100)
@given(before=masks, after=masks, locked=st.sets(st.integers(1, 3)), over_background=st.booleans())
def test_locked_voxels_never_change_and_labels_are_not_painted_over(before, after, locked, over_background):
    draft = Draft(SHAPE, before)
    draft.guard = PaintRules({value: str(value) for value in locked}, over_background)
    draft.change(Region.whole(SHAPE), after.copy())
    for value in locked:
        np.testing.assert_array_equal(draft.mask == value, before == value)
    moved = (draft.mask != before) & (draft.mask != 0) & (before != 0)
    assert not (over_background and moved.any())
    allowed = ~(np.isin(before, list(locked)) | np.isin(after, list(locked)))
    allowed &= ~(over_background & (before != 0) & (after != 0))
    np.testing.assert_array_equal(draft.mask[allowed], after[allowed])
    draft.undo()
    np.testing.assert_array_equal(draft.mask, before)


def test_a_stroke_says_whether_the_rules_allowed_all_of_it():
    draft = Draft(SHAPE, np.full(SHAPE, 2, np.uint8))
    everywhere = np.ones(SHAPE, bool)
    draft.guard = PaintRules({2: "liver"})
    assert not draft.paint(Region.whole(SHAPE), everywhere, 1)
    assert (draft.mask == 2).all()
    draft.guard = PaintRules()
    assert draft.paint(Region.whole(SHAPE), everywhere, 1)


def test_objects_of_a_locked_label_are_named_once():
    rules = PaintRules({2: "nucleus", 3: "nucleus"})
    with pytest.raises(LabelError, match="Undo would change nucleus, which is locked"):
        rules.check(np.full(SHAPE, 2), np.full(SHAPE, 3), "Undo")


def test_undo_leaves_a_label_that_was_locked_since_and_says_why():
    draft = Draft(SHAPE)
    draft.paint(Region.whole(SHAPE), np.ones(SHAPE, bool), 2)
    draft.guard = PaintRules({2: "liver"})
    with pytest.raises(LabelError, match="Undo would change liver, which is locked"):
        draft.undo()
    assert (draft.mask == 2).all()
    draft.guard = PaintRules()
    draft.undo()
    assert not draft.mask.any()
