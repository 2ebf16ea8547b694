"""Features of an image as a network sees it: what comes out of its deepest stage, averaged over space."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

_POOLS = (
    torch.nn.modules.pooling._AdaptiveAvgPoolNd,
    torch.nn.modules.pooling._AdaptiveMaxPoolNd,
)


class Bottleneck:
    """Listens to forwards of a network and keeps the mean of its bottleneck.

    The bottleneck is the output with the fewest voxels of all modules, and of equal ones the last: in a U-Net the end
    of the deepest stage. It is found in the first forward, and the same module is listened to from then on. Pooling
    over a whole image is none, nor what is worked out from that.

    Args:
        network: The network.
    """

    def __init__(self, network: torch.nn.Module) -> None:
        self._network = network
        self._module: torch.nn.Module | None = None
        self._sum: torch.Tensor | None = None
        self._weight = 0.0

    @property
    def features(self) -> NDArray[np.float16] | None:
        """The mean over all that was heard since :meth:`clear`, shape ``(feature,)``; None where there was nothing."""
        if self._sum is None:
            return None
        return (self._sum / self._weight).cpu().numpy().astype(np.float16)

    def clear(self) -> None:
        """Another image follows."""
        self._sum, self._weight = None, 0.0

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen to the forwards within a ``with`` block; each counts by the voxels of its input."""
        voxels: list[float] = [1.0]
        handles = [self._network.register_forward_pre_hook(lambda _, given: _note_size(voxels, given))]
        fewest: list[float] = [math.inf]
        last: list[tuple[torch.nn.Module, torch.Tensor]] = []

        def look(module: torch.nn.Module, given: Any, output: Any) -> None:
            size = _voxels(output)
            if size is not None and size <= fewest[0] and not _is_pooled(module, given):
                fewest[0] = size
                last[:] = [(module, output)]

        def add(_: torch.nn.Module, __: Any, output: Any) -> None:
            if last:
                self._module = last[0][0]
                output = last[0][1]
                _remove(handles)
                last.clear()
                self._listen(handles, voxels)
            self._add(output, voxels[0])

        if self._module is None:
            handles += [module.register_forward_hook(look) for module in self._network.modules()]
            handles.append(self._network.register_forward_hook(add))
        else:
            self._listen(handles, voxels)
        try:
            yield
        finally:
            _remove(handles)

    def _listen(self, handles: list[Any], voxels: list[float]) -> None:
        assert self._module is not None
        handles.append(self._module.register_forward_hook(lambda _, __, output: self._add(output, voxels[0])))
        handles.append(self._network.register_forward_pre_hook(lambda _, given: _note_size(voxels, given)))

    def _add(self, output: Any, weight: float) -> None:
        if _voxels(output) is None:
            return
        mean = output.detach().flatten(2).mean(dim=(0, 2), dtype=torch.float32) * weight
        self._sum = mean if self._sum is None else self._sum + mean
        self._weight += weight


def _voxels(output: Any) -> float | None:
    """How many voxels a batch of features has; None for anything else."""
    if not isinstance(output, torch.Tensor) or output.ndim < 4 or not output.is_floating_point():
        return None
    return float(math.prod(output.shape[2:]))


def _note_size(voxels: list[float], given: Any) -> None:
    voxels[0] = next((size for one in given if (size := _voxels(one)) is not None), 1.0)


def _is_pooled(module: torch.nn.Module, given: Any) -> bool:
    size = next((size for one in given if (size := _voxels(one)) is not None), None)
    return isinstance(module, _POOLS) or size == 1.0


def _remove(handles: list[Any]) -> None:
    for handle in handles:
        handle.remove()
    handles.clear()
