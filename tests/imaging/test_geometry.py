"""Planes of a grid, whatever its axis order."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.imaging import Plane, flat_plane, planes, voxel_to_mm
from jlabel.imaging.formats.plain_pictures import PICTURE_AFFINE

CODES = ["".join(pair[flip] for pair, flip in zip(order, flips, strict=True))
         for order in permutations(("LR", "PA", "IS")) for flips in product((0, 1), repeat=3)]  # fmt: skip
DIRECTION = {"L": (0, -1), "R": (0, 1), "P": (1, -1), "A": (1, 1), "I": (2, -1), "S": (2, 1)}


def affine_of(codes: str) -> np.ndarray:
    """The affine of a 1 mm grid with those axis codes."""
    affine = np.zeros((4, 4))
    affine[3, 3] = 1
    for axis, letter in enumerate(codes):
        anatomical, sign = DIRECTION[letter]
        affine[anatomical, axis] = sign
    return affine


def direction(affine: np.ndarray, axis_and_sign: tuple[int, int]) -> np.ndarray:
    """The unit vector in mm of a step on the screen."""
    axis, sign = axis_and_sign
    step = affine[:3, axis] * sign
    return step / np.linalg.norm(step)


def check(plane: Plane, affine: np.ndarray, left: str, right: str, top: str, bottom: str, limit: float = 0.999) -> None:
    for where, letter in ((plane.right, right), (plane.down, bottom)):
        anatomical, sign = DIRECTION[letter]
        assert direction(affine, where)[anatomical] * sign > limit
    assert plane.letters == (left, right, top, bottom)
    assert sorted((plane.normal, plane.right[0], plane.down[0])) == [0, 1, 2]


def test_there_are_48_axis_codes() -> None:
    assert len(set(CODES)) == 48


@pytest.mark.parametrize("codes", CODES)
def test_every_axis_code_is_shown_as_radiologists_look(codes: str) -> None:
    affine = affine_of(codes)
    axial, coronal, sagittal = planes(affine)
    check(axial, affine, "R", "L", "A", "P")
    check(coronal, affine, "R", "L", "S", "I")
    check(sagittal, affine, "A", "P", "S", "I")
    assert {axial.normal, coronal.normal, sagittal.normal} == {0, 1, 2}
    for plane, anatomical in ((axial, 2), (coronal, 1), (sagittal, 0)):
        assert direction(affine, (plane.normal, plane.superior_step))[anatomical] > 0.999


@given(st.sampled_from(CODES), st.integers(0, 2), st.floats(-35, 35), st.tuples(*[st.floats(0.3, 8)] * 3))
def test_an_oblique_grid_is_shown_as_its_nearest_axes(
    codes: str, about: int, angle: float, zooms: tuple[float, ...]
) -> None:
    turn = np.eye(4)
    a, b = [axis for axis in range(3) if axis != about]
    c, s = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    turn[a, a], turn[a, b], turn[b, a], turn[b, b] = c, -s, s, c
    straight = affine_of(codes)
    assert planes(turn @ straight @ np.diag([*zooms, 1])) == planes(straight)


@given(st.sampled_from(CODES), st.floats(-0.3, 0.3))
def test_a_sheared_grid_uses_every_axis_once(codes: str, shear: float) -> None:
    sheared = np.eye(4)
    sheared[0, 1] = shear
    assert planes(sheared @ affine_of(codes)) == planes(affine_of(codes))


def test_a_picture_stands_upright_in_its_one_plane() -> None:
    plane = flat_plane(planes(PICTURE_AFFINE, oriented=False), (20, 30))
    assert plane is not None
    assert (plane.right, plane.down) == ((1, 1), (0, 1))
    assert plane.letters == ("", "", "", "")


@pytest.mark.parametrize(("shape", "normal"), [((5, 6, 1), 2), ((5, 1, 6), 1), ((1, 5, 6), 0)])
def test_one_slice_has_one_plane(shape: tuple[int, ...], normal: int) -> None:
    plane = flat_plane(planes(np.eye(4)), shape)
    assert plane is not None
    assert plane.normal == normal


def test_a_volume_has_no_flat_plane() -> None:
    assert flat_plane(planes(np.eye(4)), (5, 6, 7)) is None


def test_a_position_in_mm_is_that_of_the_voxel_centre() -> None:
    affine = np.array([[-2.0, 0, 0, 10], [0, 3, 0, 20], [0, 0, 4, 30], [0, 0, 0, 1]])
    assert voxel_to_mm(affine, (1, 2, 3)) == (8.0, 26.0, 42.0)
    assert voxel_to_mm(affine, (1, 2)) == (8.0, 26.0, 30.0)


def test_a_plane_travels_as_json() -> None:
    axial = planes(np.eye(4))[0].to_json()
    assert axial == {
        "name": "axial",
        "normal": 2,
        "right": [0, -1],
        "down": [1, -1],
        "letters": ["R", "L", "A", "P"],
        "superiorStep": 1,
    }
