"""Training from the labeler, without a browser and without a network."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from jlabel.app import LabelApp
from jlabel.datastores import Datastore
from jlabel.errors import JobError, TaskError
from jlabel.imaging import Region
from jlabel.labeler.protocol.values import PROTOCOL
from jlabel.manager.training_check import TrainingCheck
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.tasks import InferRequest, InferResult, InferTask, TrainTask
from jlabel.widget import AppManager, Labeler
from tests.widget.labeler_pages import Page

SHAPE = (6, 5, 4)
SLOW_TO_BEGIN = "TEST_IS_SLOW_TO_BEGIN"


class Learner(TrainTask):
    """Publishes a version once the gate is open."""

    def __init__(self, gate: Path) -> None:
        super().__init__("Learns")
        self.gate = gate

    def check(self, options: Mapping[str, Any]) -> None:
        if SLOW_TO_BEGIN in os.environ:
            time.sleep(1)

    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
        run = request["run"]
        run.metrics(1, loss=0.5, val_mean_dice=0.7)
        run.progress(0.5, 10.0)
        while not self.gate.exists():
            run.check_cancelled()
            time.sleep(0.02)
        weights = run.checkpoints / "weights.safetensors"
        weights.write_bytes(b"none")
        folder = datastore.workspace.models_folder()
        assert folder is not None
        images = dict.fromkeys(datastore.get_labeled_images(), 1)
        version = ModelStore(folder).publish(ModelVersion(request["name"], 0, images=images), weights)
        ModelStore(folder).use(request["name"], version.number)
        return {"version": version.number, "in_use": True, "note": ""}


class Learnt(InferTask):
    """Each version labels one slice more."""

    cpu_only = True

    def pre_transforms(self, data: dict[str, Any]) -> list[Any]:
        return []

    inferer = post_transforms = pre_transforms

    def __call__(self, request: InferRequest) -> InferResult:
        version = self.version_in_use()
        assert version is not None
        mask = np.zeros(request.image.shape, np.uint8)
        mask[:, :, : version.number] = 1
        return InferResult(Region.whole(mask.shape), mask, mask.shape, {"organ": 1}, version=version.number)


class TrainingApp(LabelApp):
    gate: Path

    def init_infers(self) -> dict[str, InferTask]:
        folder = self.datastore.workspace.models_folder()
        assert folder is not None
        return {"learner": Learnt(labels=["organ"], published=PublishedModel(ModelStore(folder), "learner"))}

    def init_trainers(self) -> dict[str, TrainTask]:
        return {"learner": Learner(self.gate)}


@pytest.fixture
def manager(tmp_path: Path, own_locks: Path) -> Iterator[AppManager]:
    studies = tmp_path / "studies"
    studies.mkdir()
    for number in range(7):
        nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.eye(4)), studies / f"case_{number}.nii.gz")
    TrainingApp.gate = tmp_path / "gate"
    manager = AppManager(TrainingApp(studies, labels=["organ"]))
    yield manager
    for job in manager.jobs():
        job.cancel()
        assert job.wait(60)
    manager.close()


@pytest.fixture
def labeler(manager: AppManager) -> Iterator[Labeler]:
    labeler = Labeler(manager, image_id="case_6", model="learner")
    yield labeler
    labeler.close()


@pytest.fixture
def page(labeler: Labeler, monkeypatch: pytest.MonkeyPatch) -> Page:
    return Page(labeler, monkeypatch)


def label(manager: AppManager, *numbers: int) -> None:
    for number in numbers:
        manager.save_label(f"case_{number}", np.ones(SHAPE, np.uint8))


def wait(page: Page, state: str) -> dict[str, Any]:
    """The training as the page is told it, once it has that state."""
    page.wait_long(lambda: bool(page.told("training")) and page.told("training")[-1]["job"]["state"] == state)
    return dict(page.told("training")[-1]["job"])


def test_train_follow_and_run_the_new_version(labeler: Labeler, page: Page, manager: AppManager) -> None:
    assert not page.state()["models"][0]["valid"]
    label(manager, 0)
    page.ask("train", name="learner")
    page.wait_long(lambda: bool(page.told("training")) and page.told("training")[-1]["job"]["progress"] == 0.5)
    told = page.told("training")[-1]["job"]
    assert (told["title"], told["epoch"], told["loss"], told["score"]) == ("Training learner", 1, 0.5, 0.7)
    with pytest.raises(JobError, match="learner is being trained already"):
        labeler.train()

    TrainingApp.gate.touch()
    wait(page, "done")
    page.wait_long(lambda: page.state()["notice"] == "learner version 1 is in use")
    assert page.state()["training"]["versions"] == {"learner": 1}
    page.wait_long(lambda: page.state()["models"][0]["valid"])  # told after the notice
    page.ask("run", epoch=page.state()["epoch"], axis=2)
    page.wait(lambda: bool(labeler.mask.any()))
    assert labeler.mask.sum() == SHAPE[0] * SHAPE[1]
    assert page.state()["madeBy"] == ["learner (version 1)"]
    labeler.save()
    assert manager.datastore.get_label_info("case_6", "final")["models"] == ["learner (version 1)"]


def test_a_cancelled_training_says_how_far_it_came_and_is_resumed(page: Page, manager: AppManager) -> None:
    page.ask("train", name="learner")
    page.wait_long(lambda: bool(page.told("training")) and page.told("training")[-1]["job"]["progress"] == 0.5)
    page.ask("cancel_training")
    told = wait(page, "cancelled")
    assert told["outcome"] == "Cancelled after epoch 1 (50%); Resume goes on from there"
    TrainingApp.gate.touch()
    page.ask("resume_training")
    assert wait(page, "done")["id"] == told["id"]
    assert len(manager.jobs()) == 1


def test_without_a_job_there_is_nothing_to_resume(page: Page) -> None:
    page.ask("resume_training")
    page.wait(lambda: bool(page.told("error")))
    assert page.told("error")[0]["text"] == "there is nothing to resume"


def test_a_trainer_that_lacks_labels_says_so_until_there_are_some(
    labeler: Labeler, page: Page, manager: AppManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Learner, "least_labels", 2)
    labeler._controller.features.training.on_studies_changed()
    lacking = "No label is saved yet: save the labels of 2 images"
    assert page.state()["training"]["trainers"] == [
        {"name": "learner", "description": "Learns", "obstacle": lacking, "suits": True}
    ]
    page.ask("train", name="learner")
    page.wait(lambda: bool(page.told("error")))
    assert page.told("error")[0]["text"] == f"'learner' cannot be trained now. {lacking}"
    assert manager.jobs() == []
    label(manager, 0, 1)
    page.wait_long(lambda: page.state()["training"]["trainers"][0]["obstacle"] == "")


def test_for_other_images_another_trainer_is_chosen_and_trained(
    manager: AppManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = Learner(TrainingApp.gate)
    pictures.learns_from = ("picture",)
    trainers = {"pictures": pictures, **manager.app.trainers}
    monkeypatch.setattr(manager.app, "trainers", trainers)
    manager.training_check = TrainingCheck(manager.datastore, manager._images, trainers)
    TrainingApp.gate.touch()
    label(manager, 0)
    labeler = Labeler(manager, image_id="case_6")
    page = Page(labeler, monkeypatch)
    page.wait(lambda: page.state()["training"]["trainer"] == "learner")
    assert [one["suits"] for one in page.state()["training"]["trainers"]] == [False, True]
    job = labeler.train()
    assert job.name == "learner"
    assert job.wait(60)
    page.ask("choose_trainer", name="pictures")
    page.wait(lambda: page.state()["training"]["trainer"] == "pictures")
    with pytest.raises(TaskError, match=r"'pictures' cannot be trained by itself\. It learns from grey pictures"):
        labeler.train_automatically = True
    labeler.close()


def test_what_cannot_work_does_not_begin_by_itself(
    labeler: Labeler, page: Page, manager: AppManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    TrainingApp.gate.touch()
    labeler.train_automatically = True
    monkeypatch.setattr(Learner, "least_labels", 6)
    label(manager, 0, 1, 2, 3, 4)
    labeler.save()
    monkeypatch.setattr(Learner, "least_labels", 7)
    labeler._controller.features.training._worker.flush()
    assert manager.jobs() == []
    monkeypatch.setattr(Learner, "least_labels", 1)
    labeler._controller.features.training.on_studies_changed()
    page.wait_long(lambda: len(manager.jobs()) == 1)


def test_a_training_begun_in_a_cell_is_shown_and_cancelled(page: Page, manager: AppManager) -> None:
    job = manager.train("learner", device="cpu")
    wait(page, "running")
    page.ask("hello", client="late", protocol=PROTOCOL)
    page.wait(lambda: page.told("training")[-1].get("client") == "late")
    page.ask("cancel_training")
    assert wait(page, "cancelled")["id"] == job.id


def test_trainings_begin_by_themselves_once_with_five_labels(labeler: Labeler, page: Page, manager: AppManager) -> None:
    page.ask("auto_train", on=True)
    label(manager, 0, 1, 2, 3)
    page.wait(lambda: page.state()["training"]["dueAt"] == 5)
    assert manager.jobs() == []
    labeler.save()
    page.wait(lambda: len(manager.jobs()) == 1)
    label(manager, 4, 5)
    labeler.save()
    labeler._controller.features.training._worker.flush()
    TrainingApp.gate.touch()
    wait(page, "done")
    labeler._controller.features.training._worker.flush()
    # With seven labels there is nothing new to learn yet: the next one is due with eight.
    assert len(manager.jobs()) == 1
    page.wait(lambda: page.state()["training"]["dueAt"] == 8)


def test_what_trains_along_follows_the_chosen_trainer(labeler: Labeler, page: Page, manager: AppManager) -> None:
    along = Learner(TrainingApp.gate)
    along.trains_along = True
    manager.app.trainers["click"] = along
    TrainingApp.gate.touch()
    page.ask("auto_train", on=True)
    label(manager, 0, 1, 2, 3, 4)
    labeler.save()
    page.wait_long(lambda: [job.name for job in manager.jobs() if job.state == "done"].count("click") == 1)
    labeler._controller.features.training._worker.flush()
    assert sorted(job.name for job in manager.jobs()) == ["click", "learner"]


def test_switched_off_nothing_begins(labeler: Labeler, page: Page, manager: AppManager) -> None:
    labeler.train_automatically = True
    labeler.train_automatically = False
    label(manager, 0, 1, 2, 3, 4)
    labeler.save()
    labeler._controller.features.training._worker.flush()
    assert manager.jobs() == []
    assert page.state()["training"]["dueAt"] is None


def test_what_cannot_be_trained_is_said(page: Page) -> None:
    page.ask("train", name="nothing")
    page.wait(lambda: bool(page.told("error")))
    assert "no train task 'nothing'" in page.told("error")[0]["text"]
    page.ask("choose_trainer", name="nothing")
    page.wait(lambda: len(page.told("error")) == 2)


def test_an_app_without_trainers_has_nothing_to_switch_on(tmp_path: Path) -> None:
    manager = AppManager(LabelApp(tmp_path, labels=["organ"]))
    labeler = Labeler(manager)
    with pytest.raises(TaskError, match="no train task"):
        labeler.train_automatically = True
    labeler.close()
    manager.close()


def test_the_models_first_mask_is_opened_corrected_and_accepted(manager: AppManager, page: Page) -> None:
    mask = np.zeros(SHAPE, np.uint8)
    mask[1:3] = 1
    manager.save_label("case_2", mask, "original", {"models": ["learner (version 1)"]})
    labeler = page.labeler
    labeler.open("case_2")
    assert (labeler.mask == mask).all()
    assert page.state()["madeBy"] == ["learner (version 1)"]
    assert manager.datastore.browse("case_2").entries[0].state == "model"
    labeler.save()
    assert (manager.label("case_2", "final") == mask).all()
    assert manager.datastore.get_label_info("case_2", "final")["models"] == ["learner (version 1)"]
    assert manager.datastore.browse("case_2").entries[0].state == "final"


def test_the_switch_outlives_the_kernel_and_is_the_same_in_all_of_them(
    labeler: Labeler, page: Page, manager: AppManager
) -> None:
    label(manager, 0, 1, 2, 3, 4)
    other = AppManager(TrainingApp(manager.datastore.folder, labels=["organ"]))  # type: ignore[attr-defined]
    other.datastore.change_setting("train_automatically", lambda kept: {"on": True, "trainer": "learner"})
    page.wait(lambda: page.state()["training"]["auto"])
    # What was due begins, although nobody saved anything here.
    page.wait(lambda: len(manager.jobs()) == 1)
    again = Labeler(other)
    assert again.train_automatically
    again.train_automatically = False
    page.wait(lambda: not page.state()["training"]["auto"])
    again.close()
    other.close()


KERNEL = """
import sys, time
from pathlib import Path
from jlabel.widget import AppManager
from jlabel.widget import Labeler
from tests.labeler.features.test_training import TrainingApp

studies, name, how = sys.argv[1:]
TrainingApp.gate = Path(studies).parent / "gate"
manager = AppManager(TrainingApp(studies, labels=["organ"]))
labeler = Labeler(manager)
(Path(studies).parent / f"ready-{name}").touch()
while not (Path(studies).parent / "go").exists():
    time.sleep(0.01)
if how == "automatically":
    labeler.train_automatically = True
    labeler._controller.features.training._worker.flush()
else:
    try:
        print(labeler.train().id)
    except Exception as error:
        print(error)
labeler.close()
manager.close()
"""


@pytest.mark.parametrize("how", ["automatically", "by hand"])
def test_two_kernels_on_one_folder_never_begin_two_trainings(manager: AppManager, tmp_path: Path, how: str) -> None:
    label(manager, 0, 1, 2, 3, 4)
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root, SLOW_TO_BEGIN: "yes"}
    command = [sys.executable, "-c", KERNEL, str(tmp_path / "studies")]
    kernels = [
        subprocess.Popen([*command, name, how], stdout=subprocess.PIPE, text=True, env=environment) for name in "ab"
    ]
    deadline = time.monotonic() + 120
    while not all((tmp_path / f"ready-{name}").exists() for name in "ab"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    (tmp_path / "go").touch()
    said = [kernel.communicate(timeout=120)[0].strip() for kernel in kernels]
    assert [kernel.returncode for kernel in kernels] == [0, 0]
    (job,) = manager.jobs()
    if how == "by hand":
        assert sorted(said) == sorted([job.id, "learner is being trained already; wait for it, or cancel it"])
