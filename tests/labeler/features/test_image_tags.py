"""Tags of the open image: chosen by a person, proposed by a model, and told apart."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import numpy as np
import pytest

from jlabel.app import LabelApp
from jlabel.datastores.image_tags import model_tag, person_tag
from jlabel.imaging import Region
from jlabel.labels import Classification
from jlabel.tasks import InferResult, InferTask
from jlabel.widget import AppManager
from tests.widget.labeler_pages import Everything, labeler, page, studies  # noqa: F401 - fixtures

VIEW = Classification("view", ["in body", "out of body"])
DIAGNOSIS = Classification("diagnosis", ["pneumonia", "effusion", "normal"], several=True)


class View(InferTask):
    """Says that it is seventy per cent sure, and something else."""

    classification = VIEW

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def __call__(self, request):
        shape, chances = request.image.shape, {"in body": 0.3, "out of body": 0.7}
        info = {"prediction": [0.3, 0.7], "sharpness": 0.123456}
        return InferResult(
            Region.whole(shape), np.zeros(shape, np.uint8), shape, {}, info=info, tags={"view": chances}, version=2
        )


class TagApp(LabelApp):
    def init_infers(self):
        return {"auto": Everything(), "view": View(type="classification")}


@pytest.fixture
def manager(studies):
    quality = Classification("quality", ["good", "bad"])
    manager = AppManager(TagApp(studies, ["a", "b"], tags=[quality, DIAGNOSIS]))
    yield manager
    manager.close()


def tags(page):
    return {one["name"]: one for one in page.state()["imageTags"]}


def chosen(page, name="view"):
    """The one class that was chosen; None where none was."""
    (value,) = tags(page)[name]["chosen"] or [None]
    return value


def tell(page, value, name="view"):
    page.ask("tag_image", epoch=page.state()["epoch"], name=name, values=[] if value is None else [value])


def test_the_pages_know_the_tags_of_the_app_and_which_model_tells_one(labeler, page):
    page.wait(lambda: tags(page)["view"]["model"] == "view")
    assert tags(page)["view"] == {
        "name": "view",
        "classes": ["in body", "out of body"],
        "several": False,
        "chosen": [],
        "proposed": None,
        "probability": None,
        "by": "",
        "model": "view",
    }
    assert tags(page)["quality"]["model"] is None


def test_a_person_chooses_a_class_changes_it_and_takes_it_back(labeler, page, manager):
    for value in ("in body", "out of body", None):
        tell(page, value)
        page.wait(lambda value=value: chosen(page) == value)
        tag = person_tag(manager.datastore.get_image_info("case_0"), "view")
        assert (None if tag is None else tag.value) == value


def test_a_person_chooses_several_classes_where_an_image_may_have_them(labeler, page, manager):
    assert tags(page)["diagnosis"]["several"]
    for values in (["effusion", "pneumonia"], ["effusion"], []):
        page.ask("tag_image", epoch=page.state()["epoch"], name="diagnosis", values=values)
        page.wait(lambda values=values: tags(page)["diagnosis"]["chosen"] == sorted(values, reverse=True))
        tag = manager.image_tags("case_0").get("diagnosis")
        assert (() if tag is None else tag.values) == tuple(sorted(values, reverse=True))
    page.ask("tag_image", epoch=page.state()["epoch"], name="quality", values=["good", "bad"])
    page.wait(lambda: bool(page.state()["errors"]))
    assert "an image has one class of 'quality', not 'bad' and 'good'" in page.state()["errors"][-1]


def test_each_image_has_its_own_tags(labeler, page):
    tell(page, "good", "quality")
    page.wait(lambda: chosen(page, "quality") == "good")
    labeler.open("case_1")
    page.wait(lambda: chosen(page, "quality") is None)
    labeler.open("case_0")
    page.wait(lambda: chosen(page, "quality") == "good")


def test_a_choice_for_an_image_that_was_left_is_dropped(labeler, page, manager):
    epoch = page.state()["epoch"]
    labeler.open("case_1")
    page.ask("tag_image", epoch=epoch, name="view", values=["in body"])
    tell(page, "out of body")
    page.wait(lambda: chosen(page) == "out of body")
    assert person_tag(manager.datastore.get_image_info("case_0"), "view") is None


def test_a_class_that_there_is_not_is_named(labeler, page):
    tell(page, "blurred")
    page.wait(lambda: bool(page.state()["errors"]))
    assert "'view' has no class 'blurred'" in page.state()["errors"][-1]


def test_a_model_proposes_and_leaves_the_draft_and_the_persons_tag_alone(labeler, page, manager):
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    tell(page, "in body")
    page.ask("ask_for_tag", epoch=page.state()["epoch"], name="view")
    page.wait(lambda: tags(page)["view"]["proposed"] == "out of body")
    found = tags(page)["view"]
    assert (found["chosen"], found["probability"], found["by"]) == (["in body"], 0.7, "view version 2")
    assert labeler.mask.sum() == 8
    assert page.state()["madeBy"] == []
    info = manager.datastore.get_image_info("case_0")
    assert (person_tag(info, "view").value, model_tag(info, "view").value) == ("in body", "out of body")


def test_run_asks_the_chosen_model_for_tags_too(labeler, page):
    labeler.model = "view"
    page.ask("run", epoch=page.state()["epoch"], axis=2)
    page.wait(lambda: tags(page)["view"]["proposed"] == "out of body")
    assert not labeler.dirty


def test_what_else_a_model_told_is_shown_until_another_image_is_open(labeler, page):
    page.ask("ask_for_tag", epoch=page.state()["epoch"], name="view")
    page.wait(lambda: page.state()["result"] is not None)
    # What the tags say already is not said again.
    assert page.state()["result"] == {"model": "view (version 2)", "rows": [["sharpness", "0.1235"]]}
    labeler.open("case_1")
    assert page.state()["result"] is None


def test_a_tag_that_no_model_tells_cannot_be_asked_for(labeler, page):
    page.ask("ask_for_tag", epoch=page.state()["epoch"], name="quality")
    page.wait(lambda: bool(page.state()["errors"]))
    assert "no model tells 'quality' yet" in page.state()["errors"][-1]


def test_what_was_tagged_from_python_is_shown(labeler, page, manager):
    manager.tag_image("case_0", "view", "in body")
    labeler._controller.studies_changed()
    page.wait(lambda: chosen(page) == "in body")


def test_the_list_of_images_shows_tags_and_can_be_of_those_with_one(labeler, page, manager):
    manager.tag_image("case_1", "view", "in body")
    ask = {"client": "page", "search": "", "state": None, "offset": 0, "limit": 10}
    page.ask("browse", request=1, **ask)
    page.wait(lambda: bool(page.told("images")))
    rows = {row["id"]: row["tags"] for row in page.told("images")[-1]["entries"]}
    said = {"name": "view", "value": "in body", "byPerson": True, "probability": None}
    assert rows == {"case_0": [], "case_1": [said], "case_2": []}
    for number, (value, found) in enumerate([("in body", ["case_1"]), (None, ["case_0", "case_2"])], 2):
        page.ask("browse", request=number, tagged={"name": "view", "value": value}, **ask)
        page.wait(lambda number=number: page.told("images")[-1]["request"] == number)
        assert [row["id"] for row in page.told("images")[-1]["entries"]] == found


def test_first_masks_are_not_asked_of_a_model_without_masks(labeler, page):
    assert page.state()["firstMasks"]["model"] == "auto"
    labeler.model = "view"
    assert page.state()["firstMasks"]["model"] == "auto"
