"""Made anatomy: maps of labels from random ellipsoids, tubes, shells, cells and smooth partitions.

In the manner of SynthSeg (Billot et al. 2023), AnyStar (Dey et al. 2024) and anatomix (Dey et al. 2025): a network that
has seen shapes and contrasts of every kind needs no foreign labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from jlabel.click.inputs import per_item
from jlabel.click.pretraining.fields import Device, coordinates, log_uniform, smooth_noise, uniform

#: Labels of a scene: those of the background, and two for each object, its outer part and its core.
BACKGROUNDS = 64
_OBJECTS = {2: 7, 3: 6}
MOST_LABELS = BACKGROUNDS + 2 * 8


@dataclass
class Scene:
    """Labels of a batch of made images.

    Attributes:
        labels: ``(batch, ...)``, whole numbers below :data:`MOST_LABELS`; each looks like itself.
        groups: The same where an object with a core counts as one.
    """

    labels: Tensor
    groups: Tensor


def make_scene(batch: int, size: int, dimension: int, device: Device) -> Scene:
    """A batch of random scenes, the kinds of background in equal shares."""
    share = -(-batch // 4)
    parts = [
        torch.zeros(share, *[size] * dimension, dtype=torch.long, device=device),
        partition(share, size, dimension, log_uniform(size / 5, size), device),
        partition(share, size, dimension, log_uniform(size / 10, size / 3), device),
        cells(share, size, dimension, device),
    ]
    labels = torch.cat(parts)[torch.randperm(4 * share, device=device)[:batch]]
    groups = labels.clone()
    where = warped(batch, size, dimension, device)
    for index in range(_OBJECTS[dimension]):
        present = torch.rand(batch, device=device) < (0.9 if index == 0 else 0.5)
        outer, core = _object(where, centred=index == _OBJECTS[dimension] - 1)
        shown = per_item(present, dimension + 1)
        number = BACKGROUNDS + 2 * index
        labels = torch.where(shown & outer, number, labels)
        groups = torch.where(shown & outer, number, groups)
        labels = torch.where(shown & core, number + 1, labels)
    return Scene(labels, groups)


def warped(batch: int, size: int, dimension: int, device: Device) -> Tensor:
    """Coordinates from -1 to 1, moved smoothly and for each item by another amount: ``(batch, dimension, ...)``."""
    where = coordinates(size, dimension, device)
    for period, most in ((size / 2, 0.35), (size / 5, 0.12), (size / 12, 0.04)):
        moved = smooth_noise(batch, dimension, size, dimension, log_uniform(period / 1.5, period * 1.5), device)
        where = where + moved * uniform(batch, 0, most, dimension + 2, device) ** 1.5
    return where


def partition(batch: int, size: int, dimension: int, period: float, device: Device) -> Tensor:
    """Each voxel has the number of the largest of some smooth fields."""
    most = 6
    fields = smooth_noise(batch, most, size, dimension, period, device)
    count = torch.randint(2, most + 1, (batch, 1), device=device)
    unused = torch.arange(most, device=device)[None] >= count
    fields = fields.masked_fill(unused.view(batch, most, *[1] * dimension), -torch.inf)
    return fields.argmax(dim=1)


def cells(batch: int, size: int, dimension: int, device: Device) -> Tensor:
    """Cells about random points, with or without a gap between them (label 0)."""
    points = int(torch.randint(6, 40 if dimension == 2 else 28, ()))
    seeds = torch.rand(batch, points, dimension, device=device) * 2.2 - 1.1
    where = warped(batch, size, dimension, device)
    nearest = torch.full((batch, *[size] * dimension), torch.inf, device=device)
    second, number = nearest.clone(), torch.zeros_like(nearest, dtype=torch.long)
    for index in range(points):
        seed = seeds[:, index].view(batch, dimension, *[1] * dimension)
        away = ((where - seed) ** 2).sum(dim=1)
        second = torch.minimum(second, torch.maximum(away, nearest))
        number = torch.where(away < nearest, index + 1, number)
        nearest = torch.minimum(nearest, away)
    gap = uniform(batch, -0.1, 0.35, dimension + 1, device)
    round_ = uniform(batch, 0.1, 1.2, dimension + 1, device)
    outside = (nearest.sqrt() > (1 - gap) * second.sqrt()) | (nearest.sqrt() > round_)
    return torch.where(outside, 0, number)


def _object(where: Tensor, centred: bool) -> tuple[Tensor, Tensor]:
    """An object's voxels and those of its core: for each item a superellipsoid, a tube or a shell."""
    batch, dimension, device = where.shape[0], where.shape[1], where.device
    level = _superellipsoid(where, centred)
    tubes = torch.rand(batch, device=device) < 0.2
    if tubes.any():
        level[tubes] = _tube(where[tubes], centred)
    bump = smooth_noise(
        batch, 1, where.shape[2], dimension, log_uniform(where.shape[2] / 12, where.shape[2] / 2), device
    )
    level = level * torch.exp(0.35 * uniform(batch, 0, 1, dimension + 1, device) ** 2 * bump[:, 0])
    inner = uniform(batch, 0.3, 0.9, dimension + 1, device)
    kind = per_item(torch.rand(batch, device=device), dimension + 1)
    shell, cored = kind < 0.15, kind < 0.4
    inside = level < 1
    outer = inside & ~(shell & (level < inner))
    return outer, inside & cored & ~shell & (level < inner)


def _superellipsoid(where: Tensor, centred: bool) -> Tensor:
    """Below 1 inside; sides and exponents at random."""
    batch, dimension, device = where.shape[0], where.shape[1], where.device
    spread = 0.35 if centred else 1.0
    centre = (torch.rand(batch, dimension, device=device) * 2 - 1) * spread
    frame = torch.linalg.qr(torch.randn(batch, dimension, dimension, device=device))[0]
    moved = where - centre.view(batch, dimension, *[1] * dimension)
    turned = torch.einsum("bij,bj...->bi...", frame, moved)
    low, high = (0.12, 0.7) if centred else (0.06, 0.5)
    radius = low * (high / low) ** torch.rand(batch, 1, device=device)
    sides = radius * torch.exp(0.4 * torch.randn(batch, dimension, device=device))
    power = uniform(batch, 1.6, 5.0, dimension + 2, device)
    scaled = (turned / sides.view(batch, dimension, *[1] * dimension)).abs().clamp(1e-4, 50)
    return (scaled**power).sum(dim=1) ** (1 / power[:, 0])


def _tube(where: Tensor, centred: bool) -> Tensor:
    """Below 1 within a radius of a random walk."""
    batch, dimension, device = where.shape[0], where.shape[1], where.device
    steps = 10
    heading = torch.randn(batch, 1, dimension, device=device) + 0.7 * torch.cumsum(
        torch.randn(batch, steps, dimension, device=device), dim=1
    )
    heading = heading / heading.norm(dim=2, keepdim=True).clamp_min(1e-3)
    length = 0.05 + 0.15 * torch.rand(batch, 1, 1, device=device)
    path = torch.cumsum(heading * length, dim=1)
    start = (torch.rand(batch, 1, dimension, device=device) * 2 - 1) * (0.3 if centred else 0.9)
    path = path - path.mean(dim=1, keepdim=True) + start
    radius = 0.02 * 8 ** torch.rand(batch, 1, device=device)
    nearest = torch.full((batch, *where.shape[2:]), torch.inf, device=device)
    for index in range(steps - 1):
        nearest = torch.minimum(nearest, _to_segment(where, path[:, index], path[:, index + 1]))
    return nearest / per_item(radius, dimension + 1)


def _to_segment(where: Tensor, start: Tensor, end: Tensor) -> Tensor:
    shape = (*start.shape, *[1] * (where.ndim - 2))
    along, away = (end - start).view(shape), where - start.view(shape)
    part = (away * along).sum(dim=1, keepdim=True) / (along**2).sum(dim=1, keepdim=True).clamp_min(1e-9)
    distance: Tensor = (away - part.clamp(0, 1) * along).norm(dim=1)
    return distance
