"""The residual U-Net behind a click. It needs torch alone, so that a first answer waits for no larger library.

In the manner of nnU-Net (Isensee et al. 2021): instance norms, leaky ReLUs, strided convolutions on the way down and
transposed ones on the way up; the blocks on the way down are residual (He et al. 2016). Its modules have the names and
the order that MONAI's ``DynUNet`` gives them, so that the weights of either are weights of the other.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

_SLOPE = 0.01  # of the leaky ReLUs below 0
_CONVOLUTIONS = {2: nn.Conv2d, 3: nn.Conv3d}
_TRANSPOSED = {2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
_NORMS = {2: nn.InstanceNorm2d, 3: nn.InstanceNorm3d}


class ResidualUNet(nn.Module):
    """A U-Net from ``(batch, channels, ...)`` to one logit for each voxel, ``(batch, 1, ...)``.

    Each spatial axis of the input is a multiple of 2 ** (stages - 1).

    Args:
        dimension: 2 or 3 spatial axes.
        channels: Of the input.
        features: Of each of the stages, at least two; each stage after the first halves every axis.
        dropout: The share of features that training drops in all stages but the first, which keeps the full grid.
    """

    def __init__(self, dimension: int, channels: int, features: Sequence[int], dropout: float = 0.0) -> None:
        super().__init__()
        self.input_block = ResidualBlock(dimension, channels, features[0])
        down = [ResidualBlock(dimension, n, m, stride=2, dropout=dropout) for n, m in pairwise(features)]
        self.downsamples = nn.ModuleList(down[:-1])
        self.bottleneck = down[-1]
        drops = [0.0, *[dropout] * (len(features) - 2)]
        up = [UpBlock(dimension, m, n, share) for (n, m), share in zip(pairwise(features), drops, strict=True)]
        self.upsamples = nn.ModuleList(up[::-1])
        self.output_block = _named(_convolution(dimension, features[0], 1, kernel=1, bias=True))
        self.apply(_initialise)
        # The same blocks again, as they are nested: a state_dict holds the weights under both names.
        self.skip_layers = _nested([self.input_block, *down], up)

    def forward(self, image: Tensor) -> Tensor:
        """The logits, ``(batch, 1, ...)``."""
        logits: Tensor = self.output_block(self.skip_layers(image))
        return logits


class Stage(nn.Module):
    """A stage of the U-Net with all that lies deeper.

    Args:
        downsample: Its block on the way down.
        next_layer: The next deeper stage.
        upsample: Its block on the way up.
    """

    def __init__(self, downsample: nn.Module, next_layer: nn.Module, upsample: nn.Module) -> None:
        super().__init__()
        self.downsample = downsample
        self.next_layer = next_layer
        self.upsample = upsample

    def forward(self, before: Tensor) -> Tensor:
        """(batch, the stage's features, its grid), from what the stage above has on the way down."""
        down = self.downsample(before)
        found: Tensor = self.upsample(self.next_layer(down), down)
        return found


class Block(nn.Module):
    """Two convolutions, each with a norm and a leaky ReLU.

    Args:
        dimension: Spatial axes.
        before: Channels that go in.
        after: Channels that come out.
        stride: Of the first convolution, along every axis.
        dropout: The share of features that training drops.
    """

    def __init__(self, dimension: int, before: int, after: int, stride: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        self.conv1 = _convolution(dimension, before, after, kernel=3, stride=stride)
        self.conv2 = _convolution(dimension, after, after, kernel=3)
        self.norm1 = _NORMS[dimension](after, affine=True)
        self.norm2 = _NORMS[dimension](after, affine=True)
        # It has no weights: those of a network without it fit.
        self.dropout = nn.Dropout(dropout) if dropout else None

    def forward(self, image: Tensor) -> Tensor:
        """``(batch, after, ...)``, smaller along each axis by the stride."""
        return self.dropped(_relu(self.convolved(image)))

    def dropped(self, features: Tensor) -> Tensor:
        """What training leaves of the features."""
        if self.dropout is None:
            return features
        left: Tensor = self.dropout(features)
        return left

    def convolved(self, image: Tensor) -> Tensor:
        """What comes before the last leaky ReLU."""
        found: Tensor = self.norm2(self.conv2(_relu(self.norm1(self.conv1(image)))))
        return found


class ResidualBlock(Block):
    """A block whose input is added before the last leaky ReLU, through a convolution of its own where shapes differ."""

    def __init__(self, dimension: int, before: int, after: int, stride: int = 1, dropout: float = 0.0) -> None:
        super().__init__(dimension, before, after, stride, dropout)
        self.projected = stride != 1 or before != after
        if self.projected:
            self.conv3 = _convolution(dimension, before, after, kernel=1, stride=stride)
            self.norm3 = _NORMS[dimension](after, affine=True)

    def forward(self, image: Tensor) -> Tensor:
        """``(batch, after, ...)``, smaller along each axis by the stride."""
        added = self.norm3(self.conv3(image)) if self.projected else image
        return self.dropped(_relu(self.convolved(image) + added))


class UpBlock(nn.Module):
    """Brings what lies deeper to the stage's grid and joins it with what the stage has on the way down.

    Args:
        dimension: Spatial axes.
        deeper: Channels of the next deeper stage.
        here: Channels of this one.
        dropout: The share of features that training drops.
    """

    def __init__(self, dimension: int, deeper: int, here: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.transp_conv = _named(_TRANSPOSED[dimension](deeper, here, kernel_size=2, stride=2, bias=False))
        self.conv_block = Block(dimension, 2 * here, here, dropout=dropout)

    def forward(self, deeper: Tensor, down: Tensor) -> Tensor:
        """``(batch, here, ...)``, from ``(batch, deeper, ...)`` of half the size and ``(batch, here, ...)``."""
        found: Tensor = self.conv_block(torch.cat((self.transp_conv(deeper), down), dim=1))
        return found


def _nested(down: Sequence[nn.Module], up: Sequence[nn.Module]) -> nn.Module:
    """The stages one in the other: the blocks of both ways from the top, of which the deepest has no way up."""
    return Stage(down[0], _nested(down[1:], up[1:]), up[0]) if up else down[0]


def _convolution(
    dimension: int, before: int, after: int, kernel: int, stride: int = 1, bias: bool = False
) -> nn.Module:
    """A convolution that keeps the grid or divides it by the stride."""
    return _named(_CONVOLUTIONS[dimension](before, after, kernel, stride, padding=kernel // 2, bias=bias))


def _named(module: nn.Module) -> nn.Module:
    """The module under the name ``conv``."""
    return nn.Sequential(OrderedDict(conv=module))


def _relu(values: Tensor) -> Tensor:
    """Leaky, and in place: nobody else needs what a norm or a sum gives."""
    return nn.functional.leaky_relu(values, _SLOPE, inplace=True)


def _initialise(module: nn.Module) -> None:
    """Normal weights that keep the deviation of the features through leaky ReLUs (He et al. 2015), and no biases."""
    if isinstance(module, nn.Conv2d | nn.Conv3d | nn.ConvTranspose2d | nn.ConvTranspose3d):
        nn.init.kaiming_normal_(module.weight, a=_SLOPE)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
