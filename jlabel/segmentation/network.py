"""The network of a plan, and how images are prepared for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from jlabel.segmentation.plan import Plan
from jlabel.tasks.infer import Step

if TYPE_CHECKING:
    import torch

_GIB = 1024**3


def make_network(plan: Plan, classes: int) -> torch.nn.Module:
    """A residual 3D U-Net with one output channel for each class, the background first."""
    from monai.networks.nets import UNet

    network: torch.nn.Module = UNet(
        spatial_dims=3,
        in_channels=1,
        out_channels=classes,
        channels=plan.channels,
        strides=plan.strides,
        num_res_units=1,
        norm="INSTANCE",
    )
    return network


def prepare(keys: tuple[str, ...], plan: Plan) -> list[Step]:
    """MONAI transforms that load ``"image"``, and ``"label"`` if asked for, in the plan's spacing and intensities."""
    from monai.transforms import (
        CastToTyped,
        EnsureChannelFirstd,
        LoadImaged,
        NormalizeIntensityd,
        Orientationd,
        ScaleIntensityRanged,
        Spacingd,
    )

    modes = tuple("bilinear" if key == "image" else "nearest" for key in keys)
    steps: list[Any] = [
        LoadImaged(keys=keys),
        EnsureChannelFirstd(keys=keys),
        Orientationd(keys=keys, axcodes="RAS", labels=(("L", "R"), ("P", "A"), ("I", "S"))),
        Spacingd(keys=keys, pixdim=plan.spacing, mode=modes, dtype=np.float32),
        # What is kept of many images is small: a label needs no fractions.
        *([CastToTyped(keys="label", dtype=np.int16)] if "label" in keys else []),
    ]
    if plan.window is None:
        return [*steps, NormalizeIntensityd(keys="image")]
    low, high = plan.window
    return [*steps, ScaleIntensityRanged(keys="image", a_min=low, a_max=high, b_min=0.0, b_max=1.0, clip=True)]


def patch_budget(device: torch.device) -> int:
    """How many voxels the network may see at once: what a CPU does in about a second, or what fits a GPU's memory."""
    if device.type == "cuda":
        import torch

        memory = torch.cuda.get_device_properties(device).total_memory
        return 128**3 if memory >= 10 * _GIB else 96**3
    return 64**3 if _memory() >= 4 * _GIB else 48**3


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 4 * _GIB
