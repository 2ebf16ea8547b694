"""Scoring jobs: what is begun, what comes of it, and that no score is lost or computed twice whatever happens."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.inferers import SimpleInferer
from monai.transforms import AsDiscreted, EnsureChannelFirstd, LoadImaged

from jlabel.app import LabelApp
from jlabel.datastores import FINAL, LocalDatastore
from jlabel.errors import Cancelled, DatastoreError, TaskError
from jlabel.jobs import Job
from jlabel.manager import AppManager
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.tasks import InferTask, ScoringMethod

SHAPE, LABELS = (8, 7, 6), {"organ": 1}
IMAGES = 8


class Levels(torch.nn.Module):
    """Two classes by intensity; no dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.level = torch.nn.Parameter(torch.tensor(0.5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([torch.zeros_like(x), x - self.level], dim=1)


class LevelsTask(InferTask):
    """Notes each image that it is asked about; waits for the gate before all but the first."""

    cpu_only = True
    signs: Path

    def pre_transforms(self, data):
        with (self.signs / "asked").open("a") as out:
            out.write(f"{data['id']}\n")
        while data["id"] != "case_0" and not (self.signs / "gate").exists():
            time.sleep(0.01)
        if (self.signs / "slowly").exists():
            time.sleep(0.05)
        return [LoadImaged("image"), EnsureChannelFirstd("image")]

    def inferer(self, data):
        return SimpleInferer()

    def post_transforms(self, data):
        return [AsDiscreted("pred", argmax=True)]


class Prompted(LevelsTask):
    interactive = True


class Brightness(ScoringMethod):
    """An author's; hangs at the image that the sign says."""

    def __init__(self, signs: Path) -> None:
        super().__init__("Mean intensity")
        self.signs = signs

    def __call__(self, request, datastore):
        import jlabel

        for image in datastore.get_unlabeled_images():
            if (self.signs / f"hang at {image}").exists():
                (self.signs / "hangs").touch()
                time.sleep(600)
            array = jlabel.read_image(datastore.get_image_uri(image)).array
            datastore.update_image_info(image, {"my_score": float(array.mean()) * request.get("factor", 1)})
        return {"factor": request.get("factor", 1)}


class ScoringApp(LabelApp):
    signs: Path

    def init_infers(self) -> dict[str, InferTask]:
        levels = LevelsTask(network=Levels(), labels=LABELS, published=PublishedModel(self.models, "levels"))
        levels.signs = self.signs
        return {"prompted": Prompted(labels=LABELS), "levels": levels}

    def init_scoring_methods(self) -> dict[str, ScoringMethod]:
        return {**super().init_scoring_methods(), "brightness": Brightness(self.signs)}

    @property
    def models(self) -> ModelStore:
        folder = self.datastore.workspace.models_folder()
        assert folder is not None
        return ModelStore(folder)

    def publish(self, level: float = 0.5) -> None:
        from safetensors.torch import save_file

        self.models.folder.mkdir(parents=True, exist_ok=True)
        weights = self.models.folder / "new.safetensors"
        save_file({"level": torch.tensor(level)}, weights)
        self.models.use("levels", self.models.publish(ModelVersion("levels", 0, labels=LABELS), weights).number)


@pytest.fixture
def app(tmp_path: Path, own_locks: Path, signs: Path) -> Iterator[ScoringApp]:
    studies = tmp_path / "studies"
    studies.mkdir()
    for number in range(IMAGES):
        voxels = np.random.default_rng(number).normal(0.5, 0.5, SHAPE).astype(np.float32)
        nib.save(nib.Nifti1Image(voxels, np.eye(4)), studies / f"case_{number}.nii.gz")
    ScoringApp.signs = signs
    app = ScoringApp(studies, labels=LABELS)
    yield app
    app.datastore.close()


@pytest.fixture
def manager(app: ScoringApp) -> Iterator[AppManager]:
    manager = AppManager(app, device="cpu")
    yield manager
    for job in manager.jobs():
        job.cancel()
        assert job.wait(60)
    manager.close()


def finished(job: Job) -> Job:
    assert job.wait(120), job
    assert job.state == "done", job.error
    return job


def scored(manager: AppManager, version: int = 1) -> set[str]:
    return manager.datastore.scores.scored("entropy", "levels", version)


def asked(signs: Path) -> list[str]:
    file = signs / "asked"
    return file.read_text().split() if file.exists() else []


def wait_for(what, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def test_each_image_is_scored_once_for_each_version(app, manager, signs):
    (signs / "gate").touch()
    app.publish()
    job = finished(manager.score("entropy"))
    assert (job.kind, job.name) == ("score", "entropy")
    assert job.result["done"] == IMAGES
    assert scored(manager) == set(manager.datastore.list_images())
    values = manager.datastore.scores.table("entropy", "levels", 1).values
    assert ((values > 0) & (values < 1)).all()
    assert finished(manager.score("entropy")).result["already"] == IMAGES
    assert len(asked(signs)) == IMAGES
    app.publish(0.2)
    assert finished(manager.score("entropy")).result["version"] == 2
    assert len(asked(signs)) == 2 * IMAGES


def test_a_method_of_ones_own_is_called_with_what_is_asked(manager):
    job = finished(manager.score("brightness", factor=2))
    assert (job.result["factor"], job.result["done"]) == (2, IMAGES)
    array = np.asarray(nib.load(manager.datastore.get_image_uri("case_1")).dataobj)
    assert manager.datastore.get_image_info("case_1")["my_score"] == pytest.approx(2 * array.mean())


def test_a_method_that_is_defined_in_a_notebook_cell_travels(manager):
    cell = """
import jlabel
class Range(jlabel.ScoringMethod):
    def __call__(self, request, datastore):
        for image in datastore.get_unlabeled_images():
            array = jlabel.read_image(datastore.get_image_uri(image)).array
            datastore.update_image_info(image, {"range": float(array.max() - array.min())})
        return {}
"""
    namespace = {"__name__": "__main__"}
    exec(cell, namespace)
    manager.app.scoring_methods["range"] = namespace["Range"]("Range")
    finished(manager.score("range", images=["case_2", "case_5"]))
    found = [each for each in manager.datastore.list_images() if "range" in manager.datastore.get_image_info(each)]
    assert found == ["case_2", "case_5"]


def test_one_job_for_a_method_also_with_two_kernels(app, manager):
    app.publish()
    job = manager.score("entropy")
    assert manager.score("entropy").id == job.id
    other = AppManager(ScoringApp(app.studies, labels=LABELS), device="cpu")
    assert other.score("entropy").id == job.id
    assert len(other.jobs()) == 1
    assert other.score("brightness").id != job.id
    other.close()
    other.datastore.close()


def test_killed_at_any_moment_no_score_is_lost_and_none_is_computed_twice(app, manager, signs):
    for sign in ("gate", "slowly"):
        (signs / sign).touch()
    app.publish()
    rng, job = random.Random(0), manager.score("entropy")
    for _ in range(3):
        before = len(asked(signs))
        wait_for(lambda before=before, job=job: len(asked(signs)) > before or job.record().ended)
        time.sleep(rng.random() * 0.15)
        there = {score.image_id: score for each in scored(manager) for score in manager.datastore.scores.of_image(each)}
        _kill(job)
        assert job.wait(60)
        if job.state == "done":
            break
        now = {each: manager.datastore.scores.of_image(each) for each in scored(manager)}
        # Whatever was there is there, as it was.
        assert all(now[each] == [score] for each, score in there.items())
        job = manager.resume(job)
    finished(job)
    assert scored(manager) == set(manager.datastore.list_images())
    # At a kill one image may have been in work; it is the only one that is asked again.
    assert len(asked(signs)) <= IMAGES + 3


def _kill(job: Job) -> None:
    """End all processes of a job at once, as a lack of memory would."""
    name = str(job.folder.path)
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if name in (entry / "cmdline").read_bytes().decode(errors="replace"):
                os.kill(int(entry.name), signal.SIGKILL)


def test_a_job_that_was_cancelled_is_gone_on_with(app, manager, signs):
    app.publish()
    job = manager.score("entropy")
    wait_for(lambda: scored(manager) == {"case_0"})
    job.cancel()
    assert job.wait(60)
    assert (job.state, scored(manager)) == ("cancelled", {"case_0"})
    (signs / "gate").touch()
    # A new one does as well as going on with the first.
    assert finished(manager.score("entropy")).result["already"] == 1
    assert asked(signs).count("case_0") == 1


def test_a_method_that_hangs_can_be_cancelled(manager, signs):
    (signs / "hang at case_3").touch()
    job = manager.score("brightness")
    wait_for((signs / "hangs").exists)
    job.cancel()
    assert job.wait(60)
    assert job.state == "cancelled"
    info = manager.datastore.get_image_info
    assert [each for each in manager.datastore.list_images() if "my_score" in info(each)] == [
        "case_0",
        "case_1",
        "case_2",
    ]
    (signs / "hang at case_3").unlink()
    assert finished(manager.resume(job)).result["done"] == IMAGES


def test_a_version_that_is_published_meanwhile_is_for_the_next_job(app, manager, signs):
    app.publish()
    job = manager.score("entropy")
    wait_for(lambda: scored(manager) == {"case_0"})
    app.publish(0.2)
    (signs / "gate").touch()
    assert finished(job).result["version"] == 1
    assert [(one.version, one.images) for one in manager.datastore.scores.sets("entropy")] == [(1, IMAGES)]


def test_an_image_that_is_deleted_while_it_is_scored_is_passed_by(app, manager, signs):
    app.publish()
    job = manager.score("entropy")
    wait_for(lambda: scored(manager) == {"case_0"})
    Path(manager.datastore.get_image_uri("case_5")).unlink()
    (signs / "gate").touch()
    assert finished(job).result | {"passed_by": 1, "left_out": {}, "done": IMAGES - 1} == job.result


def test_an_image_that_fails_is_named_and_the_rest_is_scored(app, manager, signs):
    (signs / "gate").touch()
    app.publish()
    (manager.datastore.folder / "case_4.nii.gz").write_bytes(b"nothing")
    job = finished(manager.score("entropy"))
    assert list(job.result["left_out"]) == ["case_4"]
    assert job.notes[0].startswith("image 'case_4' is left out: ")
    assert job.result["done"] == IMAGES - 1


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("entropy", r"model 'levels' has not been trained yet: manager.train\('levels'\)"),
        (
            "margin",
            "no scoring method 'margin'; the app has appearance, entropy, bald, epistemic, disagreement, bright",
        ),
    ],
)
def test_what_cannot_begin_is_told_at_once(manager, method, said):
    with pytest.raises(TaskError, match=said):
        manager.score(method)
    assert manager.jobs() == []


def test_a_model_without_dropout_and_requests_without_sense_are_told_at_once(app, manager):
    app.publish()
    with pytest.raises(TaskError, match=r"model 'levels' \(version 1\) has no dropout.*use 'disagreement'"):
        manager.score("bald")
    with pytest.raises(TaskError, match="images is 'unlabeled', 'all' or a list of ids"):
        manager.score("entropy", images="waiting")
    with pytest.raises(DatastoreError, match="case_99"):
        manager.score("entropy", images=["case_99"])
    for image_id in manager.datastore.list_images():
        manager.save_label(image_id, np.ones(SHAPE, np.uint8))
    with pytest.raises(TaskError, match="there is no image to score: all have a final label"):
        manager.score("entropy")
    assert manager.jobs() == []


def test_a_method_whose_check_breaks_is_named(manager):
    class Broken(Brightness):
        def check(self, request, datastore):
            raise KeyError("weights")

    manager.app.scoring_methods["broken"] = Broken(manager.app.signs)
    with pytest.raises(TaskError, match="scoring method 'broken' cannot begin: KeyError: 'weights'"):
        manager.score("broken")


def test_the_uncertainty_of_an_image_has_its_shape(app, manager, signs):
    (signs / "gate").touch()
    app.publish()
    found = manager.uncertainty("case_2")
    assert (found.shape, found.dtype) == (SHAPE, np.float16)
    image = manager.image("case_2").array
    sure = 1 / (1 + np.exp(-(image - 0.5)))
    wanted = -(sure * np.log2(sure) + (1 - sure) * np.log2(1 - sure))
    np.testing.assert_allclose(found, wanted, atol=2e-3)


def test_the_uncertainty_can_be_given_up(app, manager, signs):
    app.publish()
    queued = manager.submit_uncertainty("case_3", "levels")
    wait_for(lambda: asked(signs) != [])
    assert manager.cancel("case_3") == 1
    (signs / "gate").touch()
    with pytest.raises(Cancelled):
        queued.future.result(30)


@pytest.mark.parametrize(
    ("model", "said"), [("prompted", "which needs no prompts"), ("levels", "not been trained yet")]
)
def test_an_uncertainty_that_cannot_be_had_says_why(manager, model, said):
    with pytest.raises(TaskError, match=said):
        manager.uncertainty("case_0", model)


def test_scores_of_images_that_got_a_label_stay(app, manager, signs):
    (signs / "gate").touch()
    app.publish()
    finished(manager.score("entropy"))
    manager.save_label("case_0", np.ones(SHAPE, np.uint8))
    assert FINAL in manager.datastore.get_labels_by_image_id("case_0")
    (one,) = manager.datastore.scores.sets("entropy")
    assert (one.images, one.waiting) == (IMAGES, IMAGES - 1)
    assert isinstance(manager.datastore, LocalDatastore)
