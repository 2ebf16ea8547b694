"""What a network is shown of an image at once."""

from __future__ import annotations

import pytest
import torch

from jlabel.segmentation.plan import Plan
from jlabel.segmentation.windows import window_inferer


def plan(dimension: int) -> Plan:
    patch = (16, 16, 16 if dimension == 3 else 1)
    return Plan((1.0, 1.0, 1.0), patch, (), (8,), None, dimension=dimension)


class Watcher:
    """A network that says what it is shown, and remembers the sizes."""

    def __init__(self) -> None:
        self.sizes: set[tuple[int, ...]] = set()

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        self.sizes.add(tuple(inputs.shape[2:]))
        return inputs * 2


@pytest.mark.parametrize("size", [(10, 12), (48, 48), (48, 7)])
def test_a_picture_of_up_to_three_patches_is_seen_whole(size: tuple[int, int]) -> None:
    network, picture = Watcher(), torch.rand(1, 3, *size)
    found = window_inferer(plan(2), overlap=0.25)(picture, network)
    torch.testing.assert_close(found, picture * 2)
    assert network.sizes == {size}


def test_of_a_larger_picture_it_sees_windows_no_larger_than_that() -> None:
    network, picture = Watcher(), torch.rand(1, 3, 100, 30)
    found = window_inferer(plan(2), overlap=0.25)(picture, network)
    torch.testing.assert_close(found, picture * 2)
    assert network.sizes == {(48, 30)}


def test_of_a_volume_it_sees_patches() -> None:
    network, volume = Watcher(), torch.rand(1, 1, 24, 16, 20)
    found = window_inferer(plan(3), overlap=0.25)(volume, network)
    torch.testing.assert_close(found, volume * 2)
    assert network.sizes == {(16, 16, 16)}
