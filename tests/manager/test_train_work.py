"""Training from the manager: a job on the app's task and datastore, followed by any kernel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jlabel.app import LabelApp
from jlabel.datastores.workspace import Workspace
from jlabel.errors import JobError, TaskError
from jlabel.tasks import TrainTask
from jlabel.widget import AppManager


class Average(TrainTask):
    """Learns how much of an image is labelled."""

    def __call__(self, request, datastore):
        run = request["run"]
        shares = []
        for number, image_id in enumerate(datastore.get_labeled_images(), start=1):
            run.check_cancelled()
            shares.append(float(np.asarray(Image.open(datastore.get_label_uri(image_id))).mean()))
            run.metrics(number, share=shares[-1])
        return {"mean": sum(shares) / len(shares), "labels": request["labels"], "scale": request["scale"]}


class App(LabelApp):
    def init_trainers(self):
        return {"average": Average("How much is labelled")}


@pytest.fixture
def manager(pictures: Path):
    manager = AppManager(App(pictures, labels=["cell"]))
    yield manager
    manager.close()


def test_a_training_works_on_the_labels_of_the_folder(manager: AppManager, pictures: Path) -> None:
    for name, share in (("a", 1), ("b", 0)):
        manager.save_label(name, np.full((4, 5), share, np.uint8))
    job = manager.train("average", device="cpu", scale=3)
    assert job.wait(60)
    assert job.result == {"mean": 0.5, "labels": {"cell": 1}, "scale": 3}
    assert job.metrics == [{"epoch": 1, "share": 1.0}, {"epoch": 2, "share": 0.0}]
    assert job.folder.path.is_relative_to(pictures / ".jlabel" / "jobs")
    other = AppManager(App(pictures, labels=["cell"]))
    assert [(found.id, found.state, found.name) for found in other.jobs()] == [(job.id, "done", "average")]
    other.close()


def test_a_training_that_failed_is_resumed_once_its_reason_is_gone(
    manager: AppManager,
) -> None:
    job = manager.train("average", device="cpu", scale=1)
    assert job.wait(60)
    assert job.state == "failed"
    assert "ZeroDivisionError" in job.error
    manager.save_label("a", np.ones((4, 5), np.uint8))
    assert manager.resume(job.id).wait(60)
    assert job.result["mean"] == 1.0


def test_what_cannot_be_trained_is_said_at_once(manager: AppManager, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TaskError, match="no train task 'none'; the app has average"):
        manager.train("none")
    monkeypatch.setattr(Workspace, "jobs_folder", lambda self: None)
    with pytest.raises(JobError, match=r"no place for jobs: AppManager\(app, jobs="):
        manager.train("average")


def test_jobs_may_be_kept_in_a_folder_of_ones_own(pictures: Path, tmp_path: Path) -> None:
    manager = AppManager(App(pictures, labels=["cell"]), jobs=tmp_path / "own")
    manager.save_label("a", np.ones((4, 5), np.uint8))
    job = manager.train("average", device="cpu", scale=1)
    assert job.wait(60)
    assert job.folder.path.parent == tmp_path / "own"
    manager.close()


def test_beginning_a_training_does_not_import_torch(pictures: Path) -> None:
    program = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.manager.test_train_work import App
from jlabel.widget import AppManager
job = AppManager(App({str(pictures)!r}, labels=["cell"])).train("average", device="auto", scale=1)
sys.exit("torch" in sys.modules or not job.wait(60))
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
