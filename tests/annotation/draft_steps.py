"""What a person and a model do with a small draft, for the tests of drafts."""

from __future__ import annotations

import numpy as np

from jlabel.annotation.draft import Draft
from jlabel.annotation.mask_draft import MaskDraft
from jlabel.imaging import Region
from jlabel.prompts import Click
from jlabel.tasks import InferResult

SHAPE = (6, 5, 4)


def region(low: tuple[int, ...], up: tuple[int, ...]) -> Region:
    return Region(low, up)


def box_result(low: tuple[int, ...], up: tuple[int, ...], within: Region | None = None) -> InferResult:
    """An answer whose structure is the box; the region that was looked at may be larger."""
    looked = within or Region(low, up)
    whole = np.zeros(SHAPE, np.uint8)
    whole[Region(low, up).slices] = 1
    return InferResult(looked, whole[looked.slices], SHAPE, {"a": 1})


def paint(draft: MaskDraft, low: tuple[int, ...], up: tuple[int, ...], value: int) -> None:
    part = Region(low, up)
    draft.paint(part, np.ones(part.shape, bool), value)


def ask(draft: Draft, position=(1, 1, 1), positive=True, label="a", value=1, scope=None):
    return draft.add_prompt(Click(position, positive, label), label, value, scope)
