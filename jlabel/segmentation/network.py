"""The network of a plan, and how images are prepared for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jlabel.resources import available_memory
from jlabel.segmentation.plan import Plan
from jlabel.tasks.keys import Step

if TYPE_CHECKING:
    import torch

_GIB = 1024**3
# Memory with which a CPU's patch need not be smaller; taken to be there where the system does not tell.
_ENOUGH = 4 * _GIB


def make_network(plan: Plan, classes: int, inputs: int = 1, dimension: int = 3) -> torch.nn.Module:
    """A residual U-Net, for input of any size.

    Args:
        plan: What it is made for; a 2D network passes by the third axis.
        classes: Output channels: one for each class, the background first.
        inputs: Input channels.
        dimension: 2 or 3.
    """
    from jlabel.segmentation.any_size import AnySizeUNet

    if plan.click_network:
        from jlabel.segmentation.click_network import PictureNetwork

        return PictureNetwork(inputs, classes, plan.dropout)
    network: torch.nn.Module = AnySizeUNet(
        spatial_dims=dimension,
        in_channels=inputs,
        out_channels=classes,
        channels=plan.channels,
        strides=[stride[:dimension] for stride in plan.strides],
        num_res_units=1,
        norm="INSTANCE",
        dropout=plan.dropout,
    )
    # The first and last stage, at full resolution, keep all features: what is dropped is in the deeper ones, where it
    # serves best (Kendall et al. 2015, "Bayesian SegNet"), and passes with dropout begin behind the costliest stage.
    stages: Any = network.model
    for part in (*stages[0].modules(), *stages[-1].modules()) if plan.dropout else ():
        if "Dropout" in type(part).__name__:
            part.p = 0.0
    return network


def prepare(keys: tuple[str, ...], plan: Plan, scale: tuple[float, float] | None = None) -> list[Step]:
    """MONAI transforms that load ``"image"``, and ``"label"`` if asked for, in the plan's spacing and intensities.

    Args:
        keys: What to load.
        plan: The plan; of ``dimension`` 2 for pictures, whose colours become the plan's.
        scale: As for :func:`intensities`.
    """
    from monai.transforms import CastToTyped, EnsureChannelFirstd, LoadImaged

    steps: list[Any] = [
        LoadImaged(keys=keys),
        EnsureChannelFirstd(keys=keys),
        *(_volume_in_spacing(keys, plan) if plan.dimension == 3 else _picture_in_spacing(keys, plan)),
        # What is kept of many images is small: a label needs no fractions.
        *([CastToTyped(keys="label", dtype=np.int32 if plan.objects else np.int16)] if "label" in keys else []),
    ]
    return [*steps, *intensities(plan, scale)]


def _volume_in_spacing(keys: tuple[str, ...], plan: Plan) -> list[Step]:
    from monai.transforms import Orientationd, Spacingd

    from jlabel.segmentation.volumes_only import VolumesOnly

    return [
        VolumesOnly(),
        Orientationd(keys=keys, axcodes="RAS", labels=(("L", "R"), ("P", "A"), ("I", "S"))),
        Spacingd(keys=keys, pixdim=plan.spacing, mode=_modes(keys), dtype=np.float32),
    ]


def _picture_in_spacing(keys: tuple[str, ...], plan: Plan) -> list[Step]:
    from monai.transforms import Spacingd

    from jlabel.segmentation.picture_steps import Colours, PicturesOnly, SmoothForSpacing

    spacing = plan.spacing[:2]
    return [
        PicturesOnly(),
        Colours(plan.colours),
        SmoothForSpacing(spacing),
        Spacingd(keys=keys, pixdim=(*spacing, -1.0), mode=_modes(keys), dtype=np.float32),
    ]


def _modes(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("bilinear" if key == "image" else "nearest" for key in keys)


def intensities(plan: Plan, scale: tuple[float, float] | None = None) -> list[Step]:
    """MONAI transforms that bring the values of ``"image"`` to those of the plan.

    Args:
        plan: The plan.
        scale: What becomes 0, and how much more becomes 1, where the plan has no window; mean and deviation of the
            image at hand if not given.
    """
    from monai.transforms import NormalizeIntensityd, ScaleIntensityRanged

    if plan.window is None:
        mean, deviation = (None, None) if scale is None else scale
        return [NormalizeIntensityd(keys="image", subtrahend=mean, divisor=deviation)]
    low, high = plan.window
    return [ScaleIntensityRanged(keys="image", a_min=low, a_max=high, b_min=0.0, b_max=1.0, clip=True)]


def random_changes(keys: tuple[str, str]) -> list[Step]:
    """MONAI transforms that turn and scale an image and its label a little, and change its intensities.

    Args:
        keys: The image and the label.
    """
    from monai.transforms import (
        RandAdjustContrastd,
        RandAffined,
        RandGaussianNoised,
        RandScaleIntensityd,
        RandShiftIntensityd,
    )

    image = keys[0]
    return [
        RandAffined(
            keys=keys,
            prob=0.5,
            rotate_range=(0.26, 0.26, 0.26),
            scale_range=(0.15, 0.15, 0.15),
            mode=("bilinear", "nearest"),
            padding_mode="border",
        ),
        RandGaussianNoised(keys=image, prob=0.2, std=0.1),
        RandScaleIntensityd(keys=image, factors=0.25, prob=0.3),
        RandShiftIntensityd(keys=image, offsets=0.2, prob=0.3),
        RandAdjustContrastd(keys=image, prob=0.2, gamma=(0.7, 1.5)),
    ]


def patch_budget(device: torch.device) -> int:
    """How many voxels the network may see at once: what a CPU does in about a second, or what fits a GPU's memory."""
    if device.type == "cuda":
        import torch

        memory = torch.cuda.get_device_properties(device).total_memory
        return 128**3 if memory >= 10 * _GIB else 96**3
    return 64**3 if (available_memory() or _ENOUGH) >= _ENOUGH else 48**3
