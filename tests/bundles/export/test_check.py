"""Whether a configuration makes the network that was trained."""

from __future__ import annotations

import pytest
import torch
from monai.networks.nets import UNet

from jlabel.bundles.export.check import check_network
from jlabel.errors import TaskError

IMPORTS = {"imports": ["$import numpy"]}
UNET = {"spatial_dims": 3, "in_channels": 1, "out_channels": 2, "channels": [4, 8], "strides": [2]}


def network() -> torch.nn.Module:
    torch.manual_seed(3)
    return UNet(**UNET).eval()


@pytest.mark.parametrize("patch", [[8, 6, 4], 8, [256, 256, 256], None])
def test_the_same_network_passes(patch) -> None:
    check_network({**IMPORTS, "network_def": {"_target_": "UNet", **UNET}}, network(), patch)


@pytest.mark.parametrize(
    ("network_def", "why"),
    [
        ({"_target_": "UNet", **UNET, "channels": [4, 4]}, r"cannot be made from its configuration \(RuntimeError"),
        ({"_target_": "NoSuchNet"}, "cannot be made from its configuration"),
        ({"_target_": "UNet", **UNET, "act": "relu"}, "cannot be made from its configuration"),
        ({"_target_": "UNet", **UNET, "act": ["leakyrelu", {"negative_slope": 0.3}]}, "cannot be made from"),
        ({"_target_": "UNet", **UNET, "norm": ["instance", {"eps": 0.5}]}, "gives another answer"),
    ],
    ids=["other features", "unknown", "other weights", "other activation", "other norm"],
)
def test_another_network_is_refused(network_def, why) -> None:
    with pytest.raises(TaskError, match=rf"the network UNet {why}.*network=\{{'_target_'"):
        check_network({**IMPORTS, "network_def": network_def}, network(), [8, 8, 8])


def test_a_patch_that_the_strides_do_not_divide_is_refused() -> None:
    with pytest.raises(TaskError, match=r"sees \[8, 7, 8\] voxels at once, which its strides do not divide"):
        check_network({**IMPORTS, "network_def": {"_target_": "UNet", **UNET}}, network(), [8, 7, 8])
