"""What a train task says about its training, asked without any image."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch

from jlabel.bundles.export.model import ExportedModel
from jlabel.datastores import Datastore
from jlabel.errors import TaskError
from jlabel.guidance.input_steps import EmptyGuidance
from jlabel.segmentation import SegmentationTrainTask
from jlabel.tasks.keys import Step
from jlabel.tasks.transforms import flatten
from jlabel.training import BasicTrainTask, Context
from jlabel.training.hooks import ask
from jlabel.training.kept_plan import PLAN_FILE
from jlabel.training.options import merge_options

_WITHOUT = "export_bundle(..., train=False) exports the model without it"


@dataclass(frozen=True)
class TrainingParts:
    """The parts of a training.

    Attributes:
        network: The network.
        optimizer: Its optimizer.
        loss: The loss function.
        metric: The metric that models are compared by, by its name.
        train_steps: What prepares images and labels to learn from.
        train_inferer: How the network is applied to them.
        val_steps: What prepares images and labels to judge by.
        val_inferer: How the network is applied to those.
        val_post: What prepares predictions and labels for the metric.
    """

    network: torch.nn.Module
    optimizer: torch.optim.Optimizer
    loss: Any
    metric: Mapping[str, Any]
    train_steps: list[Step]
    train_inferer: Any
    val_steps: list[Step]
    val_inferer: Any
    val_post: list[Step]


def trainable(model: ExportedModel) -> BasicTrainTask:
    """The train task of a model.

    Raises:
        TaskError: MONAI alone cannot train as it does; says why.
    """
    task, name = model.trainer, model.version.name
    if not isinstance(task, BasicTrainTask):
        what = "no train task" if task is None else f"a {type(task).__name__}, which trains in its own way"
        raise TaskError(f"train.json cannot be written: the app has {what} for {name!r}. {_WITHOUT}")
    if task.ignore is not None:
        raise TaskError(
            f"train.json cannot be written: {name!r} learns from labels with voxels that are not annotated "
            f"(ignore={task.ignore!r}), which MONAI's loss functions cannot leave out. {_WITHOUT}"
        )
    return task


def context_without_images(model: ExportedModel, task: BasicTrainTask, folder: Path) -> Context:
    """A training as the methods of the task see it, without any image."""
    config = {name: value for name, value in model.version.config.items() if name in task.info()["config"]}
    options = merge_options(task.config, {**config, "pretrained": False, "tracking": None})
    (folder / PLAN_FILE).write_text(json.dumps(dict(model.version.network)), encoding="utf-8")
    run: Any = SimpleNamespace(device="cpu", devices=("cpu",), rank=0, threads=1, folder=folder, checkpoints=folder)
    run.note, run.check_cancelled, run.cancelled = (lambda text: None), (lambda: None), False
    nowhere: Any = _NoDatastore()
    return Context(
        name=model.version.name,
        request={**options, "name": model.version.name, "labels": model.classes, "run": run},
        run=run,
        datastore=nowhere,
        labels=model.classes,
        train_datalist=[],
        val_datalist=[],
        output_dir=folder,
        max_epochs=int(options["max_epochs"]),
        train_batch_size=int(options["train_batch_size"]),
        val_batch_size=int(options["val_batch_size"]),
        seed=int(options["seed"]),
    )


class _NoDatastore:
    """Stands where a train task expects images: a configuration must not depend on those of this machine."""

    def __getattr__(self, name: str) -> Any:
        raise TaskError(
            f"the train task asks for {Datastore.__name__}.{name} while it is set up: "
            f"what depends on the images cannot be written into train.json. {_WITHOUT}"
        )


def training_parts(model: ExportedModel, task: BasicTrainTask, context: Context) -> TrainingParts:
    """Ask the train task for every part of its training.

    Raises:
        TaskError: It has a part that MONAI's trainer has no place for.
    """
    network = model.task.make_network(model.version)
    context.network = network
    steps, guidance = task, list[Step]()
    if ask(task.train_iteration_update, context) is not None:
        if not isinstance(task, SegmentationTrainTask):
            raise TaskError(
                f"train.json cannot be written: {type(task).__name__} has a training step of its own "
                f"(train_iteration_update). {_WITHOUT}"
            )
        # Nobody clicks there: what is trained on is the answer without clicks.
        steps = SegmentationTrainTask(config=task.config)
        guidance = [EmptyGuidance(int(getattr(network, "in_channels", 1)) - 1)]
    return TrainingParts(
        network=network,
        optimizer=ask(task.optimizer, context),
        loss=ask(task.loss_function, context),
        metric=ask(task.val_key_metric, context),
        train_steps=[*flatten(ask(steps.train_pre_transforms, context)), *guidance],
        train_inferer=ask(steps.train_inferer, context),
        val_steps=[*flatten(ask(steps.val_pre_transforms, context)), *guidance],
        val_inferer=ask(steps.val_inferer, context),
        val_post=flatten(ask(steps.val_post_transforms, context)),
    )
