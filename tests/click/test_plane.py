"""A picture, a volume or one of its slices, as a network works in it."""

from __future__ import annotations

import numpy as np
import pytest

from jlabel.click.network import DESIGNS
from jlabel.click.plane import ROOM, Plane
from jlabel.imaging.image import Image
from jlabel.imaging.region import Region
from jlabel.prompts.prompt import Box, Click, InitialMask, Scribble


@pytest.fixture
def volume():
    return Image(np.arange(10 * 12 * 14, dtype=np.int16).reshape(10, 12, 14), np.diag([1.0, 2.0, 3.0, 1.0]))


def test_a_volume_is_taken_as_it_is_without_initial_masks(ask, volume):
    prompts = (InitialMask(np.ones(volume.shape, dtype=bool)), Click((3, 4, 5)))
    plane = Plane.of(ask(volume, *prompts), prompts, None)
    assert plane.array is volume.array
    assert plane.spacing == (1.0, 2.0, 3.0)
    assert plane.prompts == (Click((3, 4, 5)),)
    assert plane.region(Region((1, 2, 3), (4, 5, 6))) == Region((1, 2, 3), (4, 5, 6))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_slice_is_that_of_the_newest_prompt_and_its_masks_go_back_to_it(ask, volume, axis):
    prompts = (Click((2, 3, 4)), Scribble(((6, 7, 8), (6, 7, 8)), False))
    plane = Plane.of(ask(volume, *prompts), prompts, axis)
    index = (6, 7, 8)[axis]
    assert np.array_equal(plane.array, volume.array.take(index, axis=axis))
    assert plane.shape == tuple(n for a, n in enumerate(volume.shape) if a != axis)
    assert plane.spacing == tuple(s for a, s in enumerate(volume.spacing) if a != axis)
    assert plane.prompts[0] == Click(tuple(np.delete((2, 3, 4), axis)))
    region = plane.region(Region((1, 2), (5, 9)))
    assert (region.lower[axis], region.upper[axis]) == (index, index + 1)
    mask = np.random.default_rng(0).random((4, 7)) > 0.5
    assert plane.solid(mask).shape == region.shape
    assert np.array_equal(plane.flat(plane.solid(mask)), mask)


def test_the_shape_of_a_picture_in_colours_has_no_colours(ask):
    image = Image(np.zeros((20, 30, 3), np.uint8), np.eye(4), channels="rgb", oriented=False)
    prompts = (Click((3, 4)),)
    plane = Plane.of(ask(image, *prompts), prompts, None)
    assert plane.shape == (20, 30)
    assert plane.array.shape == (20, 30, 3)


def view_of(ask, shape, *prompts, mask=None, extent=0.0, spacing=1.0):
    affine = np.diag([spacing] * len(shape) + [1.0] * (4 - len(shape)))
    plane = Plane.of(ask(Image(np.zeros(shape, np.float32), affine), *prompts), prompts, None)
    return plane.view(DESIGNS[len(shape)], mask, extent)


@pytest.mark.parametrize("shape", [(200, 200), (60, 60, 60)])
def test_a_click_alone_is_seen_with_the_least_room(ask, shape):
    view = view_of(ask, shape, Click((30,) * len(shape)))
    assert view.region.shape == (24,) * len(shape)
    assert view.region.contains(Region.around([(30,) * len(shape)]))


def test_a_view_holds_the_mask_and_all_prompts_with_room_about_them(ask, ball):
    mask = ball((300, 300), (150, 150), 30)
    view = view_of(ask, mask.shape, Click((150, 150)), mask=mask)
    assert view.region.contains(Region((105, 105), (195, 195)))
    assert max(view.region.shape) <= 61 * ROOM + 1
    far = view_of(ask, mask.shape, Click((150, 150)), Click((20, 280), False), mask=mask)
    assert far.region.contains(Region((20, 120), (181, 281)))


def test_a_known_extent_widens_the_view(ask):
    assert view_of(ask, (300, 300), Click((150, 150)), extent=60).region.shape == (round(60 * ROOM),) * 2
    assert view_of(ask, (300, 300), Click((150, 150)), extent=60, spacing=2.0).region.shape == (round(30 * ROOM),) * 2


def test_a_view_is_never_wider_than_the_image_s_longest_edge(ask):
    view = view_of(ask, (40, 90), Box((2, 2), (35, 80)))
    assert view.region == Region.whole((40, 90))
    assert view.grid == (round(40 / 90 * DESIGNS[2].size), DESIGNS[2].size)


def test_without_a_prompt_or_a_mask_all_of_the_image_is_seen(ask):
    start = InitialMask(np.zeros((50, 50), dtype=bool))
    assert view_of(ask, (50, 50), start, mask=start.mask).region == Region.whole((50, 50))


def test_a_negative_click_beside_the_positive_one_says_that_a_wide_mask_is_far_too_large(ask, ball):
    image = Image(np.zeros((120, 120), np.float32), np.eye(4))

    def said(*prompts, radius=45):
        return Plane.of(ask(image, *prompts), prompts, None).far_too_large(ball(image.shape, (60, 60), radius))

    inner, beside, border = Click((60, 60)), Click((60, 66), False), Click((60, 101), False)
    assert said(inner, beside)
    assert not said(inner, border)
    assert not said(inner, beside, radius=7)
    assert not said(inner, Click((60, 66)))
    assert not said(inner, Scribble(((60, 66),), False))
    assert not said(beside)


def test_padding_counts_as_the_lowest_other_value(ask, volume):
    padded = Image(np.where(volume.array < 100, -2000, volume.array), volume.affine, padding=(-2000, -2000))
    whole = Plane.of(ask(padded, Click((3, 4, 5))), (Click((3, 4, 5)),), None)
    assert whole.array.min() == 100
    assert Plane.of(ask(padded, Click((0, 4, 5))), (Click((0, 4, 5)),), 0).array.min() == 100
