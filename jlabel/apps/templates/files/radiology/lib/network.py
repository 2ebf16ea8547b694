"""The network of ``my_segmentation`` and what images become before it sees them; training and model share both."""

import torch
from monai.networks.nets import UNet
from monai.transforms import EnsureChannelFirstd, LoadImaged, NormalizeIntensityd, Orientationd, Spacingd

PATCH = (64, 64, 64)  # voxels that the network sees at once
SPACING = (1.5, 1.5, 1.5)  # mm


def make_network(classes: int) -> torch.nn.Module:
    """A 3D U-Net.

    Args:
        classes: How many there are, the background among them.
    """
    return UNet(3, 1, classes, channels=(16, 32, 64, 128), strides=(2, 2, 2), num_res_units=2)


def prepared(keys: tuple[str, ...]) -> list[object]:
    """The transforms that an image, and in training its label, go through first."""
    modes = ["bilinear" if key == "image" else "nearest" for key in keys]
    return [
        LoadImaged(keys=keys),
        EnsureChannelFirstd(keys=keys),
        Orientationd(keys=keys, axcodes="RAS", labels=None),
        Spacingd(keys=keys, pixdim=SPACING, mode=modes),
        NormalizeIntensityd(keys="image", nonzero=True),
    ]
