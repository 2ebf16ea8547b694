"""Which train tasks can work on the studies, found out before a training is begun."""

from __future__ import annotations

import imageio.v3 as iio
import nibabel as nib
import numpy as np
import pytest

import jlabel
from jlabel.errors import TaskError
from jlabel.imaging import Image
from jlabel.manager import AppManager
from jlabel.tasks.image_kinds import image_kind, kinds_in_words


class NeedsThree(jlabel.TrainTask):
    least_labels = 3

    def __call__(self, request, datastore):
        return {}


class App(jlabel.RadiologyApp):
    def init_trainers(self):
        return {**super().init_trainers(), "three": NeedsThree("Needs three labels")}


def volume(folder, name="v"):
    nib.save(nib.Nifti1Image(np.zeros((5, 4, 3), np.int16), np.eye(4)), folder / f"{name}.nii.gz")


def picture(folder, name="p", colours=True):
    iio.imwrite(folder / f"{name}.png", np.zeros((5, 4, 3) if colours else (5, 4), np.uint8))


@pytest.fixture
def studies(tmp_path):
    folder = tmp_path / "studies"
    folder.mkdir()
    return folder


@pytest.fixture
def opened(studies):
    managers = []

    def make():
        managers.append(AppManager(App(studies, ["thing"]), device="cpu"))
        return managers[-1]

    yield make
    for manager in managers:
        manager.close()


def obstacles(manager):
    return {name: info["obstacle"] for name, info in manager.info()["trainers"].items()}


def test_no_label_yet(studies, opened):
    volume(studies)
    manager = opened()
    found = obstacles(manager)
    assert found["segmentation"] == "No label is saved yet: save the labels of at least one image"
    assert found["three"] == "No label is saved yet: save the labels of 3 images"
    with pytest.raises(TaskError, match=r"'segmentation' cannot be trained now\. No label is saved yet"):
        manager.train("segmentation")
    assert manager.jobs() == []


def test_too_few_labels(studies, opened):
    for name in "abc":
        volume(studies, name)
    manager = opened()
    for name in "ab":
        manager.save_label(name, np.ones((5, 4, 3), np.uint8))
    assert obstacles(manager) == {
        **dict.fromkeys(("segmentation", "deepgrow_2d", "deepgrow_3d", "deepedit", "click"), ""),
        "three": "It learns from at least 3 labels, and 2 labels are saved: label 1 more",
    }
    manager.save_label("c", np.ones((5, 4, 3), np.uint8))
    assert set(obstacles(manager).values()) == {""}


@pytest.mark.parametrize(("colours", "said"), [(True, "pictures in colours"), (False, "grey pictures")])
def test_trainers_for_volumes_are_not_offered_for_pictures(studies, opened, colours, said):
    picture(studies, colours=colours)
    manager = opened()
    manager.save_label("p", np.ones((5, 4), np.uint8))
    others = "segmentation or deepgrow_2d or deepedit or click or three"
    unsuitable = f"It learns from volumes, and the images here are {said}; choose {others} instead"
    found = obstacles(manager)
    assert {name for name, obstacle in found.items() if obstacle == unsuitable} == {"deepgrow_3d"}
    assert found["segmentation"] == found["deepgrow_2d"] == found["deepedit"] == found["click"] == ""
    with pytest.raises(TaskError, match=r"'deepgrow_3d' cannot be trained now\. It learns from volumes"):
        manager.train("deepgrow_3d")
    assert manager.jobs() == []
    assert manager.training_check.first_suitable() == "segmentation"


def test_where_there_are_both_the_labelled_ones_decide(studies, opened):
    picture(studies)
    volume(studies)
    manager = opened()
    assert manager.training_check.unsuitable("deepgrow_3d") == ""
    manager.save_label("p", np.ones((5, 4), np.uint8))
    assert "pictures in colours" in manager.training_check.unsuitable("deepgrow_3d")
    manager.save_label("v", np.ones((5, 4, 3), np.uint8))
    assert manager.training_check.unsuitable("deepgrow_3d") == ""


def test_an_image_is_read_once_and_again_where_another_takes_its_place(studies, opened, monkeypatch):
    picture(studies, "one")
    manager = opened()
    read = []
    monkeypatch.setattr("jlabel.manager.training_check.image_kind", lambda image: read.append(1) or image_kind(image))
    for _ in range(3):
        assert manager.training_check.unsuitable("deepgrow_3d")
    assert len(read) == 1
    picture(studies, "one", colours=False)
    assert "grey pictures" in manager.training_check.unsuitable("deepgrow_3d")
    assert len(read) == 2


def test_what_cannot_be_read_says_nothing(studies, opened):
    (studies / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno picture")
    assert opened().training_check.unsuitable("segmentation") == ""


def test_an_authors_own_task_learns_from_everything():
    assert NeedsThree.learns_from == ("volume", "picture", "colour volume", "colour picture")
    assert NeedsThree("x").info() == {
        "description": "x",
        "learns_from": list(NeedsThree.learns_from),
        "least_labels": 3,
    }


@pytest.mark.parametrize(
    ("shape", "channels", "kind"),
    [
        ((3, 3, 3), "scalar", "volume"),
        ((3, 3), "scalar", "picture"),
        ((3, 3, 3), "rgb", "colour picture"),
        ((3, 3, 3, 3), "rgb", "colour volume"),
    ],
)
def test_kinds_of_images(shape, channels, kind):
    assert image_kind(Image(np.zeros(shape, np.uint8), np.eye(4), channels=channels)) == kind


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        (["volume"], "volumes"),
        (["volume", "picture"], "volumes and grey pictures"),
        (["colour picture", "picture"], "pictures"),
        (["colour picture", "picture", "colour volume", "volume"], "volumes, volumes in colours and pictures"),
    ],
)
def test_kinds_in_words(kinds, words):
    assert kinds_in_words(kinds) == words
