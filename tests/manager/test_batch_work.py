"""First masks for many images, made by a job."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from monai.transforms import Lambdad, LoadImaged
from PIL import Image

from jlabel.app import LabelApp
from jlabel.click import ClickSegment
from jlabel.errors import JlabelError
from jlabel.labels import Label
from jlabel.tasks import InferTask
from jlabel.widget import AppManager


class Bright(InferTask):
    """Finds what is bright; needs no training and no prompts."""

    cpu_only = True

    def pre_transforms(self, data):
        return [LoadImaged(keys="image")]

    def inferer(self, data):
        return [Lambdad(keys="image", func=lambda image: image > 100, overwrite="pred")]

    def post_transforms(self, data):
        return []


class Meanwhile(Bright):
    """While it works on the first image, a person labels the second and begins with the third."""

    def __init__(self, datastore, **options):
        super().__init__(**options)
        self.datastore = datastore

    def __call__(self, request):
        if request.image_id == "a":
            self.datastore.save_label("b", np.ones((4, 5), np.uint8))
            draft = self.datastore.workspace.draft_file("c", "0123456789abcdef")
            draft.parent.mkdir(exist_ok=True)
            draft.write_bytes(b"begun")
        return super().__call__(request)


class BatchApp(LabelApp):
    def init_infers(self):
        infers = {"bright": Bright(labels=["cell"]), "click": ClickSegment()}
        return {**infers, "meanwhile": Meanwhile(self.datastore, labels=["cell"])}


def test_first_masks_for_all_images_without_a_label(pictures: Path) -> None:
    manager = AppManager(BatchApp(pictures, labels=[Label("cell", 3, "#e69f00", instances=True)]))
    for name, share in (("a", 200), ("b", 0), ("c", 200)):
        Image.fromarray(np.full((4, 5), share, np.uint8)).save(pictures / f"{name}.png")
    (pictures / "d.png").write_bytes(b"no picture")
    manager.datastore.refresh()
    manager.save_label("c", np.zeros((4, 5), np.uint8))
    job = manager.batch_infer("bright", device="cpu")
    assert job.wait(60)
    assert job.state == "done", job
    assert job.result["done"] == 2
    assert set(job.result["left_out"]) == {"d"}
    assert [int(manager.label(name, "original").max()) for name in "ab"] == [3, 0]
    info = manager.datastore.get_label_info("a", "original")
    assert (info["models"], info["labels"], info["instances"]) == (["bright"], {"cell": 3}, "cell")
    assert manager.datastore.get_labels_by_image_id("c") == {"final": "c"}
    manager.close()


def test_what_a_person_has_begun_is_left_alone(pictures: Path) -> None:
    for name in "cd":
        Image.fromarray(np.zeros((4, 5), np.uint8)).save(pictures / f"{name}.png")
    manager = AppManager(BatchApp(pictures, labels=["cell"]))
    before = manager.datastore.workspace.draft_file("d", "0123456789abcdef")
    assert before is not None
    before.parent.mkdir(exist_ok=True)
    before.write_bytes(b"begun before")
    job = manager.batch_infer("meanwhile", device="cpu")
    assert job.wait(60)
    assert job.result == {"done": 1, "left_out": {}, "labelled_meanwhile": 2}, job
    labels = {name: sorted(manager.datastore.get_labels_by_image_id(name)) for name in "abcd"}
    assert labels == {"a": ["original"], "b": ["final"], "c": [], "d": []}
    manager.close()


@pytest.mark.parametrize(
    ("model", "images", "words"),
    [
        ("click", "all", "needs prompts in every image"),
        ("bright", "some", "images is 'unlabeled', 'all' or a list of ids"),
        ("bright", ["z"], "'z'"),
        ("bright", [], "no image to run the model on"),
        ("none", "all", "no model 'none'"),
    ],
)
def test_what_cannot_be_inferred_is_said_at_once(pictures: Path, model: str, images, words: str) -> None:
    manager = AppManager(BatchApp(pictures, labels=["cell"]))
    with pytest.raises(JlabelError, match=words):
        manager.batch_infer(model, images)
    assert manager.jobs() == []
    manager.close()
