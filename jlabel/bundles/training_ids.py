"""Where a bundle's training has its parts: found in its configuration by following references, not assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jlabel.bundles.bundle import Bundle, components, target_name
from jlabel.bundles.configuration import Configuration
from jlabel.errors import TaskError

_ENTRIES = ("run", "training")


@dataclass(frozen=True)
class TrainingIds:
    """The ids of a training's parts.

    Attributes:
        trainer: Of the trainer.
        evaluator: Of what judges; None where there is nothing.
        train_data: Of the list of images to learn from.
        val_data: Of the list of images to judge by; None without an evaluator.
        settings: Where the values of options are, by option: ``max_epochs``, ``train_batch_size``, ``learning_rate``
            and ``val_interval``, as far as there are such.
        entry: What begins the training; None for the trainer's own ``run``.
    """

    trainer: str
    evaluator: str | None
    train_data: str
    val_data: str | None
    settings: Mapping[str, str]
    entry: str | None


def find_training(bundle: Bundle, config: Configuration) -> TrainingIds:
    """Find the parts of a training.

    Raises:
        TaskError: There is no trainer, or no list of images that could be set; says what was looked for.
    """
    begin = f"bundle {bundle.name!r} cannot be trained here: its configuration"
    trainer = _engine(config, ("train::trainer", "trainer"), "Trainer")
    if trainer is None:
        raise TaskError(f"{begin} has no trainer (id 'train#trainer' or 'trainer')")
    train_data = _data(config, trainer, "train_data_loader", ("train::dataset", "dataset"))
    if train_data is None:
        raise TaskError(f"{begin} has no list of images that can be set (id 'train#dataset#data' or 'dataset#data')")
    evaluator = _engine(config, ("validate::evaluator", "evaluator"), "Evaluator")
    val_data = None
    if evaluator is not None:
        val_data = _data(config, evaluator, "val_data_loader", ("validate::dataset",))
        if val_data is None:
            raise TaskError(f"{begin} judges by images that cannot be set (id 'validate#dataset#data')")
    entry = next((id for id in _ENTRIES if config.parser.get(id) is not None), None)
    return TrainingIds(trainer, evaluator, train_data, val_data, _settings(config, trainer), entry)


def _engine(config: Configuration, usual: tuple[str, ...], kind: str) -> str | None:
    for id in usual:
        if config.parser.get(id) is not None:
            return _followed(config, id)
    named = (id for id, one in components(config.parser.get()) if target_name(one).endswith(kind))
    return next(named, None)


def _data(config: Configuration, engine: str, loader_argument: str, usual: tuple[str, ...]) -> str | None:
    """The id of the list of images of an engine's loader."""
    loader = _followed(config, f"{engine}::{loader_argument}")
    for dataset in (_followed(config, f"{loader}::dataset"), *usual):
        if isinstance(config.parser.get(dataset), Mapping) and f"{dataset}::data" in config:
            return f"{dataset}::data"
    return None


def _settings(config: Configuration, trainer: str) -> dict[str, str]:
    loader = _followed(config, f"{trainer}::train_data_loader")
    optimizer = _followed(config, f"{trainer}::optimizer")
    found = {
        "max_epochs": f"{trainer}::max_epochs",
        "train_batch_size": f"{loader}::batch_size",
        "learning_rate": f"{optimizer}::lr",
        "val_interval": next(
            (
                f"{id}::interval"
                for id, one in components(config.parser.get())
                if target_name(one) == "ValidationHandler"
            ),
            "",
        ),
    }
    return {option: _followed(config, id) for option, id in found.items() if id and config.parser.get(id) is not None}


def _followed(config: Configuration, id: str) -> str:
    """The id of what a plain reference there leads to, and so on; the id itself for everything else."""
    for _ in range(20):
        value: Any = config.parser.get(id)
        if not (isinstance(value, str) and value.startswith("@") and not value.startswith("@#")):
            return id
        id = config.parser.ref_resolver.normalize_id(value[1:])
    return id
