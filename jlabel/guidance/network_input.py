"""How images and clicks become the input of a network that sees both: the same in training and afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from jlabel.guidance.click_channels import guidance_map
from jlabel.prompts.prompt import Position
from jlabel.segmentation.network import intensities
from jlabel.segmentation.plan import Plan
from jlabel.tasks.keys import IMAGE, Step

if TYPE_CHECKING:
    import torch

#: Of the Gaussians at the clicks, in voxels of the network's input.
SIGMA = 2.0


def prepare_slices(keys: tuple[str, ...], plan: Plan, scale: tuple[float, float] | None = None) -> list[Step]:
    """MONAI transforms that load ``"image"``, a picture or a slice as one, in the plan's spacing and intensities.

    Args:
        keys: What to load.
        plan: Of a 2D network; its third axis is passed by.
        scale: As for :func:`jlabel.segmentation.network.intensities`.
    """
    from monai.transforms import EnsureChannelFirstd, LoadImaged, Spacingd

    from jlabel.segmentation.picture_steps import Colours

    modes = tuple("bilinear" if key == IMAGE else "nearest" for key in keys)
    return [
        LoadImaged(keys=keys),
        EnsureChannelFirstd(keys=keys),
        Colours(plan.colours),
        Spacingd(keys=keys, pixdim=(*plan.spacing[:2], -1.0), mode=modes),
        *intensities(plan, scale),
    ]


def place(position: Position, source: Any, target: Any) -> list[float]:
    """Where a voxel of one grid lies in another, in voxels.

    Args:
        position: In voxels of the first grid, two or three indices.
        source: The first grid's affine, at least as large as the position needs.
        target: The other's.
    """
    axes = len(position)
    there = np.linalg.inv(np.asarray(target, dtype=float)) @ np.asarray(source, dtype=float)
    size = there.shape[0] - 1
    point = np.array([*position, *(0,) * (size - axes), 1.0])
    return [float(value) for value in (there @ point)[:axes]]


def with_clicks(image: torch.Tensor, clicks: Sequence[Sequence[Sequence[float]]], sigma: float) -> torch.Tensor:
    """The network's input: the image with a guidance channel for each list of clicks.

    Args:
        image: ``(channel, ...)``.
        clicks: Positions in voxels of the image, for each guidance channel.
        sigma: Of the Gaussians.
    """
    import torch

    maps = [torch.from_numpy(guidance_map(positions, tuple(image.shape[1:]), sigma)) for positions in clicks]
    return torch.cat([image, torch.stack(maps).to(image.dtype)])
