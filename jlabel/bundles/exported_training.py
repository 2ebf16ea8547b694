"""``train.json``: a model's training goes on with other labels, by MONAI's components alone."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from ignite.metrics import Metric
from monai.inferers import Inferer
from monai.transforms import LoadImaged, RandomizableTrait, Transform

from jlabel.bundles.as_configuration import Configuration
from jlabel.bundles.exported_inference import DEVICE
from jlabel.bundles.exported_model import ExportedModel
from jlabel.bundles.exported_steps import REFERRED, compose, configured_network, configured_steps
from jlabel.bundles.recording import ConstructorArguments
from jlabel.datastores import Datastore
from jlabel.errors import TaskError
from jlabel.guidance.input_steps import EmptyGuidance
from jlabel.segmentation import SegmentationTrainTask
from jlabel.tasks.keys import Step
from jlabel.tasks.transforms import flatten
from jlabel.training import BasicTrainTask, Context
from jlabel.training.hooks import ask
from jlabel.training.options import merge_options

_LABEL = "label"
_BOTH = "$monai.handlers.from_engine(['pred', 'label'])"
_DATA: dict[str, Any] = {
    "imports": ["$import glob", "$import os", "$import numpy"],
    "bundle_root": ".",
    "ckpt_dir": "$@bundle_root + '/models'",
    "output_dir": "$@bundle_root + '/eval'",
    "dataset_dir": "$@bundle_root + '/data'",
    "image_dir": "$@dataset_dir + '/imagesTr'",
    "label_dir": "$@dataset_dir + '/labelsTr'",
    "pattern": "*.nii*",
    "labels": "$sorted(glob.glob(os.path.join(glob.escape(str(@label_dir)), @pattern)))",
    "images": "$[os.path.join(@image_dir, os.path.basename(label)) for label in @labels]",
    "items": "$[{'image': image, 'label': label} for image, label in zip(@images, @labels)]",
    "val_share": 0.2,
    "val_count": "$max(1, round(len(@items) * @val_share))",
    "val_interval": 1,
    "load_pretrain": True,
    "cache_rate": 1.0,
    "num_workers": 0,
    "device": DEVICE,
    "amp": "$@device.type == 'cuda'",
}


@dataclass(frozen=True)
class _Parts:
    """What a train task says about its training."""

    network: torch.nn.Module
    optimizer: torch.optim.Optimizer
    loss: Any
    metric: Mapping[str, Any]
    train_steps: list[Step]
    train_inferer: Any
    val_steps: list[Step]
    val_inferer: Any
    val_post: list[Step]


def train_config(model: ExportedModel) -> dict[str, Any]:
    """The configuration that fine-tunes the model's network as its train task would.

    Raises:
        TaskError: A part of the train task cannot be written as configuration; says which.
    """
    task = _train_task(model)
    with tempfile.TemporaryDirectory() as folder:
        context = _context(model, task, Path(folder))
        with ConstructorArguments(Transform, Inferer, torch.nn.Module, torch.optim.Optimizer, Metric) as made:
            parts = _parts(model, task, context)
    configuration = Configuration(made)
    options = context.request
    network_def = model.network_def or configured_network(parts.network, configuration)
    rate = float(options["learning_rate"])
    optimizer = configuration.made(parts.optimizer, params="$@network.parameters()")
    if optimizer.get("lr") == rate:
        optimizer["lr"] = "@learning_rate"
    undropped = _undropped(parts.network)
    return {
        **_DATA,
        "epochs": int(options["max_epochs"]),
        "learning_rate": rate,
        "batch_size": int(options["train_batch_size"]),
        "label_values": [[value, model.classes[name]] for name, value in model.values.items()],
        **REFERRED,
        "to_classes": "$lambda x: sum((x == value) * number for value, number in @label_values)",
        "network_def": dict(network_def),
        "network": "$@network_def.to(@device)",
        "loss": configuration.of(parts.loss),
        "optimizer": optimizer,
        "lr_scheduler": _schedule(task),
        "train": _train(configuration, parts, task),
        "validate": _validate(configuration, parts),
        "checkpointloader": {
            "_target_": "CheckpointLoader",
            "load_path": "$@bundle_root + '/models/model.pt'",
            "load_dict": {"model": "@network"},
            "map_location": "@device",
        },
        **({"without_dropout": undropped} if undropped else {}),
        "initialize": [
            "$monai.utils.set_determinism(seed=0)",
            *(["$[setattr(@network.get_submodule(i), 'p', 0.0) for i in @without_dropout]"] if undropped else []),
            "$@checkpointloader(@train#trainer) if @load_pretrain else None",
        ],
        "run": ["$@train#trainer.run()"],
    }


def _train_task(model: ExportedModel) -> BasicTrainTask:
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


_WITHOUT = "export_bundle(..., train=False) exports the model without it"


def _context(model: ExportedModel, task: BasicTrainTask, folder: Path) -> Context:
    """A training as the methods of the task see it, without any image."""
    config = {name: value for name, value in model.version.config.items() if name in task.info()["config"]}
    options = merge_options(task.config, {**config, "pretrained": False, "tracking": None})
    (folder / "plan.json").write_text(json.dumps(dict(model.version.network)), encoding="utf-8")
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


def _parts(model: ExportedModel, task: BasicTrainTask, context: Context) -> _Parts:
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
    return _Parts(
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


def _steps(steps: Sequence[Step], configuration: Configuration, place: str) -> list[Any]:
    """Transforms as configuration, with the classes in the place of the values in label files."""
    found: list[Any] = []
    for step in steps:
        found += configured_steps([step], configuration, place)
        if isinstance(step, LoadImaged) and _LABEL in step.keys:
            found.append({"_target_": "Lambdad", "keys": _LABEL, "func": "@to_classes"})
    return found


def _train(configuration: Configuration, parts: _Parts, task: BasicTrainTask) -> dict[str, Any]:
    steps = parts.train_steps
    first = next((at for at, step in enumerate(steps) if isinstance(step, RandomizableTrait)), len(steps))
    return {
        "deterministic_transforms": _steps(steps[:first], configuration, "train#deterministic_transforms"),
        "random_transforms": _steps(steps[first:], configuration, "train#random_transforms"),
        "preprocessing": {
            "_target_": "Compose",
            "transforms": "$@train#deterministic_transforms + @train#random_transforms",
        },
        "dataset": {
            "_target_": "CacheDataset",
            "data": "$@items[:-@val_count] or @items",
            "transform": "@train#preprocessing",
            "cache_rate": "@cache_rate",
        },
        "dataloader": _loader("@train#dataset", "@batch_size", True),
        "inferer": configuration.of(parts.train_inferer),
        "handlers": [
            {"_target_": "LrScheduleHandler", "lr_scheduler": "@lr_scheduler", "print_lr": True},
            {
                "_target_": "ValidationHandler",
                "validator": "@validate#evaluator",
                "epoch_level": True,
                "interval": "@val_interval",
            },
            {
                "_target_": "StatsHandler",
                "tag_name": "train_loss",
                "output_transform": "$monai.handlers.from_engine(['loss'], first=True)",
            },
        ],
        "trainer": {
            "_target_": "SupervisedTrainer",
            "max_epochs": "@epochs",
            "device": "@device",
            "train_data_loader": "@train#dataloader",
            "network": "@network",
            "loss_function": "@loss",
            "optimizer": "@optimizer",
            "inferer": "@train#inferer",
            "train_handlers": "@train#handlers",
            "amp": "@amp" if task.amp else False,
        },
    }


def _validate(configuration: Configuration, parts: _Parts) -> dict[str, Any]:
    metric = {name: configuration.made(one, output_transform=_BOTH) for name, one in parts.metric.items()}
    return {
        "preprocessing": compose(_steps(parts.val_steps, configuration, "validate#preprocessing#transforms")),
        "dataset": {
            "_target_": "CacheDataset",
            "data": "$@items[-@val_count:]",
            "transform": "@validate#preprocessing",
            "cache_rate": "@cache_rate",
        },
        "dataloader": _loader("@validate#dataset", 1, False),
        "inferer": configuration.of(parts.val_inferer),
        "postprocessing": compose(configured_steps(parts.val_post, configuration, "validate#postprocessing")),
        "handlers": [
            {"_target_": "StatsHandler", "iteration_log": False},
            {
                "_target_": "CheckpointSaver",
                "save_dir": "@ckpt_dir",
                "save_dict": {"model": "@network"},
                "save_key_metric": True,
                "key_metric_filename": "model.pt",
            },
        ],
        "key_metric": metric,
        "evaluator": {
            "_target_": "SupervisedEvaluator",
            "device": "@device",
            "val_data_loader": "@validate#dataloader",
            "network": "@network",
            "inferer": "@validate#inferer",
            "postprocessing": "@validate#postprocessing",
            "key_val_metric": "@validate#key_metric",
            "val_handlers": "@validate#handlers",
            "amp": "@amp",
        },
    }


def _loader(dataset: str, batch_size: int | str, shuffle: bool) -> dict[str, Any]:
    return {
        "_target_": "DataLoader",
        "dataset": dataset,
        "batch_size": batch_size,
        "shuffle": shuffle,
        "num_workers": "@num_workers",
    }


def _schedule(task: BasicTrainTask) -> dict[str, Any]:
    name = "torch.optim.lr_scheduler."
    if isinstance(task, SegmentationTrainTask):
        falling = {"total_iters": "@train#trainer#max_epochs", "power": 0.9}
        return {"_target_": f"{name}PolynomialLR", "optimizer": "@optimizer", **falling}
    return {"_target_": f"{name}ConstantLR", "optimizer": "@optimizer", "factor": 1.0}


def _undropped(network: torch.nn.Module) -> list[str]:
    """The modules that would drop features and do not, where others of the network do."""
    parts = {name: part for name, part in network.named_modules() if "Dropout" in type(part).__name__}
    shares = {name: float(getattr(part, "p", 0.0)) for name, part in parts.items()}
    return [name for name, share in shares.items() if share == 0] if any(shares.values()) else []
