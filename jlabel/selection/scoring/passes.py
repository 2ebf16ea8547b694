"""Several answers to one image: of one network, of one with dropout, of flipped images, of several versions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch

from jlabel.errors import TaskError
from jlabel.registry import ModelVersion
from jlabel.selection.scoring.dropout import active_dropout, dropout_modules, dropout_passes
from jlabel.tasks.infer import InferTask
from jlabel.tasks.keys import IMAGE, MODEL, PRED

Listen = Callable[[], AbstractContextManager[None]]


class Passes(ABC):
    """What gives several answers to one image, or one.

    Args:
        network: The network that is asked first.
    """

    def __init__(self, network: torch.nn.Module) -> None:
        self.network = network

    @abstractmethod
    def over(self, batch: torch.Tensor, number: int) -> Iterator[torch.Tensor]:
        """The network's output of each pass for a part of an image.

        Args:
            batch: ``(1, channel, ...)``, on the network's device.
            number: Counts the parts.
        """

    @abstractmethod
    def whole(self, task: InferTask, data: Mapping[str, Any], device: str) -> Iterator[torch.Tensor]:
        """The output of each pass for a whole image, ``(channel, ...)``, by the task's own inferer."""


class OnePass(Passes):
    """The network as it is in use."""

    def over(self, batch: torch.Tensor, number: int) -> Iterator[torch.Tensor]:
        """One output."""
        yield forward(self.network, batch)

    def whole(self, task: InferTask, data: Mapping[str, Any], device: str) -> Iterator[torch.Tensor]:
        """One output."""
        yield run(task, data, device)


class DropoutPasses(Passes):
    """The network with its dropout active, several times.

    Args:
        network: The network.
        count: How many passes.
        seed: The same seed gives the same numbers.
    """

    def __init__(self, network: torch.nn.Module, count: int, seed: int) -> None:
        super().__init__(network)
        self._count, self._seed = count, seed

    def over(self, batch: torch.Tensor, number: int) -> Iterator[torch.Tensor]:
        """As many outputs; what comes before the first dropout is worked out once."""
        return dropout_passes(self.network, batch, self._count, self._first_seed(number))

    def whole(self, task: InferTask, data: Mapping[str, Any], device: str) -> Iterator[torch.Tensor]:
        """As many outputs."""
        for seed in range(self._first_seed(0), self._first_seed(0) + self._count):
            with torch.random.fork_rng(devices=[device] if device.startswith("cuda") else []):
                torch.manual_seed(seed)
                with active_dropout(self.network):
                    output = run(task, data, device)
            yield output

    def _first_seed(self, number: int) -> int:
        return (self._seed * 1_000_003 + number) * 1_009


class FlipPasses(Passes):
    """The image as it is, and flipped along each of its axes."""

    def over(self, batch: torch.Tensor, number: int) -> Iterator[torch.Tensor]:
        """One output, and one for each axis, flipped back."""
        yield forward(self.network, batch)
        for axis in range(2, batch.ndim):
            yield forward(self.network, batch.flip(axis)).flip(axis)

    def whole(self, task: InferTask, data: Mapping[str, Any], device: str) -> Iterator[torch.Tensor]:
        """Likewise."""
        yield run(task, data, device)
        image = torch.as_tensor(data[IMAGE])
        for axis in range(1, image.ndim):
            yield run(task, {**data, IMAGE: image.flip(axis)}, device).flip(axis)


class VersionPasses(Passes):
    """Several versions of a model, which prepare images in the same way.

    Args:
        networks: Their networks, that of the version in use first.
        versions: The versions, in the same order.
    """

    def __init__(self, networks: Sequence[torch.nn.Module], versions: Sequence[ModelVersion]) -> None:
        super().__init__(networks[0])
        self._networks, self._versions = networks, versions

    def over(self, batch: torch.Tensor, number: int) -> Iterator[torch.Tensor]:
        """One output for each."""
        for network in self._networks:
            yield forward(network, batch)

    def whole(self, task: InferTask, data: Mapping[str, Any], device: str) -> Iterator[torch.Tensor]:
        """Likewise."""
        for version in self._versions:
            yield run(task, {**data, MODEL: version}, device)


def has_dropout(network: torch.nn.Module) -> bool:
    """Whether passes differ."""
    return bool(dropout_modules(network))


def forward(network: torch.nn.Module, batch: torch.Tensor) -> torch.Tensor:
    """A network's output.

    Raises:
        TaskError: It is no tensor of the input's size.
    """
    with torch.inference_mode():
        output = network(batch)
    if not isinstance(output, torch.Tensor) or output.shape[2:] != batch.shape[2:]:
        said = tuple(output.shape) if isinstance(output, torch.Tensor) else type(output).__name__
        raise TaskError(f"{type(network).__name__} answered {said} to an input of shape {tuple(batch.shape)}")
    return output


def run(task: InferTask, data: Mapping[str, Any], device: str) -> torch.Tensor:
    """What the task's own inferer gives.

    Raises:
        TaskError: It failed, or gives no tensor.
    """
    output = task.run_inferer(dict(data), device=device)[PRED]
    if not isinstance(output, torch.Tensor):
        raise TaskError(f"{type(task).__name__}.run_inferer gave {type(output).__name__}, and not a tensor")
    return torch.as_tensor(output)
