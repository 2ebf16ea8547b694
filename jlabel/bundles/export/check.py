"""Whether the network that a configuration makes is the one that was trained, tried before it is given away."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from monai.bundle import ConfigParser

from jlabel.bundles.export.steps import divisors
from jlabel.errors import TaskError
from jlabel.tasks.pipeline import network_failed

_MOST_VOXELS = 64**3  # that a CPU takes a second for
_ELSE = "give the configuration yourself: network={'_target_': ...}"


def check_network(config: Mapping[str, Any], network: torch.nn.Module, patch: Any) -> None:
    """Make the network from a configuration, as MONAI will, and compare what it says with what the model's own says.

    Args:
        config: With ``imports`` and ``network_def``.
        network: The model's own, with its weights, ready to answer.
        patch: Voxels that it sees at once, for each axis or for all; None where that is not known.

    Raises:
        TaskError: It cannot be made, has other weights, or says something else.
    """
    name = type(network).__name__
    example = None if patch is None else _example(network, patch)
    own = None if example is None else _answer(network, example)
    try:
        made = ConfigParser({key: config[key] for key in ("imports", "network_def")}).get_parsed_content("network_def")
        made.load_state_dict(network.state_dict())
        made.eval()
        with torch.inference_mode():
            same = own is None or torch.equal(made(example), own)
    except Exception as error:
        said = str(error).strip().splitlines()
        reason = f"{type(error).__name__}: {' '.join(line.strip() for line in said[:2])}"
        raise TaskError(f"the network {name} cannot be made from its configuration ({reason}); {_ELSE}") from error
    if not same:
        raise TaskError(f"the network {name} gives another answer when it is made from its configuration; {_ELSE}")


def _answer(network: torch.nn.Module, example: torch.Tensor) -> torch.Tensor:
    try:
        with torch.inference_mode():
            answer: torch.Tensor = network(example)
    except Exception as error:
        raise network_failed(network, example, error) from error
    return answer


def _example(network: torch.nn.Module, patch: Any) -> torch.Tensor | None:
    """An input of the network, of noise; None where none is known that is small enough."""
    first = next((one for one in network.parameters() if one.ndim > 2), None)
    if first is None:
        return None
    dimension = first.ndim - 2
    sizes = [int(size) for size in patch] if isinstance(patch, Sequence) else [int(patch)] * dimension
    steps = divisors(network, dimension)
    if steps is not None and any(size % step for size, step in zip(sizes, steps, strict=True)):
        raise TaskError(f"the network sees {sizes} voxels at once, which its strides do not divide: train it again")
    if math.prod(sizes) > _MOST_VOXELS:
        if steps is None:
            return None
        sizes = [2 * step for step in steps]
    random = torch.Generator().manual_seed(0)
    return torch.rand(1, int(getattr(network, "in_channels", first.shape[1])), *sizes, generator=random)
