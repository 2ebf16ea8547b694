"""MONAI transforms for the input of networks that see clicks, slices and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from monai.transforms import Transform


class AverageColours(Transform):  # type: ignore[misc]
    """One channel in the place of the colours of ``"image"``, (channel, spatial)."""

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data with the image changed."""
        image = data["image"]
        return {**data, "image": image if image.shape[0] == 1 else image.mean(dim=0, keepdim=True)}


class EmptyGuidance(Transform):  # type: ignore[misc]
    """Appends guidance channels without a click to ``"image"``, (channel, spatial).

    Args:
        channels: How many.
    """

    def __init__(self, channels: int) -> None:
        self.channels = channels

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data with the image changed."""
        image = data["image"]
        empty = torch.zeros((self.channels, *image.shape[1:]), dtype=image.dtype)
        return {**data, "image": torch.cat([image, empty])}
