"""An app for pictures whose model is a threshold: its trainer learns it from the labels in a moment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

import jlabel
from jlabel.imaging.region import Region
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.selection import ScoreStrategy

LABELS = {"polyp": 1}


class Spots(jlabel.InferTask):
    """What is brighter than the value that was learnt."""

    cpu_only = True

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def __call__(self, request: jlabel.InferRequest) -> jlabel.InferResult:
        version = self.version_in_use()
        at = float(load_file(version.file)["at"][0])
        mask = (request.image.array.mean(axis=2) > at).astype(np.uint8)
        return jlabel.InferResult(Region.whole(mask.shape), mask, mask.shape, LABELS, version=version.number)


class LearnSpots(jlabel.TrainTask):
    """The value between the spots and what is about them."""

    least_labels = 1

    def __call__(self, request, datastore):
        items = datastore.datalist()
        images = [jlabel.read_image(Path(item["image"])) for item in items]
        labels = [jlabel.read_label(Path(item["label"]), image) for item, image in zip(items, images, strict=True)]
        grey = [image.array.mean(axis=2) for image in images]
        inside = np.mean([one[label > 0].mean() for one, label in zip(grey, labels, strict=True) if label.any()])
        outside = np.mean([one[label == 0].mean() for one, label in zip(grey, labels, strict=True)])
        file = request["run"].folder / "new.safetensors"
        save_file({"at": np.array([(inside + outside) / 2])}, file)
        store = ModelStore(datastore.workspace.models_folder())
        learnt = dict.fromkeys(datastore.get_labeled_images(), 1)
        score = 1 - 1 / len(items)
        made = ModelVersion(request["name"], 0, images=learnt, score=score, metric="val_mean_dice", labels=LABELS)
        version = store.publish(made, file)
        store.use(request["name"], version.number)
        return {"version": version.number, "in_use": True, "note": ""}


class Doubt(jlabel.ScoringMethod):
    """The number in an image's name, so that a test knows which images come first."""

    cpu_only = True

    def __call__(self, request, datastore):
        store = ModelStore(datastore.workspace.models_folder())
        number = store.in_use("spots").number
        scores = [
            jlabel.Score(image_id, "doubt", float(image_id[-2:]), "spots", number)
            for image_id in datastore.list_images()
        ]
        datastore.scores.save(scores)
        return {"done": len(scores)}


class SpotsApp(jlabel.LabelApp):
    """One label, one model that learns, one strategy that goes by its scores."""

    def __init__(self, studies: Path) -> None:
        super().__init__(studies, labels=LABELS)

    def init_infers(self):
        published = PublishedModel(ModelStore(self.datastore.workspace.models_folder()), "spots")
        return {"spots": Spots(labels=["polyp"], published=published)}

    def init_trainers(self):
        return {"spots": LearnSpots("Learns how bright spots are")}

    def init_scoring_methods(self):
        return {"doubt": Doubt()}

    def init_strategies(self):
        return {**super().init_strategies(), "doubt": ScoreStrategy("doubt", "spots")}
