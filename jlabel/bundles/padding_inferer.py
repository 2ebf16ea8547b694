"""Applying a bundle's network: mixed precision as it asks for, and images of any size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from monai.inferers import SimpleInferer

# By what the axes of an image can be divided where a bundle does not say it: five halvings.
_USUAL = 32


class PaddingInferer:
    """A bundle's inferer; where it gives the network the whole image, images of all sizes.

    A network that halves its input several times fails on sizes that cannot be halved so often. What is missing is
    then padded at the end of each axis by the nearest voxels, and cut off again.

    Args:
        inferer: The bundle's own.
        divisor: What the bundle says that its sizes are multiples of; 1 where it does not say it.
        amp: Whether to compute with mixed precision on a GPU.
    """

    def __init__(self, inferer: Any, divisor: int, amp: bool) -> None:
        self._inferer, self._amp = inferer, amp
        self._divisor = divisor if divisor > 1 else _USUAL

    def __call__(self, batch: torch.Tensor, network: torch.nn.Module, **more: Any) -> Any:
        """What the network gives for a batch, ``(batch, channel, ...)``; the bundle's inferer takes more by name."""
        with torch.autocast("cuda", enabled=self._amp and batch.device.type == "cuda"):
            missing = [-size % self._divisor for size in batch.shape[2:]]
            if type(self._inferer) is not SimpleInferer or not any(missing):
                return self._inferer(batch, network, **more)
            try:
                found = self._inferer(batch, network)
            except torch.cuda.OutOfMemoryError:
                raise
            except (RuntimeError, ValueError):
                return self._padded(batch, network, missing)
            return self._padded(batch, network, missing) if _is_larger(found, batch.shape[2:]) else found

    def _padded(self, batch: torch.Tensor, network: torch.nn.Module, missing: list[int]) -> Any:
        ends = [side for more in reversed(missing) for side in (0, more)]
        return _cut(self._inferer(_pad(batch, ends), network), batch.shape[2:])


def _is_larger(outputs: Any, shape: torch.Size) -> bool:
    """Whether a network that rounded sizes up gave more than it got."""
    one = next(iter(outputs.values()), None) if isinstance(outputs, Mapping) else outputs
    if not isinstance(one, torch.Tensor) or one.ndim != len(shape) + 2:
        return False
    return any(got > size for got, size in zip(one.shape[2:], shape, strict=True))


def _pad(batch: torch.Tensor, ends: list[int]) -> torch.Tensor:
    return torch.nn.functional.pad(batch, ends, mode="replicate")


def _cut(outputs: Any, shape: torch.Size) -> Any:
    if isinstance(outputs, Mapping):
        return {name: _cut(output, shape) for name, output in outputs.items()}
    if isinstance(outputs, torch.Tensor) and outputs.ndim == len(shape) + 2:
        for axis, size in enumerate(shape, start=2):
            outputs = outputs.narrow(axis, 0, size)
    return outputs
