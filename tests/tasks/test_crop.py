"""The part of an image that a task works on, and what is found there."""

from __future__ import annotations

import numpy as np
import pytest

from jlabel.imaging.region import Region
from jlabel.prompts.prompt import Box, Click, InitialMask
from jlabel.tasks.crop import Crop, Found, is_cut_off, pointed_region


def test_the_shape_of_a_crop_has_no_colours() -> None:
    region = Region((0, 0, 4), (6, 5, 5))
    colours = Crop(np.zeros((6, 5, 3), np.uint8), (1.0, 1.0), (), region, dropped=2)
    assert (colours.ndim, colours.shape) == (2, (6, 5))
    volume = Crop(np.zeros((6, 5, 1)), (1.0, 1.0, 2.0), (), region, dropped=None)
    assert (volume.ndim, volume.shape) == (3, (6, 5, 1))


def test_a_mask_to_start_from_counts_only_where_nothing_was_pointed_at() -> None:
    mask = np.zeros((20, 20, 20), bool)
    mask[2:18, 2:18, 2:18] = True
    start = InitialMask(mask)
    assert pointed_region([start]) == Region((2, 2, 2), (18, 18, 18))
    assert pointed_region([start, Click((5, 5, 5)), Box((4, 4, 5), (6, 5, 5))]) == Region((4, 4, 5), (7, 6, 6))
    assert pointed_region([]) is None


REGION = Region((10, 0, 4), (20, 10, 5))


@pytest.mark.parametrize(
    ("voxel", "cut_off"),
    [
        ((0, 5, 0), True),
        ((9, 5, 0), True),
        ((5, 9, 0), True),
        # At the image's own edge.
        ((5, 0, 0), False),
        # The region has one slice along the last axis, which is no edge.
        ((5, 5, 0), False),
    ],
)
def test_a_structure_is_cut_off_where_the_region_ends_and_the_image_does_not(
    voxel: tuple[int, int, int], cut_off: bool
) -> None:
    inside = np.zeros(REGION.shape, bool)
    inside[voxel] = True
    assert is_cut_off(Found(REGION, inside), (40, 40, 40)) is cut_off


def test_nothing_is_never_cut_off() -> None:
    assert not is_cut_off(Found(REGION, np.zeros(REGION.shape, bool)), (40, 40, 40))
