"""An app whose model is a threshold that its trainer learns from the labels, in a moment."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

import jlabel
from jlabel.registry import ModelStore, ModelVersion, PublishedModel

LABELS = {"one": 1, "two": 2}
SHAPE = (16, 14, 12)


def case(number: int) -> tuple[np.ndarray, np.ndarray]:
    """An image and its label: two bright boxes in a dim background, another noise and place in each."""
    rng = np.random.default_rng(number)
    label = np.zeros(SHAPE, np.uint8)
    at = rng.integers(1, 3, 3)
    label[at[0] : at[0] + 6, at[1] : at[1] + 6, at[2] : at[2] + 6] = 1
    label[at[0] + 7 : at[0] + 11, at[1] : at[1] + 5, at[2] : at[2] + 5] = 2
    return (np.choose(label, (10, 110, 210)) + rng.normal(0, 12, SHAPE)).astype(np.int16), label


class AtOnce(jlabel.InferTask):
    """Computes its answer itself, without transforms."""

    def pre_transforms(self, data):
        return []

    def inferer(self, data):
        return []

    def post_transforms(self, data):
        return []

    def __call__(self, request: jlabel.InferRequest) -> jlabel.InferResult:
        values = self.answer(request)
        region = jlabel.imaging.region.Region.whole(values.shape)
        version = self.version_in_use() if self.published is not None else None
        labels = {request.label: 1} if self.interactive else LABELS
        return jlabel.InferResult(region, values, values.shape, labels, version=version and version.number)


class Thresholds(AtOnce):
    """Takes what is brighter than the value that was learnt for each structure."""

    def answer(self, request: jlabel.InferRequest) -> np.ndarray:
        return np.digitize(request.image.array, load_file(self.version_in_use().file)["at"]).astype(np.uint8)


class LearnThresholds(jlabel.TrainTask):
    """The values half way between the structures' means; with few labels it errs more."""

    least_labels = 1

    def __call__(self, request, datastore):
        if os.environ.get("JLABEL_TEST_BREAK_TRAINING"):
            raise jlabel.TaskError("the training was broken for the test")
        pairs = [(jlabel.read_image(Path(item["image"])), Path(item["label"])) for item in datastore.datalist()]
        found = [(image.array, jlabel.read_label(path, image)) for image, path in pairs]
        means = [np.mean([image[label == value].mean() for image, label in found]) for value in (0, 1, 2)]
        at = np.array([np.mean(means[:2]), np.mean(means[1:])]) + 40.0 / len(found)
        file = request["run"].folder / "new.safetensors"
        save_file({"at": at}, file)
        store = ModelStore(datastore.workspace.models_folder())
        version = store.publish(ModelVersion(request["name"], 0, score=1 - 1 / len(found), labels=LABELS), file)
        store.use(request["name"], version.number)
        return {"version": version.number, "in_use": True, "best_metric": version.score, "epochs": 1}


class Cubes(AtOnce):
    """Answers with the cube of 5 voxels about each click, added or taken away."""

    interactive = True
    takes_mask = True

    def answer(self, request: jlabel.InferRequest) -> np.ndarray:
        mask = np.zeros(request.image.shape, np.uint8)
        for prompt in request.prompts:
            if isinstance(prompt, jlabel.InitialMask):
                mask[prompt.mask != 0] = 1
            elif isinstance(prompt, jlabel.Click):
                mask[tuple(slice(max(0, i - 2), i + 3) for i in prompt.position)] = prompt.positive
        return mask


class SmallApp(jlabel.LabelApp):
    """Two structures, one tool, one model that learns."""

    def init_infers(self):
        store = ModelStore(self.datastore.workspace.models_folder())
        return {"cubes": Cubes(), "thresholds": Thresholds(published=PublishedModel(store, "learner"))}

    def init_trainers(self):
        return {"learner": LearnThresholds("Learns two thresholds")}
