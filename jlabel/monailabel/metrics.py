"""The Dice of all structures and of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from monai.handlers import MeanDice, from_engine


def region_wise_metrics(
    regions: Mapping[str, int] | Sequence[str] | None, metric: str, prefix: str, keys: Sequence[str] = ("pred", "label")
) -> dict[str, Any]:
    """The mean Dice under the name ``metric``, and ``<prefix>_<structure>_mean_dice`` of each structure.

    Args:
        regions: Names and channels, or names in the order of channels from 1 on.
        metric: The name of the mean.
        prefix: The beginning of the others' names.
        keys: The keys of the prediction and the label, each with one channel for each class.
    """
    found = {metric: MeanDice(include_background=False, output_transform=from_engine(list(keys)))}
    channels = regions if isinstance(regions, Mapping) else {name: i for i, name in enumerate(regions or (), start=1)}
    for name, channel in channels.items():
        transform = _one_channel(list(keys), int(channel))
        found[f"{prefix}_{name}_mean_dice"] = MeanDice(include_background=False, output_transform=transform)
    return found


def _one_channel(keys: list[str], channel: int) -> Callable[[Any], Any]:
    both = from_engine(keys)

    def chosen(output: Any) -> Any:
        # One channel alone counts as no background, which MONAI leaves out only where there are several.
        return tuple([image[channel : channel + 1] for image in images] for images in both(output))

    return chosen
