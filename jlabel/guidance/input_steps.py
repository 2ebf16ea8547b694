"""MONAI transforms for the input of networks that see clicks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from monai.transforms import Transform


class EmptyGuidance(Transform):  # type: ignore[misc]
    """Appends guidance channels without a click to ``"image"``, ``(channel, ...)``.

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
