"""Random smooth fields: the raw material of made shapes, textures and displacements."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as nnf
from torch import Tensor

from jlabel.click.inputs import per_item

Device = torch.device | str

_SMOOTH = {1: "linear", 2: "bicubic", 3: "trilinear"}


def coordinates(size: int, dimension: int, device: Device) -> Tensor:
    """The position of every voxel along each axis, from -1 to 1: ``(1, dimension, ...)``."""
    line = torch.linspace(-1, 1, size, device=device)
    return torch.stack(torch.meshgrid(*[line] * dimension, indexing="ij"))[None]


def smooth_noise(batch: int, channels: int, size: int, dimension: int, period: float, device: Device) -> Tensor:
    """Noise of mean 0 and deviation 1 that changes over about ``period`` voxels: ``(batch, channels, ...)``."""
    nodes = max(3, math.ceil(size / period) + 2)
    if nodes >= size:
        return torch.randn(batch, channels, *[size] * dimension, device=device)
    coarse = torch.randn(batch, channels, *[nodes] * dimension, device=device)
    if dimension == 3 and 2 * nodes < size:  # twice linear is smooth enough, and there is no cubic one
        coarse = nnf.interpolate(coarse, size=2 * nodes, mode="trilinear", align_corners=True)
    fine = nnf.interpolate(coarse, size=[size] * dimension, mode=_SMOOTH[dimension], align_corners=True)
    axes = tuple(range(2, fine.ndim))
    return (fine - fine.mean(dim=axes, keepdim=True)) / fine.std(dim=axes, keepdim=True).clamp_min(1e-4)


def uniform(batch: int, low: float, high: float, ndim: int, device: Device) -> Tensor:
    """One random number an item, shaped to be multiplied with tensors of ``ndim`` axes."""
    return per_item(low + (high - low) * torch.rand(batch, device=device), ndim)


def log_uniform(low: float, high: float) -> float:
    """One random number, as likely in each octave."""
    return math.exp(math.log(low) + (math.log(high) - math.log(low)) * float(torch.rand(())))


def blur(image: Tensor, deviation: float) -> Tensor:
    """A Gaussian blur with the edge repeated; ``deviation`` in voxels."""
    if deviation < 0.2:
        return image
    radius = max(1, math.ceil(2.5 * deviation))
    steps = torch.arange(-radius, radius + 1, device=image.device, dtype=image.dtype)
    kernel = torch.exp(-0.5 * (steps / deviation) ** 2)
    kernel = kernel / kernel.sum()
    channels, dimension = image.shape[1], image.ndim - 2
    convolve = nnf.conv2d if dimension == 2 else nnf.conv3d
    for axis in range(dimension):
        shape = [1] * dimension
        shape[axis] = -1
        pad = [0, 0] * dimension
        pad[2 * (dimension - 1 - axis)] = pad[2 * (dimension - 1 - axis) + 1] = radius
        weight = kernel.view(1, 1, *shape).repeat(channels, *[1] * (dimension + 1))
        image = convolve(nnf.pad(image, pad, mode="replicate"), weight, groups=channels)
    return image


def max_pool(mask: Tensor) -> Tensor:
    """The largest value of each voxel and its direct and diagonal neighbours."""
    pool = nnf.max_pool2d if mask.ndim == 4 else nnf.max_pool3d
    grown: Tensor = pool(mask, 3, stride=1, padding=1)
    return grown


def min_pool(mask: Tensor) -> Tensor:
    """The smallest value of each voxel and its direct and diagonal neighbours; beyond the image counts as 0."""
    edge = [1, 1] * (mask.ndim - 2)
    inner = (slice(None), slice(None)) + (slice(1, -1),) * (mask.ndim - 2)
    return -max_pool(-nnf.pad(mask, edge))[inner]
