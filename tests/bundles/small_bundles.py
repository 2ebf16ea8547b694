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
