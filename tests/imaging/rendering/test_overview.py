from __future__ import annotations

import numpy as np
import pytest

from jlabel.imaging import Image
from jlabel.imaging.rendering.overview import overview

AFFINE = np.diag([2.0, 3.0, 4.0, 1.0])


def test_an_overview_lies_where_the_image_lies():
    array = np.zeros((10, 8, 6), np.int16)
    array[4:6, 2:4, 0:2] = 800
    small = overview(Image(array, AFFINE), finest=5)
    assert small.array.shape == (5, 4, 3)
    assert np.argwhere(small.array > 0).tolist() == [[2, 1, 0]]
    np.testing.assert_allclose(small.affine @ [2, 1, 0, 1], AFFINE @ [4.5, 2.5, 0.5, 1])


def test_it_is_shown_through_the_window():
    array = np.array([-100, 0, 50, 100, 300], np.int16).reshape(5, 1, 1)
    image = Image(array, AFFINE)
    assert overview(image).windowed(0, 100).ravel().tolist() == [0, 0, 128, 255, 255]
    turned = Image(array, AFFINE, inverted=True)
    assert overview(turned).windowed(0, 100).ravel().tolist() == [255, 255, 127, 0, 0]


def test_colours_become_their_brightness_and_what_is_not_finite_is_the_lowest():
    colours = np.zeros((1, 1, 2, 3), np.uint8)
    colours[0, 0, 1] = (255, 255, 255)
    assert overview(Image(colours, AFFINE, "rgb")).windowed(0, 255).ravel().tolist() == [0, 255]
    odd = np.array([np.nan, np.inf, 9, 2], np.float32).reshape(4, 1, 1)
    assert overview(Image(odd, AFFINE)).array.ravel().tolist() == [2, 2, 9, 2]
    assert overview(Image(odd, AFFINE), finest=2).array.ravel().tolist() == [5.5, 5.5]
    assert not overview(Image(np.full((2, 2, 2), np.nan, np.float32), AFFINE)).array.any()


def test_a_picture_has_no_overview():
    with pytest.raises(ValueError, match="picture"):
        overview(Image(np.zeros((3, 3), np.uint8), np.eye(4)))
