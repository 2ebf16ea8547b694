"""MONAI bundles that the tests write: small networks, and configurations as those of the model zoo."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.bundle import ConfigParser

LABELS = {"0": "background", "1": "kidney", "2": "tumour"}


def unet(axes: int = 3, channels: int = 1, classes: int = 3) -> dict[str, Any]:
    """A U-Net that halves its input once."""
    return {
        "_target_": "UNet",
        "spatial_dims": axes,
        "in_channels": channels,
        "out_channels": classes,
        "channels": [4, 8],
        "strides": [2],
        "norm": "batch",
    }


def loading(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """Loading the image, and further transforms."""
    begin: list[dict[str, Any]] = [{"_target_": "LoadImaged", "keys": "@image_key"}]
    return [*begin, {"_target_": "EnsureChannelFirstd", "keys": "@image_key"}, *more]


RESAMPLED = loading(
    {"_target_": "Orientationd", "keys": "@image_key", "axcodes": "LPS"},
    {"_target_": "Spacingd", "keys": "@image_key", "pixdim": [1.5, 1.5, 2.0], "mode": "bilinear"},
    {"_target_": "ScaleIntensityd", "keys": "@image_key"},
    {"_target_": "EnsureTyped", "keys": "@image_key", "device": "@device"},
)
INVERTED = {
    "_target_": "Invertd",
    "keys": "pred",
    "transform": "@preprocessing",
    "orig_keys": "@image_key",
    "nearest_interp": False,
    "to_tensor": True,
}
SAVED = {"_target_": "SaveImaged", "keys": "pred", "output_dir": "@output_dir", "output_postfix": "seg",
         "separate_folder": False, "output_dtype": "$np.uint8", "print_log": False}  # fmt: skip


def inference(**parts: Any) -> dict[str, Any]:
    """A configuration of an inference, with parts of it replaced."""
    usual = {
        "imports": ["$import glob", "$import os"],
        "bundle_root": ".",
        "image_key": "image",
        "output_dir": "$@bundle_root + '/eval'",
        "dataset_dir": "/nowhere/data",
        "datalist": "$list(sorted(glob.glob(@dataset_dir + '/*')))",
        "device": "$torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')",
        "network_def": unet(),
        "network": "$@network_def.to(@device)",
        "preprocessing": {"_target_": "Compose", "transforms": RESAMPLED},
        "dataset": {
            "_target_": "Dataset",
            "data": "$[{@image_key: i} for i in @datalist]",
            "transform": "@preprocessing",
        },
        "dataloader": {"_target_": "DataLoader", "dataset": "@dataset", "batch_size": 1, "num_workers": 0},
        "inferer": {"_target_": "SlidingWindowInferer", "roi_size": [16, 16, 16], "overlap": 0.25},
        "postprocessing": {
            "_target_": "Compose",
            "transforms": [
                {"_target_": "Activationsd", "keys": "pred", "softmax": True},
                INVERTED,
                {"_target_": "AsDiscreted", "keys": "pred", "argmax": True},
                SAVED,
            ],
        },
        "evaluator": {
            "_target_": "SupervisedEvaluator",
            "device": "@device",
            "val_data_loader": "@dataloader",
            "network": "@network",
            "inferer": "@inferer",
            "postprocessing": "@postprocessing",
        },
        "checkpointloader": {
            "_target_": "CheckpointLoader",
            "load_path": "$@bundle_root + '/models/model.pt'",
            "load_dict": {"model": "@network"},
        },
        "initialize": ["$@checkpointloader(@evaluator)"],
        "run": ["$@evaluator.run()"],
    }
    return {**copy.deepcopy(usual), **parts}


def metadata(labels: Mapping[str, str] | None = None, **image: Any) -> dict[str, Any]:
    """The metadata of a bundle that finds those labels."""
    given = {"type": "image", "format": "magnitude", "num_channels": 1, "spatial_shape": ["*", "*", "*"], **image}
    found = {"type": "image", "format": "segmentation", "channel_def": dict(labels or LABELS)}
    return {"version": "0.1.0", "network_data_format": {"inputs": {"image": given}, "outputs": {"pred": found}}}


def write_bundle(
    folder: Path,
    config: Mapping[str, Any] | None = None,
    about: Mapping[str, Any] | None = None,
    scripts: Mapping[str, str] | None = None,
    weights: bool = True,
    seed: int = 0,
) -> Path:
    """Write a bundle.

    Args:
        folder: Where to.
        config: That of its inference.
        about: Its metadata; as :func:`metadata` if not given.
        scripts: Files of its package ``scripts``, name to text.
        weights: Whether it has weights; random ones that find something of everything.
        seed: Of the weights.
    """
    config = inference() if config is None else config
    (folder / "configs").mkdir(parents=True)
    (folder / "configs" / "inference.json").write_text(json.dumps(config))
    (folder / "configs" / "metadata.json").write_text(json.dumps(metadata() if about is None else about))
    if scripts is not None:
        (folder / "scripts").mkdir()
        for name, text in {"__init__.py": "", **scripts}.items():
            (folder / "scripts" / name).write_text(text)
    if weights:
        (folder / "models").mkdir()
        torch.manual_seed(seed)
        network = ConfigParser({"net": config["network_def"]}).get_parsed_content("net")
        with torch.no_grad():
            for parameter in network.parameters():
                torch.nn.init.normal_(parameter, std=0.3)
        torch.save(network.state_dict(), folder / "models" / "model.pt")
    return folder


def volume(shape: tuple[int, ...] = (18, 15, 11), seed: int = 0) -> np.ndarray:
    """Noise with a bright box in it."""
    array = np.random.default_rng(seed).normal(100, 20, shape).astype(np.float32)
    array[4:12, 3:9, 2:7] += 120
    return array


def training(**parts: Any) -> dict[str, Any]:
    """A configuration of a training, as those of the model zoo, with parts of it replaced."""
    both = ["image", "label"]
    usual = {
        "imports": ["$import glob", "$import os"],
        "bundle_root": ".",
        "ckpt_dir": "$@bundle_root + '/models'",
        "output_dir": "$@bundle_root + '/eval'",
        "dataset_dir": "/nowhere/data",
        "images": "$list(sorted(glob.glob(@dataset_dir + '/imagesTr/*.nii.gz')))",
        "labels": "$list(sorted(glob.glob(@dataset_dir + '/labelsTr/*.nii.gz')))",
        "epochs": 100,
        "device": "$torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')",
        "network_def": unet(),
        "network": "$@network_def.to(@device)",
        "loss": {"_target_": "DiceCELoss", "to_onehot_y": True, "softmax": True},
        "optimizer": {"_target_": "torch.optim.Adam", "params": "$@network.parameters()", "lr": 0.01},
        "lr_scheduler": {
            "_target_": "torch.optim.lr_scheduler.StepLR", "optimizer": "@optimizer", "step_size": 2, "gamma": 0.9,
        },
        "train": {
            "deterministic_transforms": [
                {"_target_": "LoadImaged", "keys": both, "reader": "NibabelReader"},
                {"_target_": "EnsureChannelFirstd", "keys": both},
                {"_target_": "Orientationd", "keys": both, "axcodes": "RAS"},
                {"_target_": "ScaleIntensityd", "keys": "image"},
                {"_target_": "EnsureTyped", "keys": both},
            ],
            "random_transforms": [
                {
                    "_target_": "RandCropByPosNegLabeld", "keys": both, "label_key": "label",
                    "spatial_size": [8, 8, 8], "num_samples": 2,
                },
            ],
            "preprocessing": {
                "_target_": "Compose",
                "transforms": "$@train#deterministic_transforms + @train#random_transforms",
            },
            "dataset": {
                "_target_": "CacheDataset",
                "data": "$[{'image': i, 'label': l} for i, l in zip(@images[:-2], @labels[:-2])]",
                "transform": "@train#preprocessing",
                "num_workers": 1,
                "progress": False,
            },
            "dataloader": {
                "_target_": "DataLoader", "dataset": "@train#dataset", "batch_size": 2, "shuffle": True,
                "num_workers": 0,
            },
            "inferer": {"_target_": "SimpleInferer"},
            "postprocessing": {
                "_target_": "Compose",
                "transforms": [
                    {"_target_": "Activationsd", "keys": "pred", "softmax": True},
                    {
                        "_target_": "AsDiscreted", "keys": ["pred", "label"], "argmax": [True, False],
                        "to_onehot": "$@network_def.out_channels if hasattr(@network_def, 'out_channels') else 3",
                    },
                ],
            },
            "handlers": [
                {"_target_": "LrScheduleHandler", "lr_scheduler": "@lr_scheduler", "print_lr": False},
                {
                    "_target_": "ValidationHandler", "validator": "@validate#evaluator", "epoch_level": True,
                    "interval": 1,
                },
                {"_target_": "TensorBoardStatsHandler", "log_dir": "@output_dir", "tag_name": "train_loss",
                 "output_transform": "$monai.handlers.from_engine(['loss'], first=True)"},
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
                "postprocessing": "@train#postprocessing",
                "train_handlers": "@train#handlers",
            },
        },
        "validate": {
            "preprocessing": {"_target_": "Compose", "transforms": "%train#deterministic_transforms"},
            "dataset": {
                "_target_": "Dataset",
                "data": "$[{'image': i, 'label': l} for i, l in zip(@images[-2:], @labels[-2:])]",
                "transform": "@validate#preprocessing",
            },
            "dataloader": {"_target_": "DataLoader", "dataset": "@validate#dataset", "batch_size": 1},
            "inferer": {"_target_": "SlidingWindowInferer", "roi_size": [16, 16, 16], "overlap": 0.25},
            "postprocessing": "%train#postprocessing",
            "handlers": [
                {
                    "_target_": "CheckpointSaver", "save_dir": "@ckpt_dir", "save_dict": {"model": "@network"},
                    "save_key_metric": True, "key_metric_filename": "odd_name.pt",
                },
            ],
            "key_metric": {
                "val_mean_dice": {
                    "_target_": "MeanDice", "include_background": False,
                    "output_transform": "$monai.handlers.from_engine(['pred', 'label'])",
                },
            },
            "evaluator": {
                "_target_": "SupervisedEvaluator",
                "device": "@device",
                "val_data_loader": "@validate#dataloader",
                "network": "@network",
                "inferer": "@validate#inferer",
                "postprocessing": "@validate#postprocessing",
                "key_val_metric": "@validate#key_metric",
                "val_handlers": "@validate#handlers",
            },
        },
        "initialize": ["$monai.utils.set_determinism(seed=123)"],
        "run": ["$@train#trainer.run()"],
    }  # fmt: skip
    return {**copy.deepcopy(usual), **parts}
