"""With which arguments an object was made."""

from __future__ import annotations

import sys
import threading

import torch
from monai.inferers import Inferer, SlidingWindowInferer
from monai.networks.nets import UNet
from monai.transforms import Compose, NormalizeIntensityd, Spacingd, ToTensord, Transform

from jlabel.bundles.export.recording import ConstructorArguments


class Wide(UNet):
    """A network that hands its arguments on, one of them by another name."""

    def __init__(self, width: int, **others: object) -> None:
        super().__init__(3, 1, 2, channels=(width, 2 * width), strides=(2,), **others)


def test_what_was_given_is_known_by_name_and_defaults_are_left_out() -> None:
    with ConstructorArguments(Transform, Inferer) as made:
        step = Spacingd(("image", "label"), (1.0, 1.0, 2.0), mode=("bilinear", "nearest"))
        inferer = SlidingWindowInferer((8, 8, 8), overlap=0.25, sw_batch_size=1)
    assert made.of(step) == {"keys": ("image", "label"), "pixdim": (1.0, 1.0, 2.0), "mode": ("bilinear", "nearest")}
    assert made.of(inferer) == {"roi_size": (8, 8, 8)}
    assert made.of(inferer, whole=True)["overlap"] == 0.25


def test_a_subclass_is_known_by_its_own_arguments() -> None:
    with ConstructorArguments(torch.nn.Module) as made:
        network = Wide(4, num_res_units=1)
    assert made.of(network) == {"width": 4, "num_res_units": 1}


def test_an_object_inside_another_is_known_too() -> None:
    with ConstructorArguments(Transform) as made:
        steps = Compose([NormalizeIntensityd("image")])
    assert made.of(steps) == {"transforms": list(steps.transforms)}
    assert made.of(steps.transforms[0]) == {"keys": "image"}


def test_an_object_of_before_is_not_known_and_one_without_arguments_needs_none() -> None:
    class Bare(Transform):
        def __call__(self, data):
            return data

    before = NormalizeIntensityd("image")
    with ConstructorArguments(Transform) as made:
        pass
    assert made.of(before) is None
    assert made.of(Bare()) == {}


def test_arguments_without_a_name_are_told_apart() -> None:
    with ConstructorArguments(torch.nn.Module) as made:
        network = torch.nn.Sequential(torch.nn.ReLU())
    assert list(made.of(network)) == ["*"]


def test_it_ends_with_the_block_and_hears_this_thread_alone() -> None:
    before = sys.getprofile()
    found: list[Transform] = []
    with ConstructorArguments(Transform) as made:
        other = threading.Thread(target=lambda: found.append(ToTensord("image")))
        other.start()
        other.join()
    assert sys.getprofile() is before
    assert made.of(found[0]) is None
