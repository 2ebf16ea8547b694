"""Passes through a network with dropout, in which what comes before the first dropout is worked out once.

Dropout as an approximate posterior: Gal and Ghahramani 2016 (arXiv:1506.02142).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch

_DROPOUT = torch.nn.modules.dropout._DropoutNd
# Of the input, in one batch of passes: a window of 128 voxels along each axis is alone.
_MOST_VOXELS = 1 << 21


def dropout_modules(network: torch.nn.Module) -> list[torch.nn.Module]:
    """The modules that drop something when they are active."""
    return [module for module in network.modules() if isinstance(module, _DROPOUT) and module.p > 0]


@contextmanager
def active_dropout(network: torch.nn.Module) -> Iterator[None]:
    """The network with its dropout active and all else, such as batch norm, as in use."""
    # Whoever calls the network may say that it is in use: what drops is told otherwise at the last moment.
    before = [(module, module.training) for module in dropout_modules(network)]
    handles = [module.register_forward_pre_hook(_activate) for module, _ in before]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
        for module, training in before:
            module.training = training


def _activate(module: torch.nn.Module, _: Any) -> None:
    module.training = True


def dropout_passes(network: torch.nn.Module, batch: torch.Tensor, count: int, seed: int) -> Iterator[torch.Tensor]:
    """The network's output of each pass; the same as plain forwards with dropout give.

    In the first pass every module that has ended before a dropout module begins is noted with its output. In the
    others it is not run again but gives that output. That holds for any network made of modules; one that runs twice
    in a pass, or whose output is changed in place afterwards, is run again. The other passes are run as one batch, as
    far as it is small: the masks are those of ``network(batch.expand(n, ...))`` after ``torch.manual_seed(seed + i)``,
    where ``i`` counts the batches from 1 on, and those of the first pass are of ``seed``.

    Args:
        network: In use (``eval``) as a whole.
        batch: ``(1, channel, ...)``.
        count: How many passes.
        seed: The generators are put back afterwards.
    """
    first = _FirstPass(network)
    with first.listening():
        output = _run(network, batch, seed)
    known = first.known()
    yield output
    for number, size in enumerate(batch_sizes(batch, count - 1), start=1):
        with _replaced(known, size):
            output = _run(network, batch.expand(size, *batch.shape[1:]), seed + number)
        yield from (output[index : index + 1] for index in range(size))


def batch_sizes(batch: torch.Tensor, count: int) -> list[int]:
    """How many passes are run at once, one after the other."""
    most = max(1, _MOST_VOXELS // max(1, batch[0, 0].numel()))
    return [min(most, count - done) for done in range(0, count, most)]


def _run(network: torch.nn.Module, batch: torch.Tensor, seed: int) -> torch.Tensor:
    devices = [batch.device] if batch.device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices), torch.no_grad(), active_dropout(network):
        torch.manual_seed(seed)
        output: torch.Tensor = network(batch)
        return output


@dataclass(frozen=True)
class _Known:
    """A module that ended before the first dropout, with what it gave, and how often that had been written into."""

    module: torch.nn.Module
    output: Any
    states: tuple[int, ...]


class _FirstPass:
    """Notes the outermost modules that end before the first dropout begins."""

    def __init__(self, network: torch.nn.Module) -> None:
        self._network = network
        self._dropout = set(dropout_modules(network))
        self._begun: list[int] = []
        self._found: list[_Known] = []
        self._calls: Counter[torch.nn.Module] = Counter()
        self._dropped = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen to a forward."""
        with ExitStack() as hooks:
            for module in self._network.modules():
                hooks.callback(module.register_forward_pre_hook(self._begin).remove)
                hooks.callback(module.register_forward_hook(self._end).remove)
            yield

    def known(self) -> list[_Known]:
        """Those whose output is the same in every pass."""
        return [
            one for one in self._found if self._calls[one.module] == 1 and one.states == _states(_tensors(one.output))
        ]

    def _begin(self, module: torch.nn.Module, _: Any) -> None:
        self._calls[module] += 1
        self._dropped = self._dropped or module in self._dropout
        if not self._dropped:
            self._begun.append(len(self._found))

    def _end(self, module: torch.nn.Module, _: Any, output: Any) -> None:
        if self._dropped:
            return
        # What it is made of is not needed beside it.
        del self._found[self._begun.pop() :]
        tensors = _tensors(output)
        if tensors and all(tensor.ndim and tensor.shape[0] == 1 for tensor in tensors):
            self._found.append(_Known(module, output, _states(tensors)))


@contextmanager
def _replaced(known: list[_Known], size: int) -> Iterator[None]:
    """The modules give what they gave before, as often as the batch is large."""
    own = [(one.module, one.module.__dict__.get("forward")) for one in known]
    try:
        for one in known:
            output = _repeated(one.output, size)
            one.module.__dict__["forward"] = lambda *_, output=output, **__: output
        yield
    finally:
        for module, forward in own:
            del module.__dict__["forward"]
            if forward is not None:
                module.__dict__["forward"] = forward


def _repeated(output: Any, size: int) -> Any:
    parts = [part.expand(size, *part.shape[1:]) for part in _tensors(output)]
    return type(output)(parts) if isinstance(output, tuple | list) else parts[0]


def _tensors(output: Any) -> list[torch.Tensor]:
    """The tensors of an output, which may be several; none where there is anything else in it."""
    parts = list(output) if isinstance(output, tuple | list) else [output]
    return parts if all(isinstance(part, torch.Tensor) for part in parts) else []


def _states(tensors: list[torch.Tensor]) -> tuple[int, ...]:
    return tuple(tensor._version for tensor in tensors)
