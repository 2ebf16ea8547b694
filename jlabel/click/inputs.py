"""What a click network sees: the image, the prompts drawn into it, and the mask so far. The same in training and after.

Everything here is a tensor of shape (batch, channel, spatial...), on whatever device it is given.
"""

from __future__ import annotations

import torch
from torch import Tensor

# How many deviations of the structure's own noise the matched channel shows, and the least part of the image's range.
_DEVIATIONS, _LEAST_SPREAD = 4.0, 0.03


def normalise(image: Tensor, known: Tensor | None = None, low: float = 0.005, high: float = 0.995) -> Tensor:
    """Bring intensities to about -1 to 1: the quantiles ``low`` and ``high`` become the ends, all channels alike.

    Args:
        image: ``(batch, channel, ...)``, finite.
        known: ``(batch, 1, ...)``, above 0 where the image has a value; all of it where not given.
        low: Quantile that becomes -1.
        high: Quantile that becomes 1.

    Returns:
        Values cut off at -1.25 and 1.25.
    """
    flat = image.flatten(2)
    step = max(1, flat.shape[2] // 16384)
    sample = flat[:, :, ::step]
    if known is not None:
        seen = known.flatten(2)[:, :, ::step].expand_as(sample) > 0
        sample = torch.where(seen, sample, torch.nan)
        sample = torch.where(seen.flatten(1).any(1)[:, None, None], sample, flat[:, :, ::step])
    ends = torch.nanquantile(sample.flatten(1), torch.tensor([low, high], device=image.device), dim=1)
    bottom, top = per_item(ends[0], image.ndim), per_item(ends[1], image.ndim)
    scaled = (image - bottom) / (top - bottom).clamp_min(1e-6) * 2 - 1
    return scaled.clamp(-1.25, 1.25)


def per_item(values: Tensor, ndim: int) -> Tensor:
    """One value an item, (batch,) or (batch, 1), in a shape that goes with tensors of ``ndim`` axes."""
    return values.view((-1,) + (1,) * (ndim - 1))


def network_input(image: Tensor, positive: Tensor, negative: Tensor, region: Tensor, before: Tensor) -> Tensor:
    """Stack what the network sees.

    Args:
        image: Normalised, ``(batch, colours, ...)``.
        positive: ``(batch, 1, ...)``, 1 in the discs of positive clicks and under positive scribbles.
        negative: The same for negative ones.
        region: 1 inside boxes and lassos.
        before: 1 in the mask so far; all 0 where there is none.

    Returns:
        (batch, colours + 5, spatial): the image, how far each voxel is in colour from the positive prompts, and the
        four others.
    """
    return torch.cat([image, matched(image, positive, region, before), positive, negative, region, before], dim=1)


def matched(image: Tensor, positive: Tensor, region: Tensor, before: Tensor) -> Tensor:
    """The image in terms of what was pointed at: 0 is the mean under the positive prompts, and one is four deviations.

    Of a grey image the difference is signed; of a picture in colours it is the distance, from -1 to 1. Where there is
    no positive prompt, boxes and lassos say what is meant, else the mask so far, else all of the image.

    Returns:
        ``(batch, 1, ...)``, between -1 and 1.
    """
    weight = _first_given([positive, region, before, torch.ones_like(positive)])
    axes = tuple(range(2, image.ndim))
    total = weight.sum(dim=axes, keepdim=True).clamp_min(1e-6)
    mean = (image * weight).sum(dim=axes, keepdim=True) / total
    away = image - mean
    spread = ((away**2 * weight).sum(dim=axes, keepdim=True) / total).mean(dim=1, keepdim=True).sqrt()
    spread = _DEVIATIONS * spread.clamp_min(2 * _LEAST_SPREAD / _DEVIATIONS)
    if image.shape[1] == 1:
        return torch.tanh(away / spread)
    return 2 * torch.tanh((away**2).mean(dim=1, keepdim=True).sqrt() / spread) - 1


def _first_given(weights: list[Tensor]) -> Tensor:
    """For each item of a batch the first of the weights that is anywhere above 0."""
    chosen = torch.zeros_like(weights[0])
    missing = torch.ones_like(weights[0].flatten(1)[:, 0], dtype=torch.bool)
    for weight in weights:
        here = missing & (weight.flatten(1) > 0).any(dim=1)
        chosen = torch.where(per_item(here, weight.ndim), weight, chosen)
        missing = missing & ~here
    return chosen
