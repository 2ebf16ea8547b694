"""What a model is asked by prompts: from what mask it starts, for which label, and which prompts are run again."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import pytest

from jlabel.errors import PromptError
from jlabel.tasks.interactive import ROOM
from tests.widget.prompting_pages import dots, manager, page, studies  # noqa: F401 - fixtures


def test_the_present_mask_as_a_prompt(page):
    takes = {model["name"]: model["takesMask"] for model in page.state["models"]}
    assert takes == {"dots": True, "dots_2d": True, "no_mask": False}
    page.from_mask("mask")
    assert "has no voxels to start from" in page.told("error")[-1]["text"]
    assert page.prompts == {}
    page.stroke((1, 1, 1), (3, 2, 2), 1)
    page.from_mask("mask")
    page.click("away", (1, 1, 1), positive=False)
    page.settle()
    assert page.voxels() == {(2, 1, 1)}
    assert [prompt["kind"] for prompt in page.prompts.values()] == ["mask", "click"]
    page.remove("away")
    page.settle()
    assert page.voxels() == {(1, 1, 1), (2, 1, 1)}
    page.labeler.model = "no_mask"
    page.from_mask("again")
    assert "cannot start from a mask" in page.told("error")[-1]["text"]


def test_a_model_of_one_slice_starts_from_the_mask_there(page):
    page.labeler.model = "dots_2d"
    page.stroke((1, 1, 3), (3, 2, 6), 1)
    page.from_mask("mask", at=5)
    page.click("away", (1, 1, 5), positive=False)
    page.settle()
    assert page.voxels() == {(1, 1, 3), (2, 1, 3), (1, 1, 4), (2, 1, 4), (2, 1, 5)}
    assert {tuple(prompt["slice"]) for prompt in page.prompts.values()} == {(2, 5)}
    page.from_mask("nothing", at=7)
    assert "has no voxels to start from here" in page.told("error")[-1]["text"]


def test_a_request_has_the_prompts_of_one_label_under_its_present_name(page, dots):
    page.click("first", (1, 1, 1))
    page.settle()
    controller = page.labeler._controller
    page.labeler.labels.rename("one", "liver")
    asking, opened = controller.features.prompting.prompt_requests, controller.require_image()
    [group] = opened.draft.groups
    model, options = asking.options(opened, group, None)
    assert (model, options["label"], options["axis"], options["probabilities"]) == ("dots", "liver", 2, False)
    assert [prompt.label for prompt in options["prompts"]] == ["liver"]


def test_a_larger_region_is_asked_for_until_another_image_is_open(page, dots):
    page.click("first", (1, 1, 1))
    page.settle()
    controller = page.labeler._controller
    asking, opened = controller.features.prompting.prompt_requests, controller.require_image()
    [group] = opened.draft.groups
    assert ROOM not in asking.options(opened, group, None)[1]
    for times in (1, 2):
        asking.look_further(group.key)
        assert asking.options(opened, group, None)[1][ROOM] == times
    asking.begin()
    assert ROOM not in asking.options(opened, group, None)[1]


def test_there_is_nothing_to_run_without_a_prompt(page):
    controller = page.labeler._controller
    with pytest.raises(PromptError, match="point at the structure first"):
        controller.features.prompting.prompt_requests.to_run(controller.require_image())


def test_prompts_of_several_slices_are_not_run_by_a_model_of_one(page, dots):
    page.click("first", (1, 1, 3))
    page.click("second", (1, 1, 4))
    page.settle()
    page.labeler.model = "dots_2d"
    controller = page.labeler._controller
    with pytest.raises(PromptError, match="works in one slice, and these prompts lie in several"):
        controller.features.prompting.prompt_requests.to_run(controller.require_image())
