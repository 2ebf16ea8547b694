"""A training that can be broken off and gone on with: its settings, its checkpoint, and what comes out of it."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from jlabel.click.network import Design, make_network, put_weights


@dataclass
class Settings:
    """How a network is trained.

    Attributes:
        design: The network.
        seconds: For how long, all sittings together; the learning rate falls to 0 until then.
        batch: Images at a time.
        rate: The largest learning rate.
        device: Where.
        seed: Of everything random.
        keep_every: Seconds between checkpoints.
        report_every: Seconds between measurements on made images that are the same every time.
        compiled: Whether torch compiles the network first: worth it on a GPU.
        channels_last: Whether colours are beside each other in memory.
    """

    design: Design
    seconds: float
    batch: int
    rate: float = 2e-3
    device: str = "cpu"
    seed: int = 0
    keep_every: float = 180.0
    report_every: float = 60.0
    compiled: bool = False
    channels_last: bool = False

    @property
    def layout(self) -> torch.memory_format:
        """Of the network's weights and inputs."""
        if not self.channels_last:
            return torch.contiguous_format
        return torch.channels_last if self.design.dimension == 2 else torch.channels_last_3d


@dataclass
class State:
    """A training that can be gone on with.

    Attributes:
        network: What is trained.
        forward: The same, compiled where the settings say so.
        average: The mean of its weights over the last steps: what is measured and shipped.
        optimizer: Of the network's parameters.
        steps: Of the optimizer, so far.
        samples: Images seen, once for each round of prompts.
        spent: Seconds, all sittings together.
        curve: Measurements on made images, the oldest first.
    """

    network: torch.nn.Module
    forward: Callable[[Tensor], Tensor]
    average: torch.nn.Module
    optimizer: torch.optim.Optimizer
    steps: int = 0
    samples: int = 0
    spent: float = 0.0
    curve: list[dict[str, float]] = field(default_factory=list)


def begin(settings: Settings, checkpoint: Path | None) -> State:
    """A new training, or the one in a checkpoint where there is one.

    Raises:
        TaskError: The checkpoint is of another design.
    """
    torch.manual_seed(settings.seed)
    network = make_network(settings.design).to(settings.device).to(memory_format=settings.layout)  # type: ignore[call-overload]
    forward = torch.compile(network) if settings.compiled else network
    average = copy.deepcopy(network).eval()
    optimizer = torch.optim.AdamW(network.parameters(), lr=settings.rate, weight_decay=1e-3)
    state = State(network, forward, average, optimizer)
    if checkpoint is not None and checkpoint.is_file():
        content = torch.load(checkpoint, map_location=settings.device, weights_only=True)
        put_weights(network, content["network"])
        put_weights(average, content["average"])
        optimizer.load_state_dict(content["optimizer"])
        state.steps, state.samples, state.spent = content["steps"], content["samples"], content["spent"]
        state.curve = json.loads(content["curve"])
        torch.manual_seed(settings.seed + state.steps)
    return state


def keep(state: State, checkpoint: Path) -> None:
    """Write a checkpoint beside and rename it over the former one; each parameter is in it once."""
    content = {
        "network": _tensors(state.network),
        "average": _tensors(state.average),
        "optimizer": state.optimizer.state_dict(),
        "steps": state.steps,
        "samples": state.samples,
        "spent": state.spent,
        "curve": json.dumps(state.curve),
    }
    beside = checkpoint.with_name(checkpoint.name + ".part")
    torch.save(content, beside)
    beside.replace(checkpoint)


def export(state: State, file: Path) -> str:
    """Write the averaged weights as float16 safetensors, by the names of the parameters.

    Args:
        state: The training.
        file: Where; a file that is there is replaced.

    Returns:
        The file's sha256, in hexadecimal: what :data:`jlabel.click.network.SHA256` must say of it to ship it.
    """
    from safetensors.torch import save

    halves = {name: tensor.to("cpu", torch.float16).contiguous() for name, tensor in _tensors(state.average).items()}
    content = save(halves)
    beside = file.with_name(file.name + ".part")
    beside.write_bytes(content)
    beside.replace(file)
    return hashlib.sha256(content).hexdigest()


def _tensors(network: torch.nn.Module) -> dict[str, Tensor]:
    """Each parameter once; the network's ``state_dict`` names its stages twice."""
    return {name: parameter.detach() for name, parameter in network.named_parameters()}
