"""The parts of a bundle's inference: network, transforms and inferer, made for one device."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from monai.inferers import SimpleInferer
from monai.transforms import Activationsd, AsDiscreted, EnsureChannelFirstd, Invertd, LoadImaged

from jlabel.bundles.bundle import Bundle, components, target_name
from jlabel.bundles.configuration import Configuration
from jlabel.errors import TaskError
from jlabel.tasks.keys import PRED, Step
from jlabel.tasks.transforms import flatten
from jlabel.tasks.weights import load_weights

# Where bundles have their parts: what the evaluator is given, else the usual names.
NETWORK = ("evaluator::network", "network", "network_def", "net", "model")
_PREPROCESSING = ("dataset::transform", "preprocessing", "pre_transforms", "transforms")
_INFERER = ("evaluator::inferer", "inferer")
_POSTPROCESSING = ("evaluator::postprocessing", "postprocessing", "post_transforms")
_AMP = ("evaluator::amp",)


@dataclass(frozen=True)
class Parts:
    """What a bundle infers with.

    Attributes:
        network: Without its weights.
        key: Under which the image is.
        before: The transforms that prepare it, ``LoadImaged`` first.
        inferer: Applies the network.
        after: The transforms that make the mask; nothing in them writes a file.
        answers: The keys that may hold the mask then, the first that is there does.
        amp: Whether the network computes with mixed precision on a GPU.
    """

    network: torch.nn.Module
    key: str
    before: tuple[Step, ...]
    inferer: Any
    after: tuple[Step, ...]
    answers: tuple[str, ...]
    amp: bool


def make_parts(bundle: Bundle, config: Configuration) -> Parts:
    """Make the parts of an inference.

    Raises:
        TaskError: One is missing or cannot be made; says which.
    """
    network = make_network(bundle, config)
    before = _without_saving(config.first(_PREPROCESSING, None))
    loaders = [step for step in before if isinstance(step, LoadImaged)]
    key = str(loaders[0].keys[0]) if loaders else "image"
    if not before:
        before = [LoadImaged(key), EnsureChannelFirstd(key)]
    elif not loaders:
        raise TaskError(f"bundle {bundle.name!r}: its preprocessing does not load the image (no LoadImaged)")
    after = _without_saving(config.first(_POSTPROCESSING, None))
    return Parts(
        network=network,
        key=key,
        before=tuple(before),
        inferer=config.first(_INFERER, None) or SimpleInferer(),
        after=tuple(nearest_after_classes(after) or [most_likely]),
        answers=(PRED, *config.saved),
        amp=bool(config.first(_AMP, False)),
    )


def make_network(bundle: Bundle, config: Configuration) -> torch.nn.Module:
    """The bundle's network, without its weights.

    Raises:
        TaskError: There is none, or it cannot be made.
    """
    network = config.first(NETWORK, None)
    if not isinstance(network, torch.nn.Module):
        found = "has none" if network is None else f"is a {type(network).__name__}"
        raise TaskError(f"bundle {bundle.name!r} needs a network under the id 'network_def' or 'network'; it {found}")
    return network


def find_weights(bundle: Bundle, config: Configuration) -> tuple[list[Path], str | None]:
    """The files that may hold the weights, the best last, and under which key they are in them.

    A ``CheckpointLoader`` in the configuration says where they are; it is not run. Else it is a file in ``models``.
    """
    for id, one in components(config.parser.get()):
        if target_name(one) == "CheckpointLoader" and "load_path" in one:
            loads = one.get("load_dict")
            key = next(iter(loads), None) if isinstance(loads, Mapping) else None
            stated = Path(str(config.make(f"{id}::load_path")))
            file = stated if stated.is_absolute() else bundle.root / stated
            return [file.with_suffix(".safetensors"), file], None if key is None else str(key)
    return bundle.weights()[::-1], None


def _without_saving(steps: Any) -> list[Step]:
    return [step for step in flatten(steps) if not type(step).__name__.startswith("Save")]


def load_own_weights(bundle: Bundle, network: torch.nn.Module) -> bool:
    """Put a bundle's own weights into its network; returns whether it has any.

    Raises:
        TaskError: They are no tensors.
    """
    files = bundle.weights()
    if files:
        load_weights(network, files[0])
    return bool(files)


def nearest_after_classes(steps: Sequence[Step]) -> list[Step]:
    """The steps, of which none interpolates between classes: what lies between 1 and 3 is not 2."""
    classes, kept = False, list[Step]()
    for step in steps:
        if isinstance(step, Invertd) and classes:
            step = copy.copy(step)
            step.nearest_interp = (True,) * len(step.keys)
        classes = classes or isinstance(step, AsDiscreted)
        kept.append(step)
    return kept


def most_likely(data: dict[str, Any]) -> dict[str, Any]:
    """The mask of a bundle that says nothing of it: the likeliest channel, or where the only one is above 0.5."""
    if data[PRED].shape[0] > 1:
        return dict(AsDiscreted(keys=PRED, argmax=True)(data))
    return dict(AsDiscreted(keys=PRED, threshold=0.5)(Activationsd(keys=PRED, sigmoid=True)(data)))
