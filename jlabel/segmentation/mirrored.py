"""A picture seen as it is and in its mirrors: the mean answer is better than each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

_WAYS: tuple[tuple[int, ...], ...] = ((), (2,), (3,), (2, 3))


class Mirrored:
    """An inferer that asks another one about a picture and its mirror images, and averages the answers.

    Args:
        inferer: Called with ``(batch, channel, i, j)`` and the network; gives the logits.
    """

    def __init__(self, inferer: Callable[..., Any]) -> None:
        self.inferer = inferer

    def __call__(self, inputs: torch.Tensor, network: Callable[..., Any]) -> torch.Tensor:
        """The mean logits, ``(batch, class, i, j)``."""
        total = torch.zeros(())
        for axes in _WAYS:
            total = total.to(inputs.device) + self.inferer(inputs.flip(axes), network).flip(axes)
        return total / len(_WAYS)
