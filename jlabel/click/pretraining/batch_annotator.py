"""A simulated hand for whole batches: clicks, scribbles, boxes and lassos, drawn from the present error.

Of the clicks half go to the middle of an error, a quarter anywhere in it, the others to its border and up to three
voxels beyond, since people do that (see :mod:`jlabel.annotators`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from jlabel.click.inputs import per_item
from jlabel.click.pretraining.fields import log_uniform, max_pool, min_pool, smooth_noise

_MIDDLE, _ANYWHERE, _BORDER = 0.5, 0.25, 0.15
_SCRIBBLES = 0.3


@dataclass
class Drawn:
    """Prompts as a network sees them, each ``(batch, 1, ...)`` of 0 and 1."""

    positive: Tensor
    negative: Tensor
    region: Tensor

    @classmethod
    def nothing(cls, like: Tensor) -> Drawn:
        """No prompts."""
        return cls(torch.zeros_like(like), torch.zeros_like(like), torch.zeros_like(like))


def depth(mask: Tensor, most: int) -> Tensor:
    """About how many voxels each voxel of a mask is away from its border, ``most`` at most."""
    total, inner = mask.clone(), mask
    for _ in range(most):
        inner = min_pool(inner)
        total = total + inner
    return total


def click_error(
    drawn: Drawn, target: Tensor, mask: Tensor, radius: float, robot: bool = False
) -> tuple[Tensor, Tensor]:
    """Add one click, or a scribble, into each item's error; nothing where there is none.

    Args:
        drawn: Changed in place.
        target: ``(batch, 1, ...)``, 0 and 1.
        mask: What was answered, of the same kind.
        radius: With which clicks are drawn.
        robot: Whether every click goes to the middle, and none is a scribble.

    Returns:
        The flat index of each click (batch,), and whether it is positive (batch,).
    """
    wrong = (target != mask).float()
    deep = depth(wrong, max(6, target.shape[2] // 8))
    flat = deep.flatten(1)
    middle = (flat + 0.3 * torch.rand_like(flat) * (flat > 0)).argmax(dim=1)
    anywhere = torch.multinomial(flat.clamp_max(1) + 1e-9, 1)[:, 0]
    border = torch.multinomial((flat == 1).float() + 1e-7 * flat + 1e-9, 1)[:, 0]
    draw = torch.rand(len(flat), device=flat.device) if not robot else torch.zeros(len(flat), device=flat.device)
    place = torch.where(draw < _MIDDLE, middle, torch.where(draw < _MIDDLE + _ANYWHERE, anywhere, border))
    positive = target.flatten(1).gather(1, place[:, None])[:, 0] > 0.5
    beyond = draw > _MIDDLE + _ANYWHERE + _BORDER
    landed = torch.where(beyond, _jittered(place, target), place)
    there = flat.amax(dim=1) > 0
    mark = _disc(landed, target, radius)
    if not robot:
        mark = torch.where(_share(len(flat), _SCRIBBLES, mark), _scribble(mark, wrong, target, place, radius), mark)
    mark = mark * per_item(there, mark.ndim)
    sign = per_item(positive, mark.ndim)
    drawn.positive = torch.maximum(drawn.positive * (1 - mark * ~sign), mark * sign)
    drawn.negative = torch.maximum(drawn.negative * (1 - mark * sign), mark * ~sign)
    return place, positive


def outline(drawn: Drawn, target: Tensor) -> None:
    """Mark the region of each item's target: in a box whose sides are off by up to a tenth, or in a loose lasso.

    In a volume half of them lie in one slice.
    """
    box = _box(target)
    loose = _lasso(target)
    region = torch.where(_share(len(target), 0.3, target), loose, box)
    if target.ndim == 5:
        region = torch.where(_share(len(target), 0.5, target), _in_a_slice(region, target), region)
    drawn.region = torch.maximum(drawn.region, region)


def _share(batch: int, share: float, like: Tensor) -> Tensor:
    return per_item(torch.rand(batch, device=like.device) < share, like.ndim)


def _positions(place: Tensor, like: Tensor) -> Tensor:
    """Indices along each axis, (batch, dimension), of flat ones."""
    axes = []
    for n in reversed(like.shape[2:]):
        axes.append(place % n)
        place = place // n
    return torch.stack(axes[::-1], dim=1)


def _jittered(place: Tensor, like: Tensor) -> Tensor:
    where = _positions(place, like) + torch.randint(-3, 4, (len(place), like.ndim - 2), device=place.device)
    flat = torch.zeros_like(place)
    for axis, n in enumerate(like.shape[2:]):
        flat = flat * n + where[:, axis].clamp(0, n - 1)
    return flat


def _disc(place: Tensor, like: Tensor, radius: float) -> Tensor:
    where = _positions(place, like)
    away = torch.zeros((), device=like.device)
    for axis, n in enumerate(like.shape[2:]):
        line = torch.arange(n, device=like.device)[None] - where[:, axis : axis + 1]
        shape = [len(place), *[1] * (like.ndim - 1)]
        shape[axis + 2] = n
        away = away + (line.float() ** 2).view(shape)
    return (away <= radius**2).float()


def _scribble(mark: Tensor, wrong: Tensor, target: Tensor, place: Tensor, radius: float) -> Tensor:
    """A thin band through the error around a click: where a smooth field is nearly what it is at the click."""
    size, dimension = target.shape[2], target.ndim - 2
    field = smooth_noise(len(target), 1, size, dimension, log_uniform(size / 6, size), target.device)
    there = per_item(field.flatten(1).gather(1, place[:, None]), target.ndim)
    near = _disc(place, target, log_uniform(radius * 2, size / 4))
    sign = per_item(target.flatten(1).gather(1, place[:, None]), target.ndim)
    band = ((field - there).abs() < 0.5 * radius * 6 / size).float() * near * (target == sign).float()
    if dimension == 3:
        band = _in_a_slice(band, mark)
    return torch.maximum(mark, band * max_pool(wrong))


def _bounds(target: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """First and last index of each mask along a spatial axis: (batch,)."""
    others = tuple(a for a in range(1, target.ndim) if a != axis + 2)
    hit = target.amax(dim=others) > 0
    line = torch.arange(hit.shape[1], device=target.device)
    first = torch.where(hit, line, hit.shape[1]).amin(dim=1)
    last = torch.where(hit, line, -1).amax(dim=1)
    return first, last


def _box(target: Tensor) -> Tensor:
    box = torch.ones_like(target)
    for axis, n in enumerate(target.shape[2:]):
        first, last = _bounds(target, axis)
        edge = (last - first + 1).float()
        low = first + (torch.rand_like(edge) * 0.2 - 0.1) * edge
        high = last + (torch.rand_like(edge) * 0.2 - 0.1) * edge
        shape = [1] * target.ndim
        shape[axis + 2] = n
        line = torch.arange(n, device=target.device).view(shape)
        box = box * ((line >= per_item(low, target.ndim) - 0.5) & (line <= per_item(high, target.ndim) + 0.5))
    return box


def _lasso(target: Tensor) -> Tensor:
    loose = target
    for _ in range(int(torch.randint(1, max(2, target.shape[2] // 20), ()))):
        loose = max_pool(loose)
    return loose


def _in_a_slice(region: Tensor, target: Tensor) -> Tensor:
    """What of a region lies in one slice of each target."""
    axis = int(torch.randint(0, 3, ()))
    first, last = _bounds(target, axis)
    middle = first + (torch.rand(len(target), device=target.device) * 0.6 + 0.2) * (last - first + 1)
    shape = [1] * target.ndim
    shape[axis + 2] = target.shape[axis + 2]
    line = torch.arange(target.shape[axis + 2], device=target.device).view(shape)
    return region * (line == per_item(middle.long(), target.ndim))
