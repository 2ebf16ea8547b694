"""Flood fill."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from jlabel.editing import fill_alike, fill_label
from jlabel.errors import Cancelled, EditError
from jlabel.progress import Progress
from tests.editing.shapes import LABEL, SPACING, apply, ball, masks


@given(st.data())
def test_what_is_connected_with_the_seed_gets_the_label(data: st.DataObject) -> None:
    mask = data.draw(masks())
    seed = tuple(data.draw(st.integers(0, n - 1)) for n in mask.shape)
    if mask[seed] == 5:
        return
    after = apply(mask, fill_label(mask, seed, 5))
    parts, _ = ndimage.label(mask == mask[seed])
    np.testing.assert_array_equal(after == 5, parts == parts[seed])


def test_a_fill_in_the_slice_stays_in_it() -> None:
    mask = np.zeros((6, 7, 8), np.uint8, order="F")
    after = apply(mask, fill_label(mask, (1, 2, 3), LABEL, axis=1))
    assert after[:, 2].all()
    assert np.count_nonzero(after) == 6 * 8


def test_a_winding_way_is_followed_far_beyond_the_first_look() -> None:
    mask = np.zeros((200, 200), np.uint8, order="F")
    mask[1::4, :-1] = mask[3::4, 1:] = 2
    after = apply(mask, fill_label(mask, (0, 0), LABEL))
    np.testing.assert_array_equal(after == LABEL, mask == 0)


def test_filling_what_has_the_label_already_is_said() -> None:
    with pytest.raises(EditError, match="has the label already"):
        fill_label(np.ones((3, 3), np.uint8), (1, 1), LABEL)


def test_an_even_structure_in_noise_is_filled_by_intensity() -> None:
    shape = (50, 60, 30)
    image = np.random.default_rng(1).normal(0, 3, shape).astype(np.int16)
    structure = ball(shape, (25, 30, 15), 12, SPACING)
    image[structure] += 100
    mask = np.zeros(shape, np.uint8, order="F")
    after = apply(mask, fill_alike(mask, image, (25, 30, 15), LABEL, SPACING, 30))
    np.testing.assert_array_equal(after == LABEL, structure)


def test_a_seed_that_is_noise_does_not_stop_the_fill() -> None:
    image = np.zeros((12, 12), np.int16)
    image[2:10, 2:10] = 100
    image[5, 5] = 400
    mask = np.zeros((12, 12), np.uint8, order="F")
    after = apply(mask, fill_alike(mask, image, (5, 5), LABEL, (1, 1), 20))
    np.testing.assert_array_equal(after[2:10, 2:10], LABEL)
    assert np.count_nonzero(after) == 64


def test_a_line_of_one_voxel_is_no_noise() -> None:
    image = np.zeros((12, 12), np.int16)
    image[:, 5] = 400
    mask = np.zeros((12, 12), np.uint8, order="F")
    after = apply(mask, fill_alike(mask, image, (5, 5), LABEL, (1, 1), 20))
    np.testing.assert_array_equal(after == LABEL, image == 400)


def test_the_radius_is_in_millimetres() -> None:
    mask = np.zeros((40, 40, 40), np.uint8, order="F")
    after = apply(mask, fill_alike(mask, mask, (20, 20, 20), LABEL, SPACING, 0, radius=6.0))
    np.testing.assert_array_equal(after == LABEL, ball(mask.shape, (20, 20, 20), 6.0, SPACING))


def test_in_a_slice_the_radius_is_a_disc() -> None:
    mask = np.zeros((40, 40, 40), np.uint8, order="F")
    after = apply(mask, fill_alike(mask, mask, (20, 20, 20), LABEL, SPACING, 0, radius=6.0, axis=2))
    np.testing.assert_array_equal(after[:, :, 20] == LABEL, ball((40, 40), (20, 20), 6.0, SPACING[:2]))
    assert np.count_nonzero(after) == np.count_nonzero(after[:, :, 20])


def test_colours_are_alike_when_each_channel_is() -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    image[:4] = (250, 5, 128)
    image[0, 0] = (250, 40, 128)
    mask = np.zeros((8, 8), np.uint8, order="F")
    after = apply(mask, fill_alike(mask, image, (2, 2), LABEL, (1, 1), 10))
    assert np.count_nonzero(after) == 31
    assert after[0, 0] == 0


def test_a_fill_that_runs_over_is_refused() -> None:
    mask = np.zeros((90, 90), np.uint8, order="F")
    with pytest.raises(EditError, match="more than 100 voxels"):
        fill_alike(mask, mask, (1, 1), LABEL, (1, 1), 0, most=100)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tolerance": -1}, "tolerance"),
        ({"tolerance": float("nan")}, "tolerance"),
        ({"tolerance": 1, "radius": 0}, "radius"),
        ({"tolerance": 1, "seed": (5, 0)}, "does not lie in"),
        ({"tolerance": 1, "seed": (0, 1)}, "no intensity"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(options: Any, words: str) -> None:
    image = np.zeros((5, 5), np.float32)
    image[0, 1] = np.nan
    with pytest.raises(EditError, match=words):
        fill_alike(np.zeros((5, 5), np.uint8), image, **{"seed": (0, 0), "value": 1, "spacing": (1, 1), **options})


def test_a_fill_can_be_given_up() -> None:
    def stop() -> None:
        raise Cancelled("given up")

    with pytest.raises(Cancelled):
        fill_label(np.zeros((5, 5), np.uint8), (0, 0), LABEL, progress=Progress(check=stop))
