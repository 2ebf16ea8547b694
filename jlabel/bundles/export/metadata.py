"""``metadata.json`` of a bundle that is exported: what MONAI's schema asks for, and where the model comes from.

It tells how many labels a model was trained on, and never which: ids of images may be names of patients.
"""

from __future__ import annotations

import importlib.metadata
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from jlabel.bundles.bundle import components
from jlabel.bundles.export.model import ExportedModel
from jlabel.bundles.export.steps import divisors
from jlabel.errors import TaskError
from jlabel.segmentation import Plan, Segmentation

SCHEMA = "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/meta_schema_20240725.json"
NOT_STATED = "not stated"
#: Options of a training that a reader of the model card can use; others may name places on the machine.
OPTIONS = (
    "max_epochs",
    "max_seconds",
    "learning_rate",
    "train_batch_size",
    "samples_per_epoch",
    "val_split",
    "dropout",
    "seed",
)
_COMMON = ("monai", "torch", "ignite", "numpy")
_RELATIVE = re.compile(r"[@%](?=#|::)")
_REFERENCES = (
    "Kerfoot E. et al. (2018). Left-Ventricle Quantification Using Residual U-Net. STACOM 2018. "
    "https://doi.org/10.1007/978-3-030-12029-0_40",
    "Isensee F. et al. (2021). nnU-Net: a self-configuring method for deep learning-based biomedical image "
    "segmentation. Nature Methods 18, 203-211. https://doi.org/10.1038/s41592-020-01008-z",
)


def bundle_metadata(
    model: ExportedModel,
    network: torch.nn.Module,
    patch: Sequence[int] | None,
    given: Mapping[str, Any],
    modules: Sequence[str] = (),
) -> dict[str, Any]:
    """The content of ``metadata.json``.

    Args:
        model: The model.
        network: Its network.
        patch: Voxels that the network sees at once; None where that is not known.
        given: Fields that the user states, and that take the place of those here.
        modules: Those of :func:`own_modules`.

    Raises:
        TaskError: A field that is given has a value that is no JSON, or would be run as code by whoever loads it.
    """
    version, number = model.version, f"{model.version.number}.0.0"
    names = [inert_text(name) for name in model.classes]
    listed, total = ", ".join(names), model.class_count
    found = {
        "schema": SCHEMA,
        "version": number,
        "changelog": {number: _change(model)},
        "monai_version": importlib.metadata.version("monai"),
        "pytorch_version": str(torch.__version__).partition("+")[0],
        "numpy_version": np.__version__,
        "required_packages_version": {**packages("nibabel", "pytorch-ignite"), **packages_of(modules)},
        "optional_packages_version": packages("fire", "PyYAML", "safetensors"),
        "name": version.name,
        "task": f"Segmentation of {listed}",
        "description": f"A network that segments {listed}, trained with jlabel on {len(version.images)} labels",
        "authors": NOT_STATED,
        "copyright": NOT_STATED,
        "license": NOT_STATED,
        "data_source": NOT_STATED,
        "data_type": "nibabel",
        "image_classes": f"single channel data, {_intensities(model)}",
        "label_classes": f"single channel data, 0 is background, {_meanings(model, names)}",
        "pred_classes": f"{total} channels, one for each class; channel 0 is background, "
        + ", ".join(f"channel {value} is {name}" for name, value in zip(names, model.classes.values(), strict=True)),
        "eval_metrics": eval_metrics(version.metrics),
        "intended_use": "Research. Not for diagnosis, nor for any other clinical use",
        "references": list(_REFERENCES) if isinstance(model.task, Segmentation) else [],
        "provenance": provenance(model),
        **({"required_modules": list(modules)} if modules else {}),
        "network_data_format": _data_format(model, network, patch, names),
    }
    return {**found, **stated_fields(given)}


def provenance(model: ExportedModel) -> dict[str, Any]:
    """Where a model comes from: numbers, and nothing that leads to a patient."""
    version = model.version
    return {
        "model": version.name,
        "version": version.number,
        "parent_version": version.parent,
        "training_labels": len(version.images),
        "validation_labels": len(version.judged_by),
        "published": version.time.date().isoformat(),
        "training": {name: version.config[name] for name in OPTIONS if _is_number(version.config.get(name))},
        "jlabel_version": version.jlabel_version,
        "torch_version": version.torch_version,
    }


def own_modules(*configs: Mapping[str, Any] | None) -> list[str]:
    """The modules beside MONAI, torch and Ignite that configurations take classes and functions from."""
    paths = [str(part["_target_"]) for config in configs for _, part in components(config)]
    found = {path.rpartition(".")[0] for path in paths if "." in path}
    return sorted(one for one in found if one.partition(".")[0] not in _COMMON)


def packages_of(modules: Sequence[str]) -> dict[str, str]:
    """The installed packages that modules belong to, and their versions."""
    known = importlib.metadata.packages_distributions()
    return packages(*{name for one in modules for name in known.get(one.partition(".")[0], ())})


def eval_metrics(metrics: Mapping[str, float | None]) -> dict[str, float]:
    """The metrics that are numbers."""
    found = {inert_text(name): value for name, value in metrics.items() if value is not None}
    return {name: round(float(value), 6) for name, value in found.items() if math.isfinite(value)}


def packages(*names: str) -> dict[str, str]:
    """The versions of packages as they are installed here."""
    found = {}
    for name in names:
        try:
            found[name.lower()] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def inert_text(text: str) -> str:
    """A text, such as a label's name, that no configuration takes for a reference or an expression."""
    apart = _RELATIVE.sub(r"\g<0> ", text)
    return f" {apart}" if apart.startswith(("$", "@", "%")) else apart


def stated_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    """Fields that a user states, as JSON that no configuration takes for code.

    Raises:
        TaskError: One of them is no JSON.
    """
    return {inert_text(key): _plain(value, key) for key, value in given.items()}


def _plain(value: Any, field: str) -> Any:
    if isinstance(value, str):
        return inert_text(value)
    if isinstance(value, Mapping):
        return {inert_text(str(key)): _plain(one, field) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one, field) for one in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    raise TaskError(f"metadata {field!r} is {type(value).__name__}, and metadata.json holds texts, numbers and lists")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _change(model: ExportedModel) -> str:
    version = model.version
    begun = "begun anew" if version.parent is None else f"begun with version {version.parent}"
    return f"trained on {len(version.images)} labels, {begun}"


def _plan(model: ExportedModel) -> Plan | None:
    return Plan.from_json(model.version.network) if isinstance(model.task, Segmentation) else None


def _intensities(model: ExportedModel) -> str:
    plan = _plan(model)
    if plan is None:
        return "intensities as inference.json makes them"
    if plan.window is None:
        return "intensities of each image brought to mean 0 and deviation 1"
    return f"intensities from {plan.window[0]:g} to {plan.window[1]:g} HU scaled to [0, 1]"


def _meanings(model: ExportedModel, names: Sequence[str]) -> str:
    return ", ".join(f"{value} is {name}" for name, value in zip(names, model.values.values(), strict=True))


def _data_format(
    model: ExportedModel, network: torch.nn.Module, patch: Sequence[int] | None, names: Sequence[str]
) -> dict[str, Any]:
    plan = _plan(model)
    window = None if plan is None else plan.window
    shape = spatial_shape(network, patch, model.task.dimension)
    inputs = int(getattr(network, "in_channels", 1))
    common = {"type": "image", "spatial_shape": shape, "dtype": "float32", "is_patch_data": patch is not None}
    further = "guidance, all 0" if takes_guidance(model, network) else "image"
    guidance = {str(index): further for index in range(1, inputs)}
    channels = {str(value): name for name, value in zip(names, model.classes.values(), strict=True)}
    image = {
        **common,
        "format": "magnitude" if window is None else "hounsfield",
        "modality": "n/a" if window is None else "CT",
        "num_channels": inputs,
        "value_range": [] if window is None else [0, 1],
        "channel_def": {"0": "image", **guidance},
    }
    outputs = int(getattr(network, "out_channels", model.class_count))
    background = {"0": "background"} if outputs == model.class_count else {}
    pred = {
        **common,
        "format": "segmentation",
        "modality": "n/a",
        "num_channels": outputs,
        "value_range": [],
        "channel_def": {**background, **channels},
    }
    return {"inputs": {"image": image}, "outputs": {"pred": pred}}


def takes_guidance(model: ExportedModel, network: torch.nn.Module) -> bool:
    """Whether the network has channels for clicks, which are empty without any."""
    return isinstance(model.task, Segmentation) and int(getattr(network, "in_channels", 1)) > 1


def spatial_shape(network: torch.nn.Module, patch: Sequence[int] | None, dimension: int) -> list[int | str]:
    """The sizes that a network takes, in MONAI's notation: ``"16*n"``, ``"*"`` or a number.

    Args:
        network: One with ``strides`` takes what they divide.
        patch: Voxels that it is applied to at once; the answer where it has none.
        dimension: Spatial axes.
    """
    steps = divisors(network, dimension)
    if steps is None:
        return ["*"] * dimension if patch is None else [int(size) for size in patch]
    shape: list[int | str] = ["*" if n == 1 else f"{n}*n" for n in steps]
    # With n = 1 the deepest stage would be a single voxel, which no norm takes.
    shape[-1] = "n+1" if steps[-1] == 1 else f"{steps[-1]}*n+{steps[-1]}"
    return shape
