"""What models find of labels that were renamed, merged and deleted."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import numpy as np

from jlabel.imaging import Region
from jlabel.prompts import Click
from jlabel.tasks import InferResult
from tests.widget.label_pages import SHAPE, Page, labeler, new_manager, page, studies, values  # noqa: F401 - fixtures


def test_models_find_renamed_labels_by_the_apps_name(page, labeler, studies):
    labeler.rename_label("a", "organ")
    labeler.model = "halves"
    page.ask("run", epoch=1, axis=2)
    page.wait(lambda: labeler.mask.any())
    assert set(np.unique(labeler.mask[:6])) == {1}
    assert set(np.unique(labeler.mask[6:])) == {2}
    manager = new_manager(studies)
    result = manager.infer("halves", "case_0")
    assert set(np.unique(result.mask)) == {1, 2}
    clicked = manager.infer("point", "case_0", [Click((1, 1, 1), True, "organ")], label="organ")
    assert clicked.mask[1, 1, 1] == 1
    assert manager.app.infers["point"].asked == [("a", {"a"})]
    manager.close()


def test_a_new_label_with_the_old_name_of_another_gets_its_own_voxels(labeler):
    labeler.rename_label("a", "organ")
    assert labeler.add_label("a").value == 3
    result = labeler._controller.manager.infer("point", "case_0", [Click((1, 1, 1))], label="a")
    assert result.mask[1, 1, 1] == 3
    assert labeler._controller.manager.infer("halves", "case_0").mask[0, 0, 0] == 1


def test_what_a_model_finds_of_merged_and_deleted_labels(page, labeler):
    labeler.add_label("rest")
    labeler.merge_label("a", "rest")
    labeler.delete_label("b")
    labeler.model = "halves"
    page.ask("run", epoch=1, axis=2)
    page.wait(lambda: labeler.mask.any())
    assert set(np.unique(labeler.mask[:6])) == {3}
    assert not labeler.mask[6:].any()


def test_prompts_go_on_after_their_label_was_renamed(page, labeler):
    click = {"kind": "click", "position": [1, 1, 1], "positive": True, "label": ""}
    page.ask("prompt", epoch=1, prompt=click, axis=2)
    page.wait(lambda: labeler.mask.any() and page.state["busy"] is None)
    labeler.rename_label("a", "organ")
    assert [prompt["label"] for prompt in page.prompts] == ["organ"]
    page.ask("prompt", epoch=1, prompt={**click, "position": [2, 2, 2]}, axis=2)
    page.wait(lambda: labeler.mask.sum() == 2 and page.state["busy"] is None)
    assert len(labeler.prompts) == 2
    labeler.undo()
    labeler.undo()
    assert not labeler.mask.any()


def test_probabilities_of_deleted_labels_are_left_out(labeler):
    labeler.add_label("rest")
    labeler.delete_label("a")
    sure = np.stack([np.full(SHAPE, 0.25), np.full(SHAPE, 0.75)]).astype(np.float16)
    region, values = Region.whole(SHAPE), np.full(SHAPE, 2, np.uint8)
    result = InferResult(region, values, SHAPE, {"a": 1, "b": 2}, probabilities=sure, classes=("a", "b"))
    left = labeler._controller.manager.label_names.without_lost(result)
    assert (left.labels, left.classes) == ({"b": 2}, ("b",))
    assert left.probabilities.shape == (1, *SHAPE)
    assert (left.probabilities == 0.75).all()
