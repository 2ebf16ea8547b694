# What the browser's tests of trainings put into a cell: an app whose training takes as long as a test wants, and the
# model that it publishes. No network library is needed for it.
import os
import time
from pathlib import Path

import numpy as np

from jlabel import Click, InferResult, InferTask, LabelApp, ModelVersion, PublishedModel, TrainTask
from jlabel.imaging import Region
from jlabel.registry import ModelStore


class Learner(TrainTask):
    """Ten epochs a second, until somebody lets it end; then it publishes a version."""

    def __init__(self, gate):
        super().__init__("Learns how bright the structure is")
        self.gate = gate

    def __call__(self, request, datastore):
        run, epoch = request["run"], 0
        print("<i>learning</i> from", datastore.get_labeled_images(), flush=True)
        while not Path(self.gate).exists():
            run.check_cancelled()
            epoch += 1
            run.metrics(epoch, loss=1 / epoch, val_mean_dice=1 - 1 / (epoch + 1))
            run.progress(min(0.9, epoch / 100), 12.0)
            time.sleep(0.1)
        if Path(self.gate).read_text() == "break":
            raise ValueError("the images are not of one kind")
        weights = run.checkpoints / "weights.safetensors"
        weights.write_bytes(b"none")
        store = ModelStore(datastore.workspace.models_folder())
        images = dict.fromkeys(datastore.get_labeled_images(), 1)
        version = store.publish(ModelVersion(request["name"], 0, images=images), weights)
        store.use(request["name"], version.number)
        return {"version": version.number, "in_use": True, "note": ""}


class Learnt(InferTask):
    """Each version labels one slice more."""

    cpu_only = True

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def __call__(self, request):
        number = self.version_in_use().number
        mask = np.zeros(request.image.shape, np.uint8)
        mask[:, :, :number] = 1
        return InferResult(Region.whole(mask.shape), mask, mask.shape, {"first": 1}, version=number)


class Pointed(InferTask):
    """Answers at once, with the voxel that was clicked."""

    cpu_only = interactive = True

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def __call__(self, request):
        mask = np.zeros(request.image.shape, np.uint8)
        for prompt in request.prompts:
            if isinstance(prompt, Click):
                mask[prompt.position] = 1
        return InferResult(Region.whole(mask.shape), mask, mask.shape, {request.label: 1})


class App(LabelApp):
    def init_infers(self):
        published = PublishedModel(ModelStore(self.datastore.workspace.models_folder()), "learner")
        return {"pointed": Pointed(), "learner": Learnt(labels=["first"], published=published)}

    def init_trainers(self):
        return {"learner": Learner(os.environ["TRAINING_GATE"])}
