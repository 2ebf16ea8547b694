"""``train.json``: a model's training goes on with other labels, by MONAI's components alone."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from ignite.metrics import Metric
from monai.inferers import Inferer
from monai.transforms import LoadImaged, RandomizableTrait, Transform

from jlabel.bundles.export.configuration import Configuration
from jlabel.bundles.export.inference import DEVICE
from jlabel.bundles.export.model import ExportedModel
from jlabel.bundles.export.recording import ConstructorArguments
from jlabel.bundles.export.steps import REFERRED, compose, configured_network, configured_steps, undropped_modules
from jlabel.bundles.export.training_parts import TrainingParts, context_without_images, trainable, training_parts
from jlabel.bundles.training_run import LABEL_VALUES
from jlabel.segmentation import SegmentationTrainTask
from jlabel.tasks.keys import Step
from jlabel.training import BasicTrainTask

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


def train_config(model: ExportedModel) -> dict[str, Any]:
    """The configuration that fine-tunes the model's network as its train task would.

    Raises:
        TaskError: A part of the train task cannot be written as configuration; says which.
    """
    task = trainable(model)
    with tempfile.TemporaryDirectory() as folder:
        context = context_without_images(model, task, Path(folder))
        with ConstructorArguments(Transform, Inferer, torch.nn.Module, torch.optim.Optimizer, Metric) as made:
            parts = training_parts(model, task, context)
    configuration = Configuration(made)
    options = context.request
    network_def = model.network_def or configured_network(parts.network, configuration)
    rate = float(options["learning_rate"])
    optimizer = configuration.made(parts.optimizer, params="$@network.parameters()")
    if optimizer.get("lr") == rate:
        optimizer["lr"] = "@learning_rate"
    undropped = undropped_modules(parts.network)
    return {
        **_DATA,
        "epochs": int(options["max_epochs"]),
        "learning_rate": rate,
        "batch_size": int(options["train_batch_size"]),
        LABEL_VALUES: [[value, model.classes[name]] for name, value in model.values.items()],
        **REFERRED,
        "to_classes": "$lambda x: sum((x == value) * number for value, number in @label_values)",
        "network_def": dict(network_def),
        "network": "$@network_def.to(@device)",
        "loss": configuration.of(parts.loss),
        "optimizer": optimizer,
        "lr_scheduler": _schedule(task),
        "train": _train(configuration, parts, task),
        "validate": _validate(configuration, parts, task),
        "checkpointloader": {
            "_target_": "CheckpointLoader",
            "load_path": "$@bundle_root + '/models/model.pt'",
            "load_dict": {"model": "@network"},
            "map_location": "@device",
        },
        **({"without_dropout": undropped} if undropped else {}),
        "initialize": [
            "$print(len(@items), 'labelled images in', @label_dir)",
            "$monai.utils.set_determinism(seed=0)",
            *(["$[setattr(@network.get_submodule(i), 'p', 0.0) for i in @without_dropout]"] if undropped else []),
            "$@checkpointloader(@train#trainer) if @load_pretrain else None",
        ],
        "run": ["$@train#trainer.run()"],
    }


def _steps(steps: Sequence[Step], configuration: Configuration, place: str) -> list[Any]:
    """Transforms as configuration, with the classes in the place of the values in label files."""
    found: list[Any] = []
    for step in steps:
        found += configured_steps([step], configuration, place)
        if isinstance(step, LoadImaged) and _LABEL in step.keys:
            found.append({"_target_": "Lambdad", "keys": _LABEL, "func": "@to_classes"})
    return found


def _train(configuration: Configuration, parts: TrainingParts, task: BasicTrainTask) -> dict[str, Any]:
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


def _validate(configuration: Configuration, parts: TrainingParts, task: BasicTrainTask) -> dict[str, Any]:
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
            "amp": "@amp" if task.amp else False,
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
