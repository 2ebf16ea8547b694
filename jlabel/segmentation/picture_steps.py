"""MONAI transforms for pictures: what a network for pictures takes, its channels, and pictures made coarser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.transforms import GaussianSmooth, Transform

from jlabel.errors import TaskError

# Of the Gaussian, in voxels of the coarser grid: what is finer than that grid would turn up in it as a pattern.
_SIGMA = 0.4
_NOT_WORTH_IT = 1.2


class PicturesOnly(Transform):  # type: ignore[misc]
    """Lets ``"image"`` pass, ``(channel, ...)``, where it is a picture, grey or in colours."""

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data as they are.

        Raises:
            TaskError: The image is a volume.
        """
        if data["image"].ndim != 3:
            raise TaskError("this network has learnt from pictures, and the image is a volume")
        return dict(data)


class Colours(Transform):  # type: ignore[misc]
    """Gives ``"image"``, ``(channel, ...)``, the channels of the network: colours are averaged, or grey is repeated.

    Args:
        channels: 1 or 3.
    """

    def __init__(self, channels: int) -> None:
        self.channels = channels

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data with the image changed."""
        image = data["image"]
        if image.shape[0] != self.channels:
            image = image.mean(dim=0, keepdim=True)
            image = image if self.channels == 1 else torch.cat([image] * self.channels)
        return {**data, "image": image}


class SmoothForSpacing(Transform):  # type: ignore[misc]
    """Smooths ``"image"``, ``(channel, ...)`` with an affine, before it is brought to a coarser spacing.

    Args:
        spacing: mm along each axis of the coarser grid; an axis that is about as fine stays as it is.
    """

    def __init__(self, spacing: Sequence[float]) -> None:
        self.spacing = tuple(spacing)

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data with the image changed."""
        image = data["image"]
        here = np.asarray(image.pixdim, dtype=float)[: len(self.spacing)]
        factors = np.array(self.spacing) / here
        sigmas = [_SIGMA * factor if factor > _NOT_WORTH_IT else 0.0 for factor in factors]
        return {**data, "image": GaussianSmooth(sigmas)(image)} if any(sigmas) else dict(data)
