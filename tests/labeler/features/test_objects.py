"""Objects of a label told apart in the labeler: where a new one begins, which one is active, and what is saved."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import ImageColor

from jlabel.errors import JlabelError, LabelError
from jlabel.imaging import Region
from jlabel.labels import Label
from jlabel.labels.object_values import object_color
from jlabel.tasks import InferResult, InferTask
from jlabel.training.labelled_images import labelled_images
from jlabel.widget import AppManager
from tests.widget.prompting_pages import SHAPE, App, Page, dots, studies  # noqa: F401 - fixtures


class Rows(InferTask):
    """An automatic model that calls each row along the first axis an object: the values 300, 301, …"""

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def __call__(self, request):
        values = np.zeros(SHAPE, np.uint16)
        values[:, 0, 0] = 300 + np.arange(SHAPE[0])
        return InferResult(Region.whole(SHAPE), values, SHAPE, {"nucleus": 2})


class AppWithRows(App):
    def init_infers(self):
        return {**super().init_infers(), "rows": Rows()}


STROMA, NUCLEUS = Label("stroma", 1, "#56b4e9"), Label("nucleus", 2, "#e69f00", instances=True)


@pytest.fixture
def manager(studies) -> Iterator[AppManager]:
    manager = AppManager(AppWithRows(studies, labels=[STROMA, NUCLEUS]))
    yield manager
    manager.close()


@pytest.fixture
def page(manager, monkeypatch) -> Iterator[Page]:
    labeler = manager.labeler("a")
    labeler.label = "nucleus"
    yield Page(labeler, monkeypatch)
    labeler.close()


def objects(page: Page) -> dict[int, int]:
    """Voxels of each object in the draft, by value."""
    values, counts = np.unique(page.labeler.mask, return_counts=True)
    return {int(v): int(n) for v, n in zip(values, counts, strict=True) if v >= 2}


def click_nuclei(page: Page, count: int) -> None:
    for n in range(count):
        page.click(f"p{n}", (n, 2, 4))
    page.settle()


def test_each_click_begins_an_object_of_its_own_and_one_on_an_object_goes_on_with_it(page):
    click_nuclei(page, 3)
    assert objects(page) == {2: 1, 3: 1, 4: 1}
    assert page.state["activeObject"] == 4
    assert [prompt["value"] for prompt in page.prompts.values()] == [2, 3, 4]
    assert {prompt["label"] for prompt in page.prompts.values()} == {"nucleus"}
    page.click("again", (0, 2, 4))
    page.settle()
    assert objects(page) == {2: 1, 3: 1, 4: 1}
    assert page.state["activeObject"] == 2


def test_clicks_whose_answers_are_still_to_come_are_objects_of_their_own_too(page, dots):
    dots.gate.clear()
    for n in range(3):
        page.click(f"p{n}", (n, 2, 4))
    dots.gate.set()
    page.settle()
    assert objects(page) == {2: 1, 3: 1, 4: 1}


def test_undo_takes_the_object_back_and_its_value_is_free_again(page):
    click_nuclei(page, 2)
    page.ask("undo")
    assert objects(page) == {2: 1}
    page.click("other", (7, 7, 4))
    page.settle()
    assert objects(page) == {2: 1, 3: 1}


def test_a_negative_click_is_for_the_active_object(page):
    page.stroke((0, 0, 4), (3, 3, 5), 2)
    page.ask("new_object")
    page.stroke((5, 5, 4), (8, 8, 5), 3)
    page.click("less", (1, 1, 4), positive=False)
    page.settle()
    assert page.state["activeObject"] == 3
    assert objects(page) == {2: 9, 3: 9}


def test_clicks_go_on_with_the_active_object_where_the_person_wants_that(page):
    page.ask("object_each_prompt", on=False)
    click_nuclei(page, 2)
    assert objects(page) == {2: 2}
    page.ask("new_object")
    assert page.state["activeObject"] == 3
    page.click("next", (7, 7, 4))
    page.settle()
    assert objects(page) == {2: 2, 3: 1}
    page.ask("choose_object", value=2)
    page.click("back", (8, 2, 4))
    page.settle()
    assert objects(page) == {2: 3, 3: 1}


def test_a_box_begins_an_object_or_goes_on_with_the_one_in_its_middle(page):
    click_nuclei(page, 1)
    for n, (lower, upper) in enumerate([((5, 5, 4), (7, 7, 4)), ((0, 1, 4), (1, 3, 4))]):
        prompt = {"id": f"box{n}", "kind": "box", "lower": list(lower), "upper": list(upper), "label": ""}
        page.ask("prompt", epoch=page.state["epoch"], prompt=prompt, axis=2)
        assert page.state["activeObject"] == [3, 2][n]


def test_another_label_has_one_value_and_new_objects_pass_it_by(page):
    labeler = page.labeler
    labeler.label = "stroma"
    click_nuclei(page, 2)
    assert (labeler.mask == 1).sum() == 2
    labeler.labels.add("vessel", value=3)
    labeler.label = "nucleus"
    assert [labeler.labels.new_object(), labeler.labels.active_object] == [2, 2]
    page.stroke((5, 5, 4), (6, 6, 5), 2)
    assert labeler.labels.new_object() == 4


def test_many_objects_widen_the_mask_and_are_counted_not_listed(page):
    labeler = page.labeler
    page.stroke((0, 0, 0), (1, 1, 1), 300)
    page.stroke((1, 0, 0), (3, 1, 1), 301)
    assert objects(page) == {300: 1, 301: 2}
    assert labeler.mask.dtype == np.uint16
    assert labeler.labels.objects == {300: 1e-3, 301: 2e-3}
    assert labeler.labels.volumes == {"stroma": 0, "nucleus": pytest.approx(3e-3)}
    assert [label.name for label in labeler.labels] == ["stroma", "nucleus"]
    assert labeler.labels.new_object() == 302


def test_locking_the_label_locks_its_objects_and_deleting_it_deletes_them(page):
    labeler = page.labeler
    click_nuclei(page, 2)
    page.ask("lock", value=2, locked=True)
    page.stroke((0, 2, 4), (2, 3, 5), 1)
    assert objects(page) == {2: 1, 3: 1}
    page.stroke((7, 7, 4), (8, 8, 5), 9)
    assert "nucleus is locked" in page.told("error")[-1]["text"]
    page.ask("lock", value=2, locked=False)
    labeler.labels.delete("nucleus")
    assert objects(page) == {}
    page.ask("undo")
    assert objects(page) == {2: 1, 3: 1}
    page.wait(lambda: [label.instances for label in labeler.labels] == [False, True])


def test_operations_work_on_the_active_object(page):
    click_nuclei(page, 2)
    page.labeler.labels.active_object = 2
    page.labeler.edit("erase")
    assert objects(page) == {3: 1}
    assert page.state["notice"].startswith("nucleus 2: ")


def test_a_saved_label_says_so_and_trainings_tell_its_objects_apart(page, manager):
    click_nuclei(page, 3)
    page.labeler.save()
    assert manager.datastore.get_label_info("a")["instances"] == "nucleus"
    values = {"stroma": 1, "nucleus": 2}
    (found,) = labelled_images(manager.datastore, {"nucleus": 1}, values, None, print)
    classes = found.to_classes(page.labeler.mask)
    assert (classes == 1).sum() == 3
    (apart,) = labelled_images(manager.datastore, {"nucleus": 1}, values, None, print, instances="nucleus")
    assert sorted(np.unique(apart.to_classes(page.labeler.mask))) == [0, 2, 3, 4]
    table = manager.labels_table(measure=True)
    row = table.iloc[0] if hasattr(table, "iloc") else table[0]
    assert (row["label"], row["voxels"], row["objects"]) == ("nucleus", 3, 3)


def test_the_objects_of_a_saved_label_are_there_when_it_is_opened_and_a_new_one_begins_above(manager):
    mask = np.zeros(SHAPE, np.uint16)
    mask[:4, 0, 0] = 2, 3, 700, 1
    manager.save_label("b", mask)
    labeler = manager.labeler("b")
    labeler.labels.volumes  # noqa: B018 - waits until the values are counted
    assert [label.name for label in labeler.labels] == ["stroma", "nucleus"]
    assert labeler.labels.active_object == 701
    labeler.close()


def test_values_are_named_again_where_objects_are_not_told_apart_any_more(page):
    labeler = page.labeler
    click_nuclei(page, 2)
    labeler.labels.volumes  # noqa: B018 - waits until the values are counted
    labeler.labels.tell_apart("nucleus", False)
    assert [label.name for label in labeler.labels] == ["stroma", "nucleus", "value 3"]
    assert (labeler.labels.active_object, labeler.labels.objects) == (None, {})
    with pytest.raises(JlabelError, match="no label's objects are told apart"):
        labeler.labels.new_object()
    labeler.labels.tell_apart("nucleus")
    assert [label.name for label in labeler.labels] == ["stroma", "nucleus"]
    with pytest.raises(LabelError, match="the objects of nucleus are told apart"):
        labeler.labels.add("cell", instances=True)


def test_only_the_objects_of_a_saved_label_are_taken_over(page, manager):
    mask = np.zeros(SHAPE, np.uint8)
    mask[:3, 5, 4] = 2, 9, 1
    manager.save_label("a", mask, "original")
    click_nuclei(page, 2)
    page.labeler.versions.take_over("original", label="nucleus")
    assert objects(page) == {2: 1, 9: 1}
    assert (page.labeler.mask == 1).sum() == 0


def test_a_model_that_tells_objects_apart_takes_former_ones_away_and_may_find_many(page):
    labeler = page.labeler
    click_nuclei(page, 2)
    labeler.model = "rows"
    page.run()
    page.wait(lambda: labeler.mask.max() == 299 + SHAPE[0])
    assert objects(page) == {300 + n: 1 for n in range(SHAPE[0])}
    page.ask("undo")
    assert objects(page) == {2: 1, 3: 1}


def test_a_first_mask_that_comes_for_the_open_image_brings_its_objects_however_many(page, manager):
    mask = np.zeros(SHAPE, np.uint16)
    mask[:, 0, 0] = 300 + np.arange(SHAPE[0])
    manager.save_label("a", mask, "original")
    page.labeler._controller.features.new_label.on_studies_changed()
    assert objects(page) == {300 + n: 1 for n in range(SHAPE[0])}
    assert page.told("mask")[-1]["dtype"] == "uint16"
    assert not page.state["canUndo"]


def test_another_label_is_compared_by_all_objects_together(page, manager):
    mask = np.zeros(SHAPE, np.uint8)
    mask[:4, 2, 4] = 9, 8, 7, 6
    manager.save_label("a", mask, "original")
    click_nuclei(page, 2)
    page.labeler.versions.compare("original")
    page.wait(lambda: bool(page.told("agreement")))
    rows = {row["value"]: (row["mine"], row["other"], row["both"]) for row in page.told("agreement")[-1]["rows"]}
    assert rows == {1: (0, 0, 0), 2: (2, 4, 2)}


def test_the_still_picture_has_a_colour_for_each_object_and_hides_them_with_their_label(page):
    page.stroke((0, 0, 0), (12, 10, 4), 2)
    page.stroke((0, 0, 4), (12, 10, 8), 7)
    page.ask("viewport", epoch=1, cursor=[6, 5, 6], window=[0, 1], hidden=[], opacity=1.0)
    shown = {color for _, color in page.labeler.picture().getcolors(1_000_000)}
    assert {ImageColor.getrgb(NUCLEUS.color), ImageColor.getrgb(object_color(7))} <= shown
    page.ask("viewport", epoch=1, cursor=[6, 5, 6], window=[0, 1], hidden=[2], opacity=1.0)
    shown = {color for _, color in page.labeler.picture().getcolors(1_000_000)}
    assert shown.isdisjoint({ImageColor.getrgb(NUCLEUS.color), ImageColor.getrgb(object_color(7))})
