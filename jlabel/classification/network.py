"""The network of a plan, and how images are prepared for it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from jlabel.classification.plan import ClassificationPlan
from jlabel.tasks.keys import Step

if TYPE_CHECKING:
    import torch

# What must not be mirrored is turned by so much at most.
_SLANTED = math.radians(15)


def make_network(plan: ClassificationPlan, classes: int) -> torch.nn.Module:
    """A small DenseNet (Huang et al. 2017, "Densely connected convolutional networks"), 150,000 weights in 2D.

    From a hundred pictures it learns in a minute of a CPU about what a small ResNet does; EfficientNet-B0, made for
    many more, is no better than guessing by then.

    Args:
        plan: What it is made for.
        classes: How many scores it gives.
    """
    from monai.networks.nets import DenseNet

    network: torch.nn.Module = DenseNet(
        spatial_dims=plan.dimension,
        in_channels=plan.colours,
        out_channels=classes,
        init_features=24,
        growth_rate=12,
        block_config=(3, 4, 6, 4),
    )
    return network


def prepare(plan: ClassificationPlan) -> list[Step]:
    """MONAI transforms that load ``"image"`` and bring it to the plan's size and intensities.

    Args:
        plan: The plan; images of another kind, volumes or pictures, are refused.
    """
    from monai.transforms import EnsureChannelFirstd, LoadImaged, Resized, ScaleIntensityRanged

    low, high = plan.window
    return [
        LoadImaged(keys="image"),
        EnsureChannelFirstd(keys="image"),
        *(_picture(plan) if plan.dimension == 2 else _volume()),
        # The mean of what becomes one voxel: nothing finer turns up as a pattern.
        Resized(keys="image", spatial_size=plan.size, mode="area"),
        ScaleIntensityRanged(keys="image", a_min=low, a_max=high, b_min=-1.0, b_max=1.0, clip=True),
    ]


def _picture(plan: ClassificationPlan) -> list[Step]:
    from jlabel.segmentation.picture_steps import Colours, PicturesOnly

    return [PicturesOnly(), Colours(plan.colours)]


def _volume() -> list[Step]:
    from monai.transforms import Orientationd

    from jlabel.segmentation.volumes_only import VolumesOnly

    return [VolumesOnly(), Orientationd(keys="image", axcodes="RAS", labels=(("L", "R"), ("P", "A"), ("I", "S")))]


def random_changes(plan: ClassificationPlan) -> list[Step]:
    """MONAI transforms that turn, mirror and scale ``"image"``, and change its light and colours.

    Args:
        plan: Says whether it may be mirrored; then a picture may be turned as far as it likes, too.
    """
    from monai.transforms import (
        RandAffined,
        RandFlipd,
        RandGaussianNoised,
        RandGaussianSmoothd,
        RandScaleIntensityd,
        RandShiftIntensityd,
    )

    flips = [RandFlipd(keys="image", prob=0.5, spatial_axis=axis) for axis in range(2)] if plan.mirrored else []
    turned: Any = math.pi if plan.mirrored and plan.dimension == 2 else (_SLANTED,) * (plan.dimension * 2 - 3)
    return [
        *(flips if plan.dimension == 2 else []),
        RandAffined(
            keys="image",
            prob=0.8,
            rotate_range=turned,
            scale_range=(-0.2, 0.3),
            translate_range=tuple(0.1 * edge for edge in plan.size),
            mode="bilinear",
            padding_mode="reflection",
        ),
        RandScaleIntensityd(keys="image", factors=0.2, prob=0.5),
        RandShiftIntensityd(keys="image", offsets=0.1, prob=0.5),
        RandScaleIntensityd(keys="image", factors=0.1, prob=0.5, channel_wise=plan.colours > 1),
        RandGaussianSmoothd(keys="image", prob=0.2, sigma_x=(0.3, 1.0), sigma_y=(0.3, 1.0), sigma_z=(0.3, 1.0)),
        RandGaussianNoised(keys="image", prob=0.2, std=0.05),
    ]
