"""A training that is a Python class: the workflow that a bundle's metadata name, in place of a configuration."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from monai.bundle import BundleWorkflow
from monai.data import ImageReader
from monai.transforms import Compose, LoadImaged

from jlabel.bundles.loading import from_memory
from jlabel.errors import TaskError

IMAGE, LABEL = "image", "label"
_LISTS = ("train_preprocessing", "val_preprocessing")


def workflow_configuration(name: str) -> dict[str, Any]:
    """A configuration whose trainer and evaluator are those of a workflow.

    Its data, epochs and entry are where those of any training are, see :mod:`jlabel.bundles.training_ids`.
    """
    module = __name__
    trained, judged = "train::trainer::train_data_loader::dataset::data", "validate::evaluator::val_data_loader"

    def loader(transform: str) -> dict[str, Any]:
        return {"dataset": {"data": [], "transform": f"$getattr(@workflow.workflow, '{transform}')"}}

    return {
        "workflow": {
            "_target_": f"{module}.{TrainingWorkflow.__name__}",
            "name": name,
            "root": "@bundle_root",
            "device": "@device",
            "keys": [IMAGE, LABEL],
            "reader": None,
            "train_data": f"@{trained}",
            "val_data": f"@{judged}::dataset::data",
            "max_epochs": "@train::trainer::max_epochs",
        },
        "train": {
            "trainer": {
                "_target_": f"{module}.trainer_of",
                "workflow": "@workflow",
                "max_epochs": 0,
                "train_data_loader": loader(_LISTS[0]),
            }
        },
        "validate": {
            "evaluator": {
                "_target_": f"{module}.evaluator_of",
                "workflow": "@workflow",
                "val_data_loader": loader(_LISTS[1]),
            }
        },
        "run": ["$@workflow.run()"],
    }


class TrainingWorkflow:
    """A workflow of a bundle that has been given its data; making it imports and runs the bundle's code.

    Args:
        name: The class: a module in the bundle, and the name in it.
        root: The bundle's folder.
        device: On which it trains.
        keys: Under which it has an image and its label.
        reader: Reads all its images and labels.
        train_data: What it learns from.
        val_data: What it is judged by.
        max_epochs: How long it trains; 0 for the workflow's own.

    Attributes:
        workflow: It.

    Raises:
        TaskError: There is no such class, it needs arguments that nobody knows, or it reads its images by itself.
    """

    def __init__(
        self,
        name: str,
        root: str,
        device: torch.device,
        keys: Sequence[str],
        reader: ImageReader | None,
        train_data: Sequence[Mapping[str, str]],
        val_data: Sequence[Mapping[str, str]],
        max_epochs: int = 0,
    ) -> None:
        self.name = name
        self.workflow: Any = _made(name, Path(root), device)
        self._set(bundle_root=root, device=device, train_dataset_data=[*train_data], val_dataset_data=[*val_data])
        if max_epochs:
            self._set(max_epochs=max_epochs)
        self.workflow.initialize()
        self._read_by(reader, list(keys))

    def run(self) -> None:
        """Train."""
        self.workflow.run()
        self.workflow.finalize()

    def _set(self, **values: Any) -> None:
        for key, value in values.items():
            setattr(self.workflow, key, value)

    def _read_by(self, reader: ImageReader | None, keys: list[str]) -> None:
        """Let every image come from the datastore: the data sets are made after this, from these transforms."""
        given = {key: getattr(self.workflow, key, None) for key in _LISTS}
        self._set(
            **{
                key: Compose([from_memory(step, reader) for step in self._loading(key, transform, keys)])
                for key, transform in given.items()
                if transform is not None or key == _LISTS[0]
            }
        )
        # Whoever sets a property of a PythonicWorkflow begins anew.
        self.workflow.initialize()

    def _loading(self, key: str, transform: Any, keys: list[str]) -> list[Any]:
        """The steps of a transform that loads the image and its label."""
        steps = list(transform.transforms) if isinstance(transform, Compose) else []
        loaded = [list(step.keys) for step in steps if isinstance(step, LoadImaged)]
        if not loaded:
            raise TaskError(f"{self.name} has no LoadImaged in a Compose that is its property '{key}'")
        if loaded[0] != keys:
            raise TaskError(f"{self.name} loads {', '.join(map(str, loaded[0]))}, not {', '.join(keys)}")
        return steps


def trainer_of(workflow: TrainingWorkflow, **_: Any) -> Any:
    """The trainer of a workflow."""
    return workflow.workflow.trainer


def evaluator_of(workflow: TrainingWorkflow, **_: Any) -> Any:
    """What judges in a workflow; None where nothing does."""
    return getattr(workflow.workflow, "evaluator", None)


def _made(name: str, root: Path, device: torch.device) -> BundleWorkflow:
    module, _, attribute = name.rpartition(".")
    found = getattr(importlib.import_module(module), attribute, None)
    if not (isinstance(found, type) and issubclass(found, BundleWorkflow)):
        raise TaskError(
            f"its metadata name the workflow {name}, which is no class that extends monai.bundle's BundleWorkflow"
        )
    offered = {
        "workflow_type": "train",
        "meta_file": str(root / "configs" / "metadata.json"),
        "bundle_root": str(root),
        "device": device,
    }
    taken = inspect.signature(found).parameters
    named = {key: one for key, one in taken.items() if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)}
    needed = [key for key, one in named.items() if one.default is one.empty and key not in offered]
    if needed:
        raise TaskError(f"the workflow {name} needs arguments that only its author knows: {', '.join(needed)}")
    made: BundleWorkflow = found(**{key: value for key, value in offered.items() if key in named})
    return made
