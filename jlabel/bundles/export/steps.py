"""A task's transforms, inferer and network as configuration that runs without jlabel."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from monai.networks.nets import BasicUNet, UNet
from monai.transforms import Compose, LoadImaged

from jlabel.bundles.export.configuration import Configuration, target
from jlabel.errors import TaskError
from jlabel.guidance.input_steps import EmptyGuidance
from jlabel.segmentation.any_size import AnySizeBasicUNet, AnySizeUNet
from jlabel.segmentation.volumes_only import VolumesOnly
from jlabel.tasks.keys import IMAGE, Step

#: Items of a configuration that the steps refer to.
REFERRED: dict[str, Any] = {
    "frame": 0,
    "first_frame": "$lambda x: x[..., @frame:@frame + 1] if x.ndim == 4 else x",
    # What is no number counts as what lies around the patient, as in jlabel.
    "finite": "$lambda x: x if torch.isfinite(x).all() else @fill(x, x[torch.isfinite(x)])",
    "fill": "$lambda x, good: torch.nan_to_num(x, nan=float(good.min()), posinf=float(good.max()), "
    "neginf=float(good.min())) if good.numel() else torch.zeros_like(x)",
}

# jlabel's networks for input of any size are MONAI's where the input has a size that MONAI's take.
_IN_MONAI: dict[type, type] = {AnySizeUNet: UNet, AnySizeBasicUNet: BasicUNet}


def configured_steps(steps: Sequence[Step], configuration: Configuration, place: str) -> list[Any]:
    """Transforms as configuration.

    Args:
        steps: The transforms, without a ``Compose`` around them.
        configuration: Learns what each of them is called, so that others may refer to it.
        place: The id of the list: ``"preprocessing#transforms"``.

    Raises:
        TaskError: One of them cannot be written as configuration; says which.
    """
    found: list[Any] = []
    for step in steps:
        name = f"@{place}#{len(found)}"
        found += _configured(step, configuration)
        configuration.known[id(step)] = name
    return found


def compose(transforms: list[Any]) -> dict[str, Any]:
    """MONAI's ``Compose`` of transforms that are configuration already."""
    return {"_target_": "Compose", "transforms": transforms}


def divisors(network: torch.nn.Module, dimension: int) -> list[int] | None:
    """By how much the deepest stage of a network is coarser along each axis; None where it does not say so."""
    strides = getattr(network, "strides", None)
    if not isinstance(strides, list | tuple):
        return None
    return [int(n) for n in np.prod([np.broadcast_to(stride, dimension) for stride in strides], axis=0)]


def configured_network(network: torch.nn.Module, configuration: Configuration) -> dict[str, Any]:
    """A network as configuration, with its defaults: another version of MONAI may have others.

    Raises:
        TaskError: Its class cannot be imported elsewhere, or it is not known how it was made.
    """
    kind = _IN_MONAI.get(type(network))
    try:
        return configuration.made(network, whole=True, kind=kind)
    except TaskError:
        arguments = _from_attributes(network)
        if arguments is None:
            raise
    return {"_target_": target(kind or type(network)), **configuration.of(arguments)}


def _configured(step: Step, configuration: Configuration) -> list[Any]:
    if isinstance(step, VolumesOnly):
        return []
    if isinstance(step, EmptyGuidance):
        empty = f"torch.zeros(({step.channels}, *x.shape[1:]), dtype=x.dtype)"
        return [{"_target_": "Lambdad", "keys": IMAGE, "func": f"$lambda x: torch.cat([x, {empty}])"}]
    if isinstance(step, Compose):
        return [compose([one for each in step.transforms for one in _configured(each, configuration)])]
    if inspect.isroutine(step):
        raise TaskError(f"the transform {getattr(step, '__qualname__', step)} is a function: make it a transform class")
    found = [configuration.of(step)]
    if isinstance(step, LoadImaged) and IMAGE in step.keys:
        found += [{"_target_": "Lambdad", "keys": IMAGE, "func": f"@{name}"} for name in ("first_frame", "finite")]
    return found


# What MONAI's U-Net keeps under another name.
_KEPT_AS = {"spatial_dims": "dimensions"}


def _from_attributes(network: torch.nn.Module) -> dict[str, Any] | None:
    """The constructor's arguments as many networks keep them, under the same names; None where one is missing."""
    parameters = inspect.signature(type(network)).parameters.values()
    if any(one.kind not in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY) for one in parameters):
        return None
    found = {}
    for one in parameters:
        name = _KEPT_AS.get(one.name, one.name)
        if not hasattr(network, name) or isinstance(getattr(network, name), torch.nn.Module | torch.Tensor):
            return None
        found[one.name] = getattr(network, name)
    return found


def undropped_modules(network: torch.nn.Module) -> list[str]:
    """The modules that would drop features and do not, where others of the network do."""
    parts = {name: part for name, part in network.named_modules() if "Dropout" in type(part).__name__}
    shares = {name: float(getattr(part, "p", 0.0)) for name, part in parts.items()}
    return [name for name, share in shares.items() if share == 0] if any(shares.values()) else []
