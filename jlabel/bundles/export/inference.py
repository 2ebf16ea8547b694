"""``inference.json``: a model's masks of a folder of images, by MONAI's components alone."""

from __future__ import annotations

from typing import Any

import torch
from monai.inferers import Inferer
from monai.transforms import AsDiscreted, Invertd, Transform

from jlabel.bundles.export.configuration import Configuration
from jlabel.bundles.export.model import ExportedModel
from jlabel.bundles.export.recording import ConstructorArguments
from jlabel.bundles.export.steps import REFERRED, compose, configured_network, configured_steps
from jlabel.errors import TaskError
from jlabel.tasks.keys import IMAGE, MODEL, PRED, Step
from jlabel.tasks.transforms import flatten

DEVICE = "$torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')"
_DATA: dict[str, Any] = {
    "imports": ["$import glob", "$import os", "$import numpy"],
    "bundle_root": ".",
    "dataset_dir": "$@bundle_root + '/images'",
    "pattern": "*.nii*",
    "folder": "$glob.escape(str(@dataset_dir))",
    "files": "$glob.glob(os.path.join(@folder, @pattern))",
    "files_below": "$glob.glob(os.path.join(@folder, '**', @pattern), recursive=True)",
    "datalist": "$sorted(@files or @files_below)",
    "output_dir": "$@bundle_root + '/eval'",
    "output_ext": ".nii.gz",
    "output_postfix": "trans",
    "separate_folder": True,
    "load_pretrain": True,
    "device": DEVICE,
}
_RUN: dict[str, Any] = {
    "handlers": [{"_target_": "StatsHandler", "iteration_log": False}],
    "evaluator": {
        "_target_": "SupervisedEvaluator",
        "device": "@device",
        "val_data_loader": "@dataloader",
        "network": "@network",
        "inferer": "@inferer",
        "postprocessing": "@postprocessing",
        "val_handlers": "@handlers",
    },
    "checkpointloader": {
        "_target_": "CheckpointLoader",
        "load_path": "$@bundle_root + '/models/model.pt'",
        "load_dict": {"model": "@network"},
        "map_location": "@device",
    },
    "initialize": [
        "$print(len(@datalist), 'images in', @dataset_dir)",
        "$@checkpointloader(@evaluator) if @load_pretrain else None",
    ],
    "run": ["$@evaluator.run()"],
}


def inference_config(model: ExportedModel) -> dict[str, Any]:
    """The configuration that segments the images of a folder as the model's infer task does.

    Raises:
        TaskError: A part of the task cannot be written as configuration; says which.
    """
    data = _task_data(model)
    with ConstructorArguments(Transform, Inferer, torch.nn.Module) as made:
        network = model.task.make_network(model.version) if model.network_def is None else None
        pre = flatten(model.task.pre_transforms(data))
        inferer = model.task.inferer(data)
        inverted = model.task.inverse_transforms(data)
        post = flatten(model.task.post_transforms(data))
    if not callable(inferer):
        raise TaskError(f"{type(model.task).__name__} has no network, only transforms: there is nothing to export")
    configuration = Configuration(made)
    highest = max(model.values.values(), default=0)
    network_def = dict(model.network_def or {}) if network is None else configured_network(network, configuration)
    return {
        **_DATA,
        "output_dtype": "$numpy.uint8" if highest < 256 else "$numpy.uint16",
        **REFERRED,
        "network_def": network_def,
        "network": "$@network_def.to(@device)",
        "preprocessing": compose(configured_steps(pre, configuration, "preprocessing#transforms")),
        "dataset": {
            "_target_": "Dataset",
            "data": "$[{'image': i} for i in @datalist]",
            "transform": "@preprocessing",
        },
        "dataloader": {
            "_target_": "DataLoader",
            "dataset": "@dataset",
            "batch_size": 1,
            "shuffle": False,
            "num_workers": 0,
        },
        "inferer": configuration.of(inferer),
        "postprocessing": compose(_postprocessing(model, configuration, pre, inverted, post)),
        **_RUN,
    }


def _task_data(model: ExportedModel) -> dict[str, Any]:
    """What the methods of an infer task find when an image is asked for without prompts."""
    asked = {"prompts": [], "label": "", "labels": dict(model.values)}
    return {**model.task.config, IMAGE: IMAGE, "id": IMAGE, "device": "cpu", **asked, MODEL: model.version}


def _postprocessing(
    model: ExportedModel, configuration: Configuration, pre: list[Step], inverted: Any, post: list[Step]
) -> list[Any]:
    # Where jlabel does it, and where memory is not as short.
    steps: list[Any] = [{"_target_": "ToDeviced", "keys": PRED, "device": "cpu"}]
    own = [step for step in post if isinstance(step, Invertd)]
    for step in own:
        # By the very instances that were applied: MONAI refuses others.
        if [type(one) for one in flatten(step.transform)] == [type(one) for one in pre]:
            configuration.known[id(step.transform)] = "@preprocessing"
    if inverted is not None and not own:
        steps.append(_invert(list(inverted), pre, configuration, nearest=False))
    steps += configured_steps(post, configuration, "postprocessing#transforms")
    if inverted is None and not own:
        steps.append(_invert([], pre, configuration, nearest=True))
    if not _gives_classes(post):
        steps.append({"_target_": "Lambdad", "keys": PRED, "func": _classes(model.class_count)})
    saved = PRED
    if dict(model.values) != model.classes:
        # The labels' values in files are the app's; the prediction itself keeps the classes that metadata.json names.
        saved = "mask"
        steps += [
            {"_target_": "CopyItemsd", "keys": PRED, "names": saved},
            {
                "_target_": "MapLabelValued",
                "keys": saved,
                "orig_labels": list(model.classes.values()),
                "target_labels": list(model.values.values()),
            },
        ]
    return [*steps, _save(saved)]


def _invert(chosen: list[Step], pre: list[Step], configuration: Configuration, nearest: bool) -> dict[str, Any]:
    back = "@preprocessing" if not chosen or chosen == pre else compose([configuration.of(step) for step in chosen])
    return {
        "_target_": "Invertd",
        "keys": PRED,
        "transform": back,
        "orig_keys": IMAGE,
        "nearest_interp": nearest,
        "to_tensor": True,
    }


def _gives_classes(post: list[Step]) -> bool:
    last = post[-1] if post else None
    return isinstance(last, AsDiscreted) and PRED in last.keys and last.argmax[0] and last.to_onehot[0] is None


def _classes(count: int) -> str:
    """Class indices from one channel for each class, with or without the background, as jlabel takes them."""
    every = "x.argmax(dim=0, keepdim=True)"
    above = "x.amax(dim=0, keepdim=True) > 0.5"
    return f"$lambda x: x if x.shape[0] == 1 else {every} if x.shape[0] == {count} else ({every} + 1) * ({above})"


def _save(key: str) -> dict[str, Any]:
    return {
        "_target_": "SaveImaged",
        "keys": key,
        "output_dir": "@output_dir",
        "output_ext": "@output_ext",
        "output_dtype": "@output_dtype",
        "output_postfix": "@output_postfix",
        "data_root_dir": "@dataset_dir",
        "separate_folder": "@separate_folder",
        "resample": False,
    }
