"""Which structure of a scene is meant: the connected part of one label around a place that is likely in the middle."""

from __future__ import annotations

import torch
import torch.nn.functional as nnf
from torch import Tensor

from jlabel.click.inputs import per_item
from jlabel.click.pretraining.fields import max_pool

_LEAST, _MOST = 0.002, 0.75  # of the voxels
_TRIES = 4
_NOT_THE_REST = 0.85  # how often what lies between all structures (label 0) is not taken for one


def choose_targets(labels: Tensor, groups: Tensor) -> tuple[Tensor, Tensor]:
    """A structure for each item of a batch.

    Args:
        labels: ``(batch, ...)``.
        groups: The same, where labels that belong together have one number: the meaning of three items in ten.

    Returns:
        Masks ``(batch, 1, ...)`` of 0 and 1, and which of them (batch,) are of a size worth learning from.
    """
    batch, device = labels.shape[0], labels.device
    coarse = torch.rand(batch, device=device) < 0.3
    meant = torch.where(per_item(coarse, labels.ndim), groups, labels)
    flat = meant.flatten(1)
    best = torch.zeros(batch, 1, *labels.shape[1:], device=device)
    done = torch.zeros(batch, dtype=torch.bool, device=device)
    for attempt in range(_TRIES):
        place = _places(labels, 0.12 + 0.25 * attempt)
        value = flat.gather(1, place[:, None])
        same = (flat == value).view(batch, 1, *labels.shape[1:]).float()
        part = component(same, place)
        share = part.flatten(1).mean(dim=1)
        dull = (value[:, 0] == 0) & (torch.rand(batch, device=device) < _NOT_THE_REST)
        good = (share > _LEAST) & (share < _MOST) & ~done & ~dull
        best = torch.where(per_item(good, best.ndim), part, best)
        done = done | good
    return best, done


def component(mask: Tensor, place: Tensor) -> Tensor:
    """The connected part of each mask ``(batch, 1, ...)`` around a voxel (batch,), an index into the flat mask.

    It is sought on a grid of half the size, where a long way takes half as many steps.
    """
    dimension = mask.ndim - 2
    half = nnf.avg_pool2d(mask, 2) if dimension == 2 else nnf.avg_pool3d(mask, 2)
    passable = (half > 0.45).float()
    seed = torch.zeros_like(mask).flatten(2)
    seed.scatter_(2, place.view(-1, 1, 1), 1.0)
    start = seed.view_as(mask)
    reached = nnf.max_pool2d(start, 2) if dimension == 2 else nnf.max_pool3d(start, 2)
    reached = max_pool(reached) * torch.maximum(passable, reached)
    for _ in range(mask.shape[2]):
        reached = max_pool(reached) * passable
    near = nnf.interpolate(max_pool(reached), scale_factor=2, mode="nearest")
    return torch.maximum(start, near) * mask


def _places(labels: Tensor, spread: float) -> Tensor:
    """A flat index for each item, normally distributed about the middle."""
    batch, dimension, size = labels.shape[0], labels.ndim - 1, labels.shape[1]
    where = (torch.randn(batch, dimension, device=labels.device) * spread * size / 2 + size / 2).long()
    where = where.clamp(0, size - 1)
    flat = torch.zeros(batch, dtype=torch.long, device=labels.device)
    for axis in range(dimension):
        flat = flat * size + where[:, axis]
    return flat


def other_structures(labels: Tensor, target: Tensor, share: float) -> Tensor:
    """Voxels of a structure that is not meant, for a share of the items: ``(batch, 1, ...)``."""
    batch = len(labels)
    value = labels.flatten(1).gather(1, _places(labels, 0.8)[:, None])
    other = (labels.flatten(1) == value).view_as(labels)[:, None].float() * (1 - target)
    given = torch.rand(batch, device=labels.device) < share
    return other * per_item(given, target.ndim)
