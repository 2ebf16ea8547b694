"""Drafts of 0.1.0 are recovered: voxels, prompts, and whose they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from jlabel.annotation.draft import Draft
from jlabel.annotation.prompt_serialization import prompt_groups_from_json
from jlabel.annotation.recovery.journal_reading import read_journal
from jlabel.prompts import Click

OLD = Path(__file__).parents[2] / "data" / "v0_1_0" / "drafts" / "case_3.draft"
SHAPE = (24, 20, 16)


def test_a_draft_comes_back_with_its_prompts() -> None:
    found = read_journal(OLD, SHAPE)
    assert found is not None
    assert found.owner is not None
    assert (found.owner.who, found.owner.host) == ("ada", "workstation")
    # Two strokes, a voxel erased again, and what a click found.
    assert (found.mask[2:6, 2:6, 2:5] == 1).sum() == 4 * 4 * 3 - 1
    assert found.mask[2, 2, 2] == 0
    assert set(np.unique(found.mask[8:10, 8:10, 2])) == {2}
    assert found.mask[12, 9, 8] == 1
    draft = Draft(SHAPE, found.mask, unsaved=True)
    draft.restore_prompts(prompt_groups_from_json(found.prompts, SHAPE, draft.mask.dtype.name))
    [group] = draft.groups
    assert group.prompts == (Click((12, 9, 8), True, "organ"),)
    assert group.region is not None


def test_a_prompt_of_an_old_draft_can_be_taken_back() -> None:
    found = read_journal(OLD, SHAPE)
    assert found is not None
    draft = Draft(SHAPE, found.mask, unsaved=True)
    draft.restore_prompts(prompt_groups_from_json(found.prompts, SHAPE, draft.mask.dtype.name))
    [group] = draft.groups
    draft.unanswer(group.without("second"))
    assert draft.mask[12, 9, 8] == 0
    assert (draft.mask[2:6, 2:6, 2:5] == 1).sum() == 4 * 4 * 3 - 1
