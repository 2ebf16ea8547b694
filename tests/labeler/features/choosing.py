"""An app that knows scores and how unsure its model is, without a network, for the tests of choosing."""

from __future__ import annotations

import threading

import nibabel as nib
import numpy as np
import pytest

from jlabel.app import LabelApp
from jlabel.datastores import Score
from jlabel.imaging import Region
from jlabel.selection import First, ScoreStrategy
from jlabel.tasks import InferResult, InferTask, ScoringMethod
from jlabel.widget import AppManager
from jlabel.widget import labeler as labeler_module
from tests.widget.labeler_pages import SHAPE, Ball, Page

#: Where the model is unsure.
PLACES = {(2, 2, 2): 0.6, (9, 8, 6): 0.9}


class Finder(InferTask):
    """Calls the upper half of the first axis the first label, and is unsure near :data:`PLACES`."""

    cpu_only = True

    def __init__(self) -> None:
        super().__init__(labels=["a"])
        self.gate = threading.Event()
        self.gate.set()
        self.asked: list[str] = []
        self.sure = False
        self.ready = True

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def is_valid(self):
        return self.ready

    def __call__(self, request):
        values = np.zeros(request.image.shape, np.uint8)
        values[6:] = 1
        return InferResult(Region.whole(values.shape), values, values.shape, {"a": 1})

    def uncertainty(self, image_id, queued):
        """How unsure it is of each voxel; waits at the gate."""
        self.asked.append(image_id)
        while not self.gate.wait(0.01):
            if queued.cancelled:
                break
        index = np.moveaxis(np.indices(SHAPE), 0, -1)
        unsure = np.zeros(SHAPE, np.float16)
        for position, value in ({} if self.sure else PLACES).items():
            unsure[np.linalg.norm(index - np.array(position), axis=-1) <= 1] = value
        return unsure


class Brightness(ScoringMethod):
    """How bright an image is."""

    def __call__(self, request, datastore):
        """Score all images that wait."""
        ids = datastore.get_unlabeled_images()
        datastore.scores.save([Score(image_id, "brightness", n / 10) for n, image_id in enumerate(ids)])
        return {"scored": len(ids)}


class App(LabelApp):
    """Chooses by brightness."""

    def init_infers(self):
        return {"ball": Ball(), "finder": Finder()}

    def init_strategies(self):
        return {"first": First(), "brightest": ScoreStrategy("brightness", description="The brightest")}

    def init_scoring_methods(self):
        return {"brightness": Brightness("Mean intensity")}


@pytest.fixture
def studies(tmp_path, monkeypatch):
    """Three images with voxels of 4 mm."""
    monkeypatch.setattr(labeler_module, "front_end", lambda: ("export default {}", ""))
    for i in range(3):
        array = np.random.default_rng(i).integers(0, 100, SHAPE, dtype=np.int16)
        nib.save(nib.Nifti1Image(array, np.diag([4, 4, 4, 1])), tmp_path / f"case_{i}.nii.gz")
    return tmp_path


@pytest.fixture
def manager(studies, monkeypatch):
    manager = AppManager(App(studies, labels=["a", "b"]), device="cpu")
    finder = manager.app.infers["finder"]

    def submit(image_id, model=None, image=None):
        return manager._queue("cpu").submit(lambda queued: finder.uncertainty(image_id, queued))

    monkeypatch.setattr(manager, "submit_uncertainty", submit)
    yield manager
    finder.gate.set()
    manager.close()


@pytest.fixture
def finder(manager):
    return manager.app.infers["finder"]


@pytest.fixture
def page(manager, monkeypatch):
    labeler = manager.labeler("case_0", strategy="brightest")
    yield Page(labeler, monkeypatch)
    labeler.close()
