"""First masks from the labeler, without a browser and without a network."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from jlabel.app import LabelApp
from jlabel.errors import JobError, TaskError
from jlabel.imaging import Region
from jlabel.labeler.protocol.values import PROTOCOL
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.tasks import InferRequest, InferResult, InferTask
from jlabel.widget import AppManager, Labeler
from tests.widget.test_labeler import Page

SHAPE = (6, 5, 4)


class Learnt(InferTask):
    """Labels the first slice; goes on with the second image once the gate is open."""

    cpu_only = True
    gate: Path

    def pre_transforms(self, data: dict[str, Any]) -> list[Any]:
        return []

    inferer = post_transforms = pre_transforms

    def __call__(self, request: InferRequest) -> InferResult:
        version = self.version_in_use()
        assert version is not None
        while request.image_id != "case_0" and not self.gate.exists():
            request.check_cancelled()
            time.sleep(0.02)
        mask = np.zeros(request.image.shape, np.uint8)
        mask[:, :, 0] = 1
        return InferResult(Region.whole(mask.shape), mask, mask.shape, {"organ": 1}, version=version.number)


class Prompted(Learnt):
    interactive = True


class MasksApp(LabelApp):
    gate: Path

    def init_infers(self) -> dict[str, InferTask]:
        published = PublishedModel(self.models, "learner")
        learnt = Learnt(labels=["organ"], published=published)
        learnt.gate = self.gate
        return {"prompted": Prompted(labels=["organ"]), "learner": learnt}

    @property
    def models(self) -> ModelStore:
        folder = self.datastore.workspace.models_folder()
        assert folder is not None
        return ModelStore(folder)

    def publish(self, **judged: Any) -> None:
        weights = self.models.folder.parent / "weights"
        weights.write_bytes(b"none")
        self.models.publish(ModelVersion("learner", 0, **judged), weights)
        self.models.use("learner", 1)


@pytest.fixture
def app(tmp_path: Path, own_locks: Path) -> MasksApp:
    studies = tmp_path / "studies"
    studies.mkdir()
    for number in range(4):
        nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.eye(4)), studies / f"case_{number}.nii.gz")
    MasksApp.gate = tmp_path / "gate"
    return MasksApp(studies, labels=["organ"])


@pytest.fixture
def manager(app: MasksApp) -> Iterator[AppManager]:
    manager = AppManager(app)
    yield manager
    for job in manager.jobs():
        job.cancel()
        assert job.wait(60)
    manager.close()


@pytest.fixture
def labeler(manager: AppManager) -> Iterator[Labeler]:
    labeler = Labeler(manager, image_id="case_3", model="prompted")
    yield labeler
    labeler.close()


@pytest.fixture
def page(labeler: Labeler, monkeypatch: pytest.MonkeyPatch) -> Page:
    return Page(labeler, monkeypatch)


def job_told(page: Page) -> dict[str, Any]:
    told = page.told("first_masks")
    return dict(told[-1]["job"]) if told else {}


def states(manager: AppManager) -> dict[str, str]:
    return {entry.image_id: entry.state for entry in manager.datastore.browse().entries}


def test_they_are_made_for_what_nobody_has_labelled_or_begun(
    app: MasksApp, labeler: Labeler, page: Page, manager: AppManager
) -> None:
    app.publish()
    MasksApp.gate.touch()
    manager.save_label("case_1", np.ones(SHAPE, np.uint8))
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    page.wait(lambda: "case_3" in manager.datastore.workspace.drafted_images())
    page.ask("first_masks")
    page.wait_long(lambda: job_told(page).get("state") == "done")
    assert job_told(page)["title"] == "First masks by learner"
    page.wait(lambda: page.state()["notice"] == "First masks: 2 images were done")
    assert states(manager) == {"case_0": "model", "case_1": "final", "case_2": "model", "case_3": "unlabelled"}
    assert manager.datastore.get_labels_by_image_id("case_1") == {"final": "case_1"}
    assert labeler.mask.any()
    labeler.open("case_2", discard=True)
    assert labeler.mask.sum() == SHAPE[0] * SHAPE[1]
    assert page.state()["madeBy"] == ["learner (version 1)"]


def test_the_line_is_followed_and_cancelled_and_there_is_only_one(
    app: MasksApp, labeler: Labeler, page: Page, manager: AppManager
) -> None:
    app.publish()
    page.ask("first_masks")
    page.wait_long(lambda: job_told(page).get("progress") == 0.25)
    with pytest.raises(JobError, match="learner is making first masks already"):
        labeler.first_masks()
    page.ask("hello", client="late", protocol=PROTOCOL)
    page.wait(lambda: page.told("first_masks")[-1].get("client") == "late")
    page.ask("cancel_first_masks")
    page.wait_long(lambda: job_told(page)["state"] == "cancelled")
    # What was made is kept.
    assert states(manager) == {"case_0": "model", **dict.fromkeys(("case_1", "case_2", "case_3"), "unlabelled")}


def test_without_a_trained_model_it_says_what_to_do(app: MasksApp, page: Page, manager: AppManager) -> None:
    hint = "First masks need a trained model: save the labels of a few images, then press Train"
    assert page.state()["firstMasks"] == {"model": None, "hint": hint, "poor": ""}
    page.ask("first_masks")
    page.wait(lambda: bool(page.told("error")))
    assert page.told("error")[0]["text"] == hint
    assert manager.jobs() == []
    app.publish()
    page.ask("choose", what="model", value="learner")
    page.wait(lambda: page.state()["firstMasks"] == {"model": "learner", "hint": "", "poor": ""})


def test_a_poor_version_says_so_before_and_in_the_job(
    app: MasksApp, labeler: Labeler, page: Page, manager: AppManager
) -> None:
    app.publish(metric="val_mean_dice", score=0.31)
    MasksApp.gate.touch()
    page.ask("choose", what="model", value="learner")
    page.wait(lambda: bool(page.state()["firstMasks"]["poor"]))
    poor = page.state()["firstMasks"]["poor"]
    assert poor.startswith("Version 1 of learner is poor: its Dice is 0.31 on the images kept to judge it, below 0.5.")
    job = labeler.first_masks()
    assert job.wait(60)
    assert poor in job.notes
    assert manager.datastore.get_label_info("case_0", "original")["models"] == ["learner (version 1, Dice 0.31)"]


def test_it_goes_on_where_it_was_cancelled(app: MasksApp, labeler: Labeler, page: Page, manager: AppManager) -> None:
    app.publish()
    job = labeler.first_masks()
    page.wait_long(lambda: job_told(page).get("progress") == 0.25)
    page.ask("cancel_first_masks")
    page.wait_long(lambda: job_told(page)["state"] == "cancelled")
    assert job_told(page)["outcome"] == "Cancelled after 25%; Resume goes on from there"
    assert job_told(page)["canResume"]
    MasksApp.gate.touch()
    page.ask("resume_first_masks")
    page.wait_long(lambda: job_told(page)["state"] == "done")
    assert [one.id for one in manager.jobs()] == [job.id]
    assert set(states(manager).values()) == {"model"}


def test_the_open_image_that_nobody_has_touched_gets_its_mask_at_once(
    app: MasksApp, labeler: Labeler, page: Page, manager: AppManager
) -> None:
    app.publish(metric="val_mean_dice", score=0.8125)
    MasksApp.gate.touch()
    page.ask("first_masks")
    page.wait_long(lambda: page.state()["madeBy"] == ["learner (version 1, Dice 0.81)"])
    assert labeler.image_id == "case_3"
    assert labeler.mask.sum() == SHAPE[0] * SHAPE[1]
    # It is the model's mask: nothing is to be saved or undone.
    state = page.state()
    assert (state["dirty"], state["canUndo"], state["epoch"]) == (False, False, 1)
    assert states(manager)["case_3"] == "model"


def test_it_says_so_when_nothing_is_left_to_do(app: MasksApp, labeler: Labeler, manager: AppManager) -> None:
    app.publish()
    for number in range(4):
        manager.save_label(f"case_{number}", np.ones(SHAPE, np.uint8))
    with pytest.raises(TaskError, match="all have a final label or a draft"):
        labeler.first_masks()


@pytest.mark.parametrize("model", ["prompted", "nothing"])
def test_a_model_that_cannot_make_them_is_refused(labeler: Labeler, model: str) -> None:
    with pytest.raises(TaskError, match=f"{model!r}"):
        labeler.first_masks(model)


def test_an_app_whose_models_all_need_prompts_offers_none(tmp_path: Path) -> None:
    class OnlyPrompted(LabelApp):
        def init_infers(self) -> dict[str, InferTask]:
            return {"prompted": Prompted(labels=["organ"])}

    manager = AppManager(OnlyPrompted(tmp_path, labels=["organ"]))
    labeler = Labeler(manager)
    assert labeler._controller.features.pre_annotation.state() == {"firstMasks": None}
    with pytest.raises(TaskError, match="a model that works without prompts, and this app has none"):
        labeler.first_masks()
    labeler.close()
    manager.close()
