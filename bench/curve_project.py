"""A pool of images as a studies folder, and the app whose scoring methods and strategies choose from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image as PillowImage

import jlabel
from bench.curve_data import Cases
from bench.curve_network import SmallUNet
from jlabel.datastores.scores import Score
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.selection import (
    BALD,
    ClaSP,
    CoreSet,
    Disagreement,
    Entropy,
    Epistemic,
    First,
    ForegroundRandom,
    Last,
    PowerNoise,
    Random,
    TypiClust,
)
from jlabel.selection.scoring import default_scoring_methods
from jlabel.training.checkpoints import save_weights

MODEL = "segmentation"
STRATEGIES = (
    "random",
    "foreground_random",
    "first",
    "last",
    "entropy",
    "bald",
    "epistemic",
    "disagreement",
    "coreset",
    "typiclust",
    "clasp",
    "power_entropy",
)
#: What a strategy goes by, where that is not the scoring method of its own name.
_SCORED_BY = {"foreground_random": "entropy", "clasp": "entropy", "power_entropy": "entropy", "coreset": "entropy"}
_WITHOUT = ("random", "first", "last", "typiclust")


class CurveModel(jlabel.InferTask):
    """The small network of the version in use.

    Args:
        published: Its versions.
        labels: The names of the structures.
        images: Images as the network sees them, by id: they are not read again.
    """

    def __init__(
        self, published: PublishedModel, labels: Sequence[str], images: Mapping[str, NDArray[np.float32]]
    ) -> None:
        super().__init__(labels=labels, published=published, dimension=next(iter(images.values())).ndim - 1)
        self.images = images

    def make_network(self, version: ModelVersion) -> torch.nn.Module:
        return SmallUNet(**version.network)

    def pre_transforms(self, data: dict[str, Any]) -> list[Any]:
        from monai.data import MetaTensor

        return [lambda data: {**data, "image": MetaTensor(torch.from_numpy(self.images[data["id"]]))}]

    def inferer(self, data: dict[str, Any]) -> Any:
        from monai.inferers import SimpleInferer

        return SimpleInferer()

    def post_transforms(self, data: dict[str, Any]) -> list[Any]:
        return []


class Project:
    """A pool in a temporary folder, of which images are chosen as a person would have them chosen.

    Args:
        folder: Where; made for this project.
        pool: The images.
        labels: The structures, name to value.
        strategy: The name of the strategy.
        budget: How many images are labelled in all.
        seed: Of what the strategy draws.
    """

    def __init__(
        self, folder: Path, pool: Cases, labels: Mapping[str, int], strategy: str, budget: int, seed: int
    ) -> None:
        self._pool, self._labels, self._budget = pool, dict(labels), budget
        _write(folder, pool)
        self.datastore = jlabel.LocalDatastore(folder)
        models = self.datastore.workspace.models_folder()
        assert models is not None
        self._store = ModelStore(models)
        published = PublishedModel(self._store, MODEL)
        task = CurveModel(published, list(labels), dict(zip(pool.ids, pool.images, strict=True)))
        self._strategy = make_strategy(strategy, published, budget, seed)
        name = _SCORED_BY.get(strategy, strategy)
        methods = default_scoring_methods({MODEL: task})
        self._method = (name, methods[name]) if strategy not in _WITHOUT else None
        rows = [
            Score(image_id, "appearance", float(share)) for image_id, share in zip(pool.ids, pool.bright, strict=True)
        ]
        for row, look in zip(rows, pool.looks, strict=True):
            self.datastore.scores.save([row], {"appearance": look})

    def label(self, numbers: Iterable[int]) -> None:
        """These images have a label now; what is in it is of no interest to a strategy."""
        for number in numbers:
            self.datastore.save_label(self._pool.ids[number], np.zeros(self._pool.labels.shape[1:], np.uint8))

    def publish(self, network: SmallUNet) -> None:
        """The network is the version in use now, and images are scored with it where the strategy goes by scores."""
        if self._method is None:
            return
        weights = self._store.folder.parent / "weights.safetensors"
        weights.parent.mkdir(parents=True, exist_ok=True)
        save_weights(network, weights)
        row = ModelVersion(MODEL, 0, labels=self._labels, network=network.arguments)
        self._store.use(MODEL, self._store.publish(row, weights).number)
        name, method = self._method
        # Also those that are labelled: coreset compares the others with them.
        method({"images": "all", "method": name, "labels": self._labels}, self.datastore)

    def choose(self, count: int) -> list[int]:
        """The numbers of the images to label next."""
        choices = self._strategy.choose({"budget": self._budget}, self.datastore, count)
        return [self._pool.ids.index(choice.image_id) for choice in choices]

    def close(self) -> None:
        self.datastore.close()


def make_strategy(name: str, published: PublishedModel, budget: int, seed: int) -> jlabel.Strategy:
    """A strategy that ships, with a seed."""
    by_scores = {"entropy": Entropy, "bald": BALD, "epistemic": Epistemic, "disagreement": Disagreement}
    if name in by_scores:
        return by_scores[name](MODEL, published)
    made: dict[str, Callable[[], jlabel.Strategy]] = {
        "random": lambda: Random(seed),
        "first": First,
        "last": Last,
        "foreground_random": lambda: ForegroundRandom(MODEL, seed=seed),
        "coreset": lambda: CoreSet(MODEL, seed=seed),
        "typiclust": lambda: TypiClust(seed),
        "clasp": lambda: ClaSP(MODEL, published, budget=budget, seed=seed),
        "power_entropy": lambda: PowerNoise(Entropy(MODEL, published), seed=seed),
    }
    return made[name]()


def _write(folder: Path, pool: Cases) -> None:
    """Empty images: what is in them the model has at hand."""
    folder.mkdir(parents=True)
    empty = np.zeros(pool.labels.shape[1:], np.uint8)
    for image_id in pool.ids:
        if empty.ndim == 2:
            PillowImage.fromarray(empty).save(folder / f"{image_id}.png")
        else:
            nib.save(nib.Nifti1Image(empty, np.eye(4)), folder / f"{image_id}.nii")
