"""The network of ``my_segmentation`` and what pictures become before it sees them; training and model share both."""

import torch
from monai.networks.nets import UNet
from monai.transforms import EnsureChannelFirstd, LoadImaged, Resized, ScaleIntensityRanged

SIZE = (256, 256)  # what every picture is scaled to


def make_network(classes: int) -> torch.nn.Module:
    """A 2D U-Net for three colours.

    Args:
        classes: How many there are, the background among them.
    """
    return UNet(2, 3, classes, channels=(16, 32, 64, 128), strides=(2, 2, 2), num_res_units=2, norm="batch")


def prepared(keys: tuple[str, ...]) -> list[object]:
    """The transforms that a picture, and in training its label, go through first."""
    modes = ["bilinear" if key == "image" else "nearest" for key in keys]
    return [
        LoadImaged(keys=keys),
        EnsureChannelFirstd(keys=keys),
        Resized(keys=keys, spatial_size=SIZE, mode=modes),
        ScaleIntensityRanged(keys="image", a_min=0, a_max=255, b_min=0, b_max=1, clip=True),
    ]
