"""Tags of images through the manager: what a person chooses, and what a model says of many images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from monai.transforms import EnsureChannelFirstd, LoadImaged
from PIL import Image as Picture

from jlabel.app import LabelApp
from jlabel.datastores.image_tags import model_tag, person_tag
from jlabel.errors import LabelError, TaskError
from jlabel.labels import Classification
from jlabel.manager.batch_work import BatchInferWork, chosen_images
from jlabel.tasks import InferTask
from jlabel.widget import AppManager
from tests.training.conftest import ListeningRun

LIGHT = Classification("light", ["dark", "bright"])


class Light(InferTask):
    """Says whether a picture is bright: the mean as the probability."""

    cpu_only = True
    classification = LIGHT

    def pre_transforms(self, data):
        return [LoadImaged(keys="image"), EnsureChannelFirstd(keys="image")]

    def inferer(self, data):
        return [lambda data: {**data, "pred": torch.as_tensor(data["image"]).mean() / 255}]

    def post_transforms(self, data):
        return []


class LightApp(LabelApp):
    def init_infers(self):
        return {"light": Light(type="classification")}


@pytest.fixture
def manager(pictures: Path):
    for number, value in enumerate((20, 230)):
        Picture.fromarray(np.full((4, 5), value, np.uint8)).save(pictures / f"{'ab'[number]}.png")
    manager = AppManager(LightApp(pictures, ["cell"], tags={"quality": ["good", "bad"]}), device="cpu")
    yield manager
    manager.close()
    manager.datastore.close()


def tag_all(manager, images="all"):
    """What ``manager.batch_infer`` has a process do."""
    task, store = manager.app.infers["light"], manager.datastore
    chosen = chosen_images(store, images, task.classification)
    work = BatchInferWork("light", task, store, {"cell": 1}, chosen, "original", {}, images == "unlabeled")
    return work(ListeningRun(store.folder.parent / "job"))


def test_the_app_has_its_own_tags_and_those_of_its_models(manager):
    assert [one.name for one in manager.app.tags] == ["quality", "light"]
    assert "light: dark, bright" in manager.app._repr_html_()
    assert manager.info()["tags"] == {"quality": ["good", "bad"], "light": ["dark", "bright"]}


def test_an_answer_has_tags_and_no_mask_and_is_not_kept(manager):
    result = manager.infer("light", "b")
    assert result.tags["light"]["bright"] == pytest.approx(230 / 255)
    assert not result.mask.any()
    assert manager.image_tags("b") == {}


def test_a_person_tags_an_image_and_takes_it_back(manager):
    manager.tag_image("a", "quality", "Good")
    tag = manager.image_tags("a")["quality"]
    assert (tag.value, tag.by_person, tag.author) == ("good", True, manager.datastore.author)
    manager.tag_image("a", "quality", None)
    assert manager.image_tags("a") == {}


@pytest.mark.parametrize(("name", "value"), [("view", "good"), ("quality", "odd")])
def test_a_tag_or_class_that_there_is_not_is_named(manager, name, value):
    with pytest.raises(LabelError, match=f"no .*{name if value == 'good' else value}"):
        manager.tag_image("a", name, value)


def test_a_model_tags_all_images_and_never_in_the_place_of_a_person(manager):
    manager.tag_image("b", "light", "dark")
    assert tag_all(manager)["done"] == 2
    assert {name: tag.value for name, tag in manager.image_tags("a").items()} == {"light": "dark"}
    assert manager.image_tags("b")["light"].by_person
    info = manager.datastore.get_image_info("b")
    assert (person_tag(info, "light").value, model_tag(info, "light").value) == ("dark", "bright")
    assert manager.datastore.count_labeled() == 0
    assert manager.datastore.get_labels_by_image_id("a") == {}


def test_images_that_a_person_has_tagged_need_no_model(manager):
    manager.tag_image("b", "light", "dark")
    assert chosen_images(manager.datastore, "unlabeled", LIGHT) == ["a"]
    assert tag_all(manager, "unlabeled") == {"done": 1, "left_out": {}, "labelled_meanwhile": 0}
    manager.tag_image("a", "light", "dark")
    with pytest.raises(TaskError, match="all were tagged by a person"):
        manager.batch_infer("light")


def test_such_a_job_is_one_of_tags_and_not_of_first_masks(manager, monkeypatch):
    begun = []

    class Jobs:
        def start(self, *job, **options):
            begun.append(job[:2])

    monkeypatch.setattr(manager, "_all_jobs", Jobs)
    manager.batch_infer("light")
    assert begun == [("tag", "light")]


def test_what_a_person_tagged_meanwhile_is_passed_by(manager):
    store = manager.datastore
    work = BatchInferWork("light", manager.app.infers["light"], store, {}, ["a", "b"], "original", {}, True)
    manager.tag_image("a", "light", "bright")
    assert work(ListeningRun(store.folder.parent / "job"))["labelled_meanwhile"] == 1
    assert model_tag(store.get_image_info("a"), "light") is None


def test_the_table_says_who_chose_what(manager):
    manager.tag_image("b", "light", "dark")
    tag_all(manager)
    table = manager.tags_table("light")
    assert list(table["image"]) == ["a", "b"]
    assert list(table["by"]) == ["model", manager.datastore.author]
    assert list(table["class"]) == ["dark", "dark"]
    assert list(table["model's class"]) == ["dark", "bright"]
    assert len(manager.tags_table()) == 2
    with pytest.raises(LabelError, match="there is no tag 'view'"):
        manager.tags_table("view")


def test_a_model_without_masks_is_none_for_scores_and_reviews(manager):
    from jlabel.selection.scoring import default_scoring_methods

    assert "entropy" not in manager.app.scoring_methods
    with pytest.raises(TaskError, match="model 'light' makes no masks"):
        default_scoring_methods(manager.app.infers, "light")
    with pytest.raises(TaskError, match="model 'light' makes no masks"):
        manager._judging_task("light")


def test_an_image_may_have_several_classes(pictures: Path):
    found = Classification("diagnosis", ["pneumonia", "effusion", "normal"], several=True)
    manager = AppManager(LabelApp(pictures, ["cell"], tags=[found]), device="cpu")
    first, second = manager.datastore.list_images()[:2]
    manager.tag_image(first, "diagnosis", ["effusion", "Pneumonia"])
    manager.tag_image(second, "diagnosis", "normal")
    assert manager.image_tags(first)["diagnosis"].values == ("pneumonia", "effusion")
    table = manager.tags_table()
    assert list(zip(table["image"], table["class"], strict=True)) == [
        (first, "pneumonia"),
        (first, "effusion"),
        (second, "normal"),
    ]
    manager.tag_image(first, "diagnosis", [])
    assert manager.image_tags(first) == {}
    manager.close()
