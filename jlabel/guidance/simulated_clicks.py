"""Simulated clicks: what a person would click next, given what the network has answered so far.

Sakinis et al. 2019, "Interactive segmentation of medical images through fully convolutional neural networks"
(arXiv:1903.08205): the network answers, the next click goes into the largest error, and so on; it learns from the last
answer. In MONAI's engines this is an ``iteration_update``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.apps.deepgrow.interaction import Interaction
from monai.data import MetaTensor
from monai.transforms import Randomizable, Transform
from numpy.typing import NDArray

from jlabel.annotators.error_regions import ErrorRegion, largest_region
from jlabel.guidance.click_channels import guidance_map
from jlabel.guidance.input_steps import EmptyGuidance
from jlabel.prompts.prompt import Position

#: Where an item says how many clicks it is still to get.
CLICKS_LEFT = "clicks_left"
# How often a correction begins with a click into a structure rather than with the automatic answer.
_FIRST_CLICKS = 0.5


def add_click(image: torch.Tensor, channel: int, position: Position, sigma: float) -> None:
    """Add a click to a guidance channel, as :func:`jlabel.interactive.guidance_map` draws it with others.

    Args:
        image: The network's input, ``(channel, ...)``; changed in place.
        channel: Of the guidance.
        position: In voxels.
        sigma: Of the Gaussian, in voxels.
    """
    drawn = torch.from_numpy(guidance_map([position], tuple(image.shape[1:]), sigma)).to(image)
    image[channel] = torch.maximum(image[channel], drawn)


class Clicker(Randomizable, Transform):  # type: ignore[misc]
    """What transforms that click have in common.

    Args:
        channels: For each class, the input channel that shows clicks on it.
        sigma: Of the Gaussians, in voxels.
        spacing: mm along each axis.
        random: Whether to click somewhere inside a region, rather at its very middle.
    """

    def __init__(self, channels: Mapping[int, int], sigma: float, spacing: Sequence[float], random: bool) -> None:
        self.channels = dict(channels)
        self.sigma = sigma
        self.spacing = tuple(spacing)
        self.random = random

    def click(self, data: dict[str, Any], of_class: int, region: ErrorRegion) -> None:
        """Click into the region, which is of that class."""
        place = region.drawn(self.R, self.spacing) if self.random else region.innermost(self.spacing)
        add_click(data["image"], self.channels[of_class], place, self.sigma)


class FirstClick(Clicker):
    """Adds the guidance channels to ``"image"``, with a click into the structure, class 1 of ``"label"``.

    Args:
        interactions: How many clicks may follow at most, when ``random``; otherwise the item says how many do.
        options: As for :class:`Clicker`.
    """

    def __init__(self, interactions: int, **options: Any) -> None:
        super().__init__(**options)
        self.interactions = interactions

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data with the channels, and how many clicks are left."""
        changed = EmptyGuidance(len(self.channels))(data)
        region = largest_region(_array(data["label"]) == 1)
        if region is not None:
            self.click(changed, 1, region)
        if self.random:
            changed[CLICKS_LEFT] = self.R.randint(self.interactions + 1)
        return changed


class ClickOrNone(Clicker):
    """Adds the guidance channels to ``"image"``: for a share of the items empty ones that stay so, for the others often
    with a click into one of the structures of ``"label"``.

    Args:
        interactions: How many clicks may follow at most.
        automatic: The share of items without a click.
        options: As for :class:`Clicker`.
    """

    def __init__(self, interactions: int, automatic: float, **options: Any) -> None:
        super().__init__(**options)
        self.interactions = interactions
        self.automatic = automatic

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Image, label and id alone, and how many clicks are left."""
        kept = {"image": plain(data["image"]), "label": plain(data["label"]), "id": data["id"], CLICKS_LEFT: 0}
        changed = EmptyGuidance(len(self.channels))(kept)
        if self.R.random_sample() < self.automatic:
            return changed
        label = _array(changed["label"])
        there = [index for index in self.channels if index and (label == index).any()]
        first = bool(there) and self.R.random_sample() < _FIRST_CLICKS
        if first:
            index = there[self.R.randint(len(there))]
            region = largest_region(label == index)
            assert region is not None
            self.click(changed, index, region)
        changed[CLICKS_LEFT] = self.R.randint(0 if first else 1, max(1, self.interactions) + 1)
        return changed


class ClickOnError(Clicker):
    """Clicks into the largest error of ``"pred"``, as long as there are clicks left for the item.

    Args:
        any_class: Whether the class to correct is drawn among those that were missed somewhere, rather than the one
            with the largest error taken.
        options: As for :class:`Clicker`.
    """

    def __init__(self, any_class: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.any_class = any_class

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data with one click more and without ``"pred"``, which was the answer to the clicks before."""
        changed = {key: value for key, value in data.items() if key != "pred"}
        left = int(data[CLICKS_LEFT])
        changed[CLICKS_LEFT] = max(0, left - 1)
        if left < 1:
            return changed
        truth, found = _array(data["label"]), answered_classes(data["pred"])
        missed = {index: (truth == index) & (found != index) for index in self.channels}
        there = [index for index in self.channels if missed[index].any()]
        if self.any_class and self.random and there:
            there = [there[self.R.randint(len(there))]]
        regions = {index: region for index in there if (region := largest_region(missed[index])) is not None}
        if regions:
            index = max(regions, key=lambda of_class: regions[of_class].size)
            self.click(changed, index, regions[index])
        return changed


class Clicks(Interaction):  # type: ignore[misc]
    """MONAI's interaction for a batch in which each item says how many clicks it gets."""

    def __call__(self, engine: Any, batchdata: dict[str, Any]) -> dict[str, Any]:
        """Answer and click until no item has clicks left, then do the engine's own step."""
        self.max_interactions = int(batchdata[CLICKS_LEFT].max())
        # numpy's own state is set at the start of every epoch: a resumed training clicks where it would have clicked.
        self.transforms.set_random_state(seed=int(np.random.randint(2**31)))
        answer: dict[str, Any] = super().__call__(engine, batchdata)
        return answer


def plain(tensor: torch.Tensor) -> torch.Tensor:
    """Without MONAI's meta data, which would be collated and taken apart again at every click."""
    return tensor.as_tensor() if isinstance(tensor, MetaTensor) else torch.as_tensor(tensor)


def answered_classes(pred: torch.Tensor) -> NDArray[Any]:
    """The class of each voxel, of logits ``(channel, ...)``; with one channel, 1 where it is above 0."""
    if pred.shape[0] == 1:
        return np.asarray(pred[0].cpu() > 0).astype(np.int64)
    return np.asarray(pred.argmax(dim=0).cpu())


def _array(label: torch.Tensor) -> NDArray[Any]:
    return np.asarray(label[0].cpu())
