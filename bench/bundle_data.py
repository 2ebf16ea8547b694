"""A MONAI bundle of the benchmarks' own: a U-Net for volumes, its inference and its training."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import torch
from ignite.engine import Engine, Events
from monai.bundle import ConfigParser

BOTH = ["image", "label"]


class Stopwatch:
    """A handler that notes the processor's time and the loss of each iteration of a training."""

    seconds = 0.0
    losses: list[float] = []  # noqa: RUF012 - both trainings of the benchmark leave theirs here

    def attach(self, engine: Engine) -> None:
        """From the first iteration to the last."""
        engine.add_event_handler(Events.STARTED, self._start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._note)
        engine.add_event_handler(Events.COMPLETED, self._end)

    def _start(self, engine: Engine) -> None:
        self._begun, type(self).losses = time.process_time(), []

    def _note(self, engine: Engine) -> None:
        output = engine.state.output
        type(self).losses.append(float((output[0] if isinstance(output, list) else output)["loss"]))

    def _end(self, engine: Engine) -> None:
        type(self).seconds = time.process_time() - self._begun


def write_bundle(folder: Path, classes: int, width: int, stages: int, patch: int = 64) -> Path:
    """Write the bundle, with random weights.

    Args:
        folder: Where to.
        classes: With the background.
        width: Channels of the first stage of its U-Net, doubled in each following one.
        stages: How many there are; with a width of 16 and 5 stages it is that of the model zoo's bundle for the spleen.
        patch: The edge of its window.
    """
    network = {
        "_target_": "UNet", "spatial_dims": 3, "in_channels": 1, "out_channels": classes, "norm": "batch",
        "channels": [width * 2**stage for stage in range(stages)], "strides": [2] * (stages - 1), "num_res_units": 2,
    }  # fmt: skip
    names = {"0": "background", **{str(value): f"label_{value}" for value in range(1, classes)}}
    given = {"type": "image", "num_channels": 1, "spatial_shape": ["4*n", "4*n", "4*n"]}
    found = {"type": "image", "format": "segmentation", "channel_def": names}
    about = {"version": "1", "network_data_format": {"inputs": {"image": given}, "outputs": {"pred": found}}}
    for name, content in (
        ("metadata", about),
        ("inference", _inference(network, patch)),
        ("train", _training(network, classes)),
    ):
        (folder / "configs").mkdir(parents=True, exist_ok=True)
        (folder / "configs" / f"{name}.json").write_text(json.dumps(content))
    (folder / "models").mkdir()
    torch.manual_seed(0)
    made = ConfigParser({"network": network}).get_parsed_content("network")
    torch.save(made.state_dict(), folder / "models" / "model.pt")
    return folder


def _inference(network: dict[str, Any], patch: int) -> dict[str, Any]:
    prepared = [
        {"_target_": "LoadImaged", "keys": "image"},
        {"_target_": "EnsureChannelFirstd", "keys": "image"},
        {"_target_": "Orientationd", "keys": "image", "axcodes": "RAS"},
        {"_target_": "Spacingd", "keys": "image", "pixdim": [1.0, 1.0, 1.0], "mode": "bilinear"},
        {"_target_": "ScaleIntensityd", "keys": "image"},
        {"_target_": "EnsureTyped", "keys": "image"},
    ]
    mask = [
        {"_target_": "Activationsd", "keys": "pred", "softmax": True},
        {"_target_": "Invertd", "keys": "pred", "transform": "@preprocessing", "orig_keys": "image",
         "nearest_interp": False, "to_tensor": True},
        {"_target_": "AsDiscreted", "keys": "pred", "argmax": True},
    ]  # fmt: skip
    return {
        "network_def": network,
        "network": "$@network_def.to(@device)",
        "preprocessing": {"_target_": "Compose", "transforms": prepared},
        "inferer": {"_target_": "SlidingWindowInferer", "roi_size": [patch] * 3, "sw_batch_size": 2, "overlap": 0.25},
        "postprocessing": {"_target_": "Compose", "transforms": mask},
    }


def _training(network: dict[str, Any], classes: int) -> dict[str, Any]:
    prepared = [
        {"_target_": "LoadImaged", "keys": BOTH},
        {"_target_": "EnsureChannelFirstd", "keys": BOTH},
        {"_target_": "ScaleIntensityd", "keys": "image"},
        {"_target_": "EnsureTyped", "keys": BOTH},
        {"_target_": "SpatialPadd", "keys": BOTH, "spatial_size": [32, 32, 32]},
        {"_target_": "DivisiblePadd", "keys": BOTH, "k": 4},
    ]
    cropped = {"_target_": "RandCropByPosNegLabeld", "keys": BOTH, "label_key": "label", "num_samples": 2,
               "spatial_size": [32, 32, 32]}  # fmt: skip
    judged = [
        {"_target_": "Activationsd", "keys": "pred", "softmax": True},
        {"_target_": "AsDiscreted", "keys": ["pred", "label"], "argmax": [True, False], "to_onehot": classes},
    ]
    dice = {"_target_": "MeanDice", "include_background": False,
            "output_transform": "$monai.handlers.from_engine(['pred', 'label'])"}  # fmt: skip
    dataset = {"_target_": "CacheDataset", "data": [], "progress": False}
    engine = {"device": "@device", "network": "@network"}
    return {
        "network_def": network,
        "network": "$@network_def.to(@device)",
        "loss": {"_target_": "DiceCELoss", "to_onehot_y": True, "softmax": True},
        "optimizer": {"_target_": "torch.optim.Adam", "params": "$@network.parameters()", "lr": 0.002},
        "train": {
            "preprocessing": {"_target_": "Compose", "transforms": [*prepared, cropped]},
            "dataset": {**dataset, "transform": "@train#preprocessing"},
            "dataloader": {"_target_": "DataLoader", "dataset": "@train#dataset", "batch_size": 2, "shuffle": True},
            "postprocessing": {"_target_": "Compose", "transforms": judged},
            "handlers": [
                {"_target_": "ValidationHandler", "validator": "@validate#evaluator", "interval": 2},
                {"_target_": "bench.bundle_data.Stopwatch"},
            ],
            "trainer": {
                "_target_": "SupervisedTrainer", **engine, "max_epochs": 4, "train_data_loader": "@train#dataloader",
                "loss_function": "@loss", "optimizer": "@optimizer", "postprocessing": "@train#postprocessing",
                "train_handlers": "@train#handlers",
            },
        },
        "validate": {
            "preprocessing": {"_target_": "Compose", "transforms": prepared},
            "dataset": {**dataset, "transform": "@validate#preprocessing"},
            "dataloader": {"_target_": "DataLoader", "dataset": "@validate#dataset", "batch_size": 1},
            "evaluator": {
                "_target_": "SupervisedEvaluator", **engine, "val_data_loader": "@validate#dataloader",
                "postprocessing": {"_target_": "Compose", "transforms": judged},
                "key_val_metric": {"val_mean_dice": dice},
            },
        },
        "initialize": ["$monai.utils.set_determinism(seed=7)"],
        "run": ["$@train#trainer.run()"],
    }  # fmt: skip
