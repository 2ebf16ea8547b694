"""Which model prompts are for, and what it starts from."""

from __future__ import annotations

import numpy as np
import pytest

from jlabel.annotation.prompt_group import GivenPrompt, PromptGroup
from jlabel.errors import PromptError, TaskError
from jlabel.labeler.features.prompt_models import PromptModels
from jlabel.labeler.open_image import OpenImage
from jlabel.prompts import Click
from tests.widget.labeler_pages import Ball, Everything, Page, labeler, manager, page, studies  # noqa: F401 - fixtures


@pytest.fixture
def models() -> PromptModels:
    return PromptModels({"ball": Ball(), "slice": Ball(dimension=2), "auto": Everything()})


@pytest.fixture
def opened(page: Page) -> OpenImage:  # noqa: F811
    return page.labeler._controller.require_image()


def group(model: str, *prompts: Click, **fields: object) -> PromptGroup:
    given = tuple(GivenPrompt(str(n), prompt) for n, prompt in enumerate(prompts))
    return PromptGroup("a", 1, scope=(model,), given=given, **fields)


def test_a_model_that_is_not_there_or_takes_no_prompts_is_said(models: PromptModels) -> None:
    assert models.interactive("ball").interactive
    for name, words in ((None, "no model to click with"), ("gone", "no model 'gone'"), ("auto", "takes no clicks")):
        with pytest.raises(TaskError, match=words):
            models.interactive(name)
    with pytest.raises(TaskError, match="'gone', which this prompt was for, is not available"):
        models.task_of(group("gone", Click((1, 1, 1))))
    assert not models.is_available(group("gone"))


def test_a_model_of_one_slice_has_a_scope_for_each(models: PromptModels, opened: OpenImage) -> None:
    assert models.scope(opened, "ball", Click((1, 2, 3)), 2, 0) == ("ball",)
    assert models.scope(opened, "slice", Click((1, 2, 3)), 2, 0) == ("slice", 2, 3)
    assert models.scope(opened, "slice", None, 1, 7) == ("slice", 1, 7)
    with pytest.raises(PromptError, match="an array axis is 0 to 2, not 3"):
        models.scope(opened, "slice", Click((1, 2, 3)), 3, 0)


def test_negative_prompts_alone_can_be_answered_where_there_is_a_mask_to_start_from(
    models: PromptModels, opened: OpenImage
) -> None:
    negative = group("ball", Click((1, 1, 1), positive=False))
    assert models.answerable(opened, group("ball", Click((1, 1, 1))))
    assert models.start_of(opened, negative) is None
    assert not models.answerable(opened, negative)
    opened.draft.mask[1:3, 1:3, 1:3] = 1
    start = models.start_of(opened, negative)
    assert start is not None
    assert int(np.count_nonzero(start.mask)) == 8
    assert models.answerable(opened, negative)
    in_slice = PromptGroup("a", 1, scope=("slice", 2, 1), given=negative.given)
    cut = models.start_of(opened, in_slice)
    assert cut is not None
    assert int(np.count_nonzero(cut.mask)) == 4
