"""Turning images and their answers: there and back, voxel for voxel, and every point stays where it is."""

from __future__ import annotations

import itertools

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.bundles.reorientation import Reorientation, as_monai_reads, to_canonical
from jlabel.imaging import Image
from jlabel.tasks import InferRequest

SHAPE = (5, 4, 3)
TURNS = st.tuples(st.permutations(range(3)), st.tuples(*[st.booleans()] * 3))
CODES = ["".join(code) for axes in itertools.permutations(("RL", "AP", "SI")) for code in itertools.product(*axes)]


def image(affine: np.ndarray) -> Image:
    return Image(np.arange(60, dtype=np.int16).reshape(SHAPE), affine)


@given(TURNS)
def test_there_and_back(turn: tuple) -> None:
    made = Reorientation(tuple(turn[0]), turn[1], SHAPE)
    array = np.arange(120).reshape(2, *SHAPE)
    np.testing.assert_array_equal(made.back(made.array(array[0])), array[0])
    np.testing.assert_array_equal(made.back(made.array(array, before=1), before=1), array)


@given(TURNS, st.tuples(*(st.integers(0, n - 1) for n in SHAPE)))
def test_a_voxel_stays_where_it_is(turn: tuple, at: tuple) -> None:
    made = Reorientation(tuple(turn[0]), turn[1], SHAPE)
    affine = np.array([[0.1, -1, 0, 3], [2, 0.2, 0, 1], [0, 0, -3, 5], [0, 0, 0, 1]])
    before = image(affine)
    after = made.request(InferRequest(before, "x")).image
    there = made.position(at)
    assert after.array[there] == before.array[at]
    np.testing.assert_allclose(after.affine @ [*there, 1], affine @ [*at, 1], atol=1e-9)


@pytest.mark.parametrize("codes", CODES)
def test_a_volume_comes_to_the_usual_order_of_axes(codes: str) -> None:
    affine = nib.orientations.inv_ornt_aff(nib.orientations.axcodes2ornt(tuple(codes)), SHAPE)
    turn = to_canonical(image(affine))
    if turn is None:
        assert codes == "RAS"
    else:
        assert turn.request(InferRequest(image(affine), "x")).image.axis_codes == "RAS"


def test_pictures_have_their_columns_first() -> None:
    picture = Image(np.zeros((3, 5, 3), np.uint8), np.eye(4), channels="rgb", oriented=False)
    turn = as_monai_reads(picture)
    assert turn is not None
    assert turn.request(InferRequest(picture, "x")).image.shape == (5, 3)
    assert as_monai_reads(image(np.eye(4))) is None
    assert to_canonical(picture) == turn
