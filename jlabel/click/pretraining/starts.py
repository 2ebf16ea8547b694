"""First masks as people meet them: too large, too small, beside the structure, half of it, leaked."""

from __future__ import annotations

import torch
import torch.nn.functional as nnf
from torch import Tensor

from jlabel.click.inputs import per_item
from jlabel.click.pretraining.fields import coordinates, log_uniform, smooth_noise, uniform


def first_masks(target: Tensor) -> Tensor:
    """A mask that resembles each target ``(batch, 1, ...)`` and is wrong somewhere."""
    moved = _moved(target)
    cut = _half(moved)
    leaked = torch.maximum(moved, _leak(target))
    kind = uniform(len(target), 0, 1, target.ndim, target.device)
    return torch.where(kind < 0.25, cut, torch.where(kind < 0.5, leaked, moved))


def _moved(target: Tensor) -> Tensor:
    """Larger or smaller, shifted and warped."""
    batch, size, dimension = target.shape[0], target.shape[2], target.ndim - 2
    where = coordinates(size, dimension, target.device)
    weight = target.sum(dim=tuple(range(2, target.ndim)), keepdim=True).clamp_min(1)
    centre = (where * target).sum(dim=tuple(range(2, target.ndim)), keepdim=True) / weight
    extent = (((where - centre) ** 2 * target).sum(dim=tuple(range(2, target.ndim)), keepdim=True) / weight).sqrt()
    scale = per_item(torch.exp(0.22 * torch.randn(batch, device=target.device)), target.ndim)
    shift = 0.35 * extent * torch.randn_like(extent) * uniform(batch, 0, 1, target.ndim, target.device)
    bend = smooth_noise(batch, dimension, size, dimension, log_uniform(size / 10, size / 2), target.device)
    bend = bend * extent * uniform(batch, 0, 0.35, target.ndim, target.device)
    source = (where - centre - shift) / scale + centre + bend
    order = list(range(dimension))[::-1]
    grid = source[:, order].movedim(1, -1)
    sampled = nnf.grid_sample(target, grid, mode="bilinear", padding_mode="zeros", align_corners=True)
    return (sampled > 0.5).float()


def _half(mask: Tensor) -> Tensor:
    """What lies on one side of a plane near the middle."""
    batch, dimension = mask.shape[0], mask.ndim - 2
    where = coordinates(mask.shape[2], dimension, mask.device)
    axes = tuple(range(2, mask.ndim))
    weight = mask.sum(dim=axes, keepdim=True).clamp_min(1)
    centre = (where * mask).sum(dim=axes, keepdim=True) / weight
    across = torch.randn(batch, dimension, device=mask.device).view(batch, dimension, *[1] * dimension)
    side = ((where - centre) * across / across.norm(dim=1, keepdim=True).clamp_min(1e-3)).sum(dim=1, keepdim=True)
    kept: Tensor = mask * (side > uniform(batch, -0.1, 0.05, mask.ndim, mask.device))
    return kept


def _leak(target: Tensor) -> Tensor:
    """Blobs anywhere."""
    size, dimension = target.shape[2], target.ndim - 2
    field = smooth_noise(len(target), 1, size, dimension, log_uniform(size / 8, size / 2), target.device)
    return (field > uniform(len(target), 1.0, 2.2, target.ndim, target.device)).float()
