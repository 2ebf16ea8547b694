"""What a network sees at once of an image that it answers for: a picture whole, where that is not too much."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from jlabel.segmentation.plan import Plan

# Times the edges of a patch: an answer needs a fraction of the memory that learning from a patch took.
_LARGER = 3


def window_inferer(plan: Plan, overlap: float) -> Callable[..., Any]:
    """An inferer for the network of a plan.

    A window of the patch's size slides over a volume. Windows over a picture are up to three times as wide and high, so
    that most pictures are seen whole, and few pixels twice.

    Args:
        plan: The plan.
        overlap: The part of a window that the next one sees again.
    """
    from monai.inferers import SlidingWindowInferer

    inferer: Callable[..., Any] = (
        SlidingWindowInferer(plan.window_size, overlap=overlap, mode="gaussian")
        if plan.dimension == 3
        else PictureInferer(tuple(_LARGER * size for size in plan.window_size), overlap)
    )
    return inferer


class PictureInferer:
    """Shows a network a picture whole, or windows of it where it is larger than one.

    Args:
        most: Pixels along each axis that the network is shown at once.
        overlap: The part of a window that the next one sees again.
    """

    def __init__(self, most: tuple[int, ...], overlap: float) -> None:
        self.most = most
        self.overlap = overlap

    def __call__(self, inputs: torch.Tensor, network: Callable[..., Any]) -> torch.Tensor:
        """The network's output, ``(batch, class, i, j)``."""
        from monai.inferers import SlidingWindowInferer

        size = inputs.shape[2:]
        window = [min(n, most) for n, most in zip(size, self.most, strict=True)]
        if window != list(size):
            network = partial(SlidingWindowInferer(window, overlap=self.overlap, mode="gaussian"), network=network)
        found: torch.Tensor = network(inputs)
        return found
