"""MONAI's U-Nets for input of any size: what the strides do not divide is padded, and the output cut again.

The parameters have the names that they have in MONAI: weights go from one to the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from monai.networks.nets import BasicUNet, UNet


def padding(shape: Sequence[int], divisors: Sequence[int]) -> list[int]:
    """How many voxels are to be appended to each axis, so that its divisor divides it.

    A norm needs more than one voxel in the deepest stage; the last axis gets another one there where that is all.

    Args:
        shape: The spatial axes.
        divisors: By how much the deepest stage is coarser, for each of them.
    """
    deepest = [-(-size // divisor) for size, divisor in zip(shape, divisors, strict=True)]
    if max(deepest) == 1:
        deepest[-1] = 2
    return [n * divisor - size for n, divisor, size in zip(deepest, divisors, shape, strict=True)]


def at_any_size(network: Callable[[torch.Tensor], Any], image: torch.Tensor, divisors: Sequence[int]) -> torch.Tensor:
    """What the network says of an image, ``(batch, channel, ...)`` of the image's size.

    Args:
        network: Takes sizes that the divisors divide.
        image: ``(batch, channel, ...)``; 0 is put around it, as in training.
        divisors: For each spatial axis.
    """
    shape = image.shape[2:]
    added = padding(shape, divisors)
    if not any(added):
        answer: torch.Tensor = network(image)
        return answer
    ends = [n for more in reversed(added) for n in (0, more)]
    whole: torch.Tensor = network(torch.nn.functional.pad(image, ends))
    for axis, size in enumerate(shape, start=2):
        whole = whole.narrow(axis, 0, size)
    return whole


class AnySizeUNet(UNet):  # type: ignore[misc]
    """MONAI's ``UNet`` for any size of the input; arguments are those of MONAI.

    ``strides`` may be a list with a stride for each axis.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``(batch, out_channels, ...)``, from ``(batch, in_channels, ...)`` of the same size."""
        divisors = np.prod([np.broadcast_to(stride, self.dimensions) for stride in self.strides], axis=0)
        return at_any_size(super().forward, x, [int(n) for n in divisors])


class AnySizeBasicUNet(BasicUNet):  # type: ignore[misc]
    """MONAI's ``BasicUNet``, which halves each axis four times, for any size of the input; arguments as in MONAI."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``(batch, out_channels, ...)``, from ``(batch, in_channels, ...)`` of the same size."""
        return at_any_size(super().forward, x, [16] * (x.ndim - 2))
