"""The part of an image that a network looks at, there and back."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from jlabel.click.inputs import network_input
from jlabel.click.network import DESIGNS
from jlabel.click.view import View, draw_prompts
from jlabel.imaging.region import Region
from jlabel.prompts.prompt import Box, Click, Lasso, Scribble


@st.composite
def views(draw, ndim):
    """A view somewhere in a small image, and the image's shape and spacing."""
    most = 60 if ndim == 2 else 20
    shape = tuple(draw(st.integers(1, most)) for _ in range(ndim))
    spacing = tuple(draw(st.sampled_from([0.5, 1.0, 1.3, 3.0])) for _ in range(ndim))
    centre = tuple(draw(st.integers(0, n - 1)) for n in shape)
    edge = draw(st.floats(8, 80))
    return View.around(centre, edge, spacing, shape, draw(st.sampled_from([16, 40, 64]))), shape, centre


@settings(max_examples=120)
@given(drawn=st.one_of(views(2), views(3)))
def test_a_view_lies_in_the_image_and_holds_its_centre(drawn):
    view, shape, centre = drawn
    assert Region.whole(shape).contains(view.region)
    assert view.region.contains(Region.around([centre]))
    assert view.region.size > 0
    for n, padded in zip(view.grid, view.padded, strict=True):
        assert 1 <= n <= padded < n + 16
        assert padded % 16 == 0


@pytest.mark.parametrize(("centre", "lower"), [((0, 0), (0, 0)), ((99, 99), (68, 68)), ((50, 2), (34, 0))])
def test_a_view_at_the_image_s_border_is_moved_inward_and_keeps_its_size(centre, lower):
    view = View.around(centre, 32, (1, 1), (100, 100), 64)
    assert view.region == Region(lower, tuple(n + 32 for n in lower))
    assert view.grid == (64, 64)


def test_an_image_smaller_than_the_view_is_seen_as_a_whole_at_the_same_scale():
    view = View.around((5, 10), 80, (1, 1), (10, 20), 160)
    assert view.region == Region.whole((10, 20))
    assert view.grid == (20, 40)
    assert view.padded == (32, 48)


def test_thick_slices_have_fewer_voxels_along_their_axis():
    view = View.around((30, 30, 5), 32, (1, 1, 4), (60, 60, 10), 32)
    assert view.region.shape == (32, 32, 8)
    assert view.grid == (32, 32, 32)


@settings(max_examples=60)
@given(drawn=st.one_of(views(2), views(3)), seed=st.integers(0, 5))
def test_a_mask_brought_to_the_grid_and_back_differs_by_a_voxel_at_most(drawn, seed):
    view, _, _ = drawn
    shape = view.region.shape
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=shape), max(shape) / 4)
    mask = noise > np.median(noise)
    back = view.back(view.mask(mask) * 2 - 1) > 0
    # A voxel of the grid or of the image, whichever is larger.
    reach = [int(np.ceil(n / m)) + 1 for n, m in zip(shape, view.grid, strict=True)]
    near = np.ones([2 * r + 1 for r in reach], dtype=bool)
    assert not (back & ~ndimage.binary_dilation(mask, near)).any()
    assert not (~back & ndimage.binary_erosion(mask, near, border_value=1)).any()


@settings(max_examples=80)
@given(drawn=st.one_of(views(2), views(3)), data=st.data())
def test_a_click_lands_in_the_voxel_that_holds_it(drawn, data):
    view, _, _ = drawn
    place = tuple(
        data.draw(st.integers(low, up - 1)) for low, up in zip(view.region.lower, view.region.upper, strict=True)
    )
    design = DESIGNS[len(place)]
    positive, negative, region = draw_prompts(view, [Click(place)], design)
    assert positive.shape == (1, 1, *view.padded)
    assert not negative.any()
    assert not region.any()
    marked = positive[0, 0].nonzero().float()
    expected = torch.tensor(view.place(place))
    nearest = ((marked - expected) ** 2).sum(dim=1).sqrt().min()
    assert nearest <= 0.5 * len(place) ** 0.5 + 1e-4
    assert ((marked - expected) ** 2).sum(dim=1).sqrt().max() <= design.disc + 0.5 * len(place) ** 0.5 + 1e-4
    inside = [0 <= p + 0.5 <= n for p, n in zip(view.place(place), view.grid, strict=True)]
    assert all(inside)


def test_prompts_outside_the_view_are_left_out():
    view = View.around((50, 50), 32, (1, 1), (100, 100), 64)
    drawn = draw_prompts(view, [Click((2, 2)), Scribble(((90, 3), (90, 4)), False)], DESIGNS[2])
    assert not any(channel.any() for channel in drawn)


def test_a_later_prompt_wins_where_two_meet():
    view = View.around((32, 32), 64, (1, 1), (64, 64), 64)
    positive, negative, _ = draw_prompts(view, [Click((32, 32)), Click((32, 32), False)], DESIGNS[2])
    assert not positive.any()
    assert negative[0, 0, 32, 32]


def test_a_scribble_is_thinner_than_a_click_and_as_long_as_it_was_drawn():
    view = View.around((32, 32), 64, (1, 1), (64, 64), 64)
    line = Scribble(tuple((32, j) for j in range(10, 50)), False)
    _, negative, _ = draw_prompts(view, [line], DESIGNS[2])
    assert negative[0, 0, 32, 10:50].all()
    click, _, _ = draw_prompts(view, [Click((32, 32))], DESIGNS[2])
    assert negative[0, 0, :, 30].sum() < click[0, 0, :, 32].sum()


def test_a_box_fills_its_voxels_and_is_cut_to_the_view():
    view = View.around((32, 32), 64, (1, 1), (64, 64), 64)
    _, _, region = draw_prompts(view, [Box((10, 20), (19, 39))], DESIGNS[2])
    assert region[0, 0].nonzero().amin(dim=0).tolist() == [10, 20]
    assert region[0, 0].nonzero().amax(dim=0).tolist() == [19, 39]
    near = View.around((10, 10), 16, (1, 1), (64, 64), 32)
    _, _, region = draw_prompts(near, [Box((0, 0), (63, 63))], DESIGNS[2])
    assert region.all()


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_lasso_in_a_volume_fills_one_slice(axis):
    view = View.around((16, 16, 16), 32, (1, 1, 1), (32, 32, 32), 32)
    corners = [(8, 8), (8, 24), (24, 24), (24, 8)]
    points = tuple(tuple(np.insert(corner, axis, 12)) for corner in corners)
    positive, negative, region = draw_prompts(view, [Lasso(points, axis)], DESIGNS[3])
    assert not positive.any()
    assert not negative.any()
    assert region[0, 0].nonzero()[:, axis].unique().tolist() == [12]
    assert 200 < region.sum() < 320
    _, negative, _ = draw_prompts(view, [Lasso(points, axis, positive=False)], DESIGNS[3])
    assert torch.equal(negative, region)


@pytest.mark.parametrize(("shape", "dimension"), [((50, 40), 2), ((50, 40, 3), 2), ((20, 24, 28), 3)])
def test_grey_and_coloured_images_become_what_the_design_takes(shape, dimension):
    design = DESIGNS[dimension]
    spatial = shape[:dimension]
    array = np.random.default_rng(0).integers(0, 255, shape).astype(np.uint8)
    view = View.around([n / 2 for n in spatial], max(spatial), (1,) * dimension, spatial, design.size)
    image = view.image(array, design)
    assert image.shape == (1, design.colours, *view.padded)
    assert image.abs().max() <= 1.25
    if len(shape) == dimension:
        assert torch.equal(image[:, :1].expand_as(image), image)
    else:
        assert not torch.equal(image[:, 0], image[:, 1])
    one = torch.zeros(1, 1, *view.padded)
    assert network_input(image, one, one, one, one).shape == (1, design.channels, *view.padded)


def test_what_is_no_number_is_filled_in():
    array = np.random.default_rng(0).normal(size=(32, 32)).astype(np.float32)
    array[::3, ::5], array[4, 4] = np.nan, np.inf
    view = View.around((16, 16), 32, (1, 1), (32, 32), 64)
    assert torch.isfinite(view.image(array, DESIGNS[2])).all()
    assert torch.isfinite(view.image(np.full((32, 32), np.nan), DESIGNS[2])).all()
