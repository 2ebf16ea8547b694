"""Shapes as masks, and shapes of a frame as a picture of values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from skimage.draw import polygon2mask

from jlabel.cvat.masks import encode_mask
from jlabel.cvat.shapes import painted_values, rasterise
from jlabel.errors import CvatError

HEIGHT, WIDTH = 14, 18
# Finer than pixels, and often on their centres and borders.
PLACES = st.integers(-20, 100).map(lambda number: number / 4)
TRIANGLES = st.lists(st.tuples(PLACES, PLACES), min_size=3, max_size=3)


def shape_of(kind: str, *points: float, **more: Any) -> dict[str, Any]:
    return {"type": kind, "points": list(points), "label_id": 1, "frame": 3, "z_order": 0, **more}


def pixels(shape: dict[str, Any], height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    mask = rasterise(shape, height, width)
    assert mask.shape == (height, width)
    assert mask.dtype == bool
    return mask


def mask_of(*rows: str) -> np.ndarray:
    return np.array([[character == "#" for character in row] for row in rows])


def polygon(*corners: tuple[float, float]) -> dict[str, Any]:
    return shape_of("polygon", *(number for corner in corners for number in corner))


def test_a_rectangle_has_the_pixels_between_its_sides():
    assert np.array_equal(
        pixels(shape_of("rectangle", 2, 1, 5, 4), 5, 7),
        mask_of(".......", "..###..", "..###..", "..###..", "......."),
    )


def test_a_pixel_belongs_to_a_shape_where_its_centre_lies_inside():
    assert np.flatnonzero(pixels(shape_of("rectangle", 1.4, 0, 3.6, 1), 1, 6)).tolist() == [1, 2, 3]
    assert np.flatnonzero(pixels(shape_of("rectangle", 1.6, 0, 3.4, 1), 1, 6)).tolist() == [2]
    assert not pixels(shape_of("rectangle", 1.6, 0, 2.4, 1), 1, 6).any()


def test_a_centre_on_a_side_belongs_to_what_lies_right_of_it_or_below():
    for kind, points in (("rectangle", (1.5, 0.5, 3.5, 2.5)), ("polygon", (1.5, 0.5, 3.5, 0.5, 3.5, 2.5, 1.5, 2.5))):
        assert np.array_equal(pixels(shape_of(kind, *points), 4, 5), mask_of(".##..", ".##..", ".....", "....."))


@given(PLACES, PLACES, PLACES, PLACES)
def test_a_rectangle_is_a_slice_whichever_corner_comes_first_and_is_its_polygon(x0, y0, x1, y1):
    wanted = np.zeros((HEIGHT, WIDTH), bool)
    rows = np.flatnonzero((np.arange(HEIGHT) + 0.5 >= min(y0, y1)) & (np.arange(HEIGHT) + 0.5 < max(y0, y1)))
    columns = np.flatnonzero((np.arange(WIDTH) + 0.5 >= min(x0, x1)) & (np.arange(WIDTH) + 0.5 < max(x0, x1)))
    wanted[np.ix_(rows, columns)] = True
    assert np.array_equal(pixels(shape_of("rectangle", x0, y0, x1, y1)), wanted)
    assert np.array_equal(pixels(shape_of("rectangle", x1, y0, x0, y1)), wanted)
    assert np.array_equal(pixels(polygon((x0, y0), (x1, y0), (x1, y1), (x0, y1))), wanted)


@given(st.sampled_from(["rectangle", "ellipse"]), PLACES, PLACES, PLACES, PLACES, st.integers(-3, 3))
def test_whole_turns_change_nothing_and_half_turns_only_what_lies_on_a_side(kind, x0, y0, x1, y1, turns):
    plain = pixels(shape_of(kind, x0, y0, x1, y1))
    assert np.array_equal(pixels(shape_of(kind, x0, y0, x1, y1, rotation=360.0 * turns)), plain)
    assert np.array_equal(pixels(shape_of(kind, x0, y0, x1, y1, rotation=None)), plain)
    off_centres = [0.01 + math.floor(number) for number in (x0, y0, x1, y1)]
    half = pixels(shape_of(kind, *off_centres, rotation=180.0 + 360 * turns))
    assert np.array_equal(half, pixels(shape_of(kind, *off_centres)))


def test_a_quarter_turn_about_the_centre_lays_a_rectangle_on_its_side():
    lying = shape_of("rectangle", 2, 3, 8, 5)
    assert np.array_equal(pixels(lying | {"rotation": 90}), pixels(shape_of("rectangle", 4, 1, 6, 7)))
    assert np.array_equal(pixels(lying | {"rotation": -90}), pixels(shape_of("rectangle", 4, 1, 6, 7)))


def test_rotations_are_clockwise_as_a_person_sees_them():
    turned = np.argwhere(pixels(shape_of("rectangle", 2, 6, 16, 7, rotation=30.0)))
    assert turned[turned[:, 1] < 5, 0].max() < 6
    assert turned[turned[:, 1] > 13, 0].min() > 7
    ellipse = np.argwhere(pixels(shape_of("ellipse", 9, 6.5, 16, 6, rotation=30.0)))
    assert ellipse[ellipse[:, 1] < 5, 0].max() < 6
    assert ellipse[ellipse[:, 1] > 13, 0].min() > 7


def test_a_turned_square_is_a_diamond():
    side = 6 / math.sqrt(2)
    corners = (6.5 - side, 6.5 - side, 6.5 + side, 6.5 + side)
    x, y = np.arange(WIDTH) + 0.5, np.arange(HEIGHT)[:, None] + 0.5
    found = pixels(shape_of("rectangle", *corners, rotation=45.0))
    away = np.abs(x - 6.5) + np.abs(y - 6.5)
    assert found[away < 5.9].all()
    assert not found[away > 6.1].any()


def test_an_ellipse_has_a_centre_a_right_end_and_an_upper_end():
    mask = pixels(shape_of("ellipse", 9, 7, 15, 4))
    assert np.array_equal(np.flatnonzero(mask.any(axis=1)), np.arange(4, 10))
    assert np.array_equal(np.flatnonzero(mask.any(axis=0)), np.arange(3, 15))
    x, y = np.arange(WIDTH) + 0.5, np.arange(HEIGHT)[:, None] + 0.5
    assert np.array_equal(mask, ((x - 9) / 6) ** 2 + ((y - 7) / 3) ** 2 <= 1)
    assert np.array_equal(
        pixels(shape_of("ellipse", 2.5, 2.5, 4.5, 0.5), 5, 5), mask_of("..#..", ".###.", "#####", ".###.", "..#..")
    )


@given(PLACES, PLACES, st.floats(0.1, 12), st.floats(0.1, 12), st.floats(-720, 720))
def test_a_turned_ellipse_has_the_pixels_that_turned_back_lie_in_it(x, y, radius_x, radius_y, degrees):
    angle = math.radians(degrees)
    across, down = np.arange(WIDTH) + 0.5 - x, np.arange(HEIGHT)[:, None] + 0.5 - y
    back_x = across * math.cos(angle) + down * math.sin(angle)
    back_y = down * math.cos(angle) - across * math.sin(angle)
    away = np.hypot(back_x / radius_x, back_y / radius_y)
    found = pixels(shape_of("ellipse", x, y, x + radius_x, y - radius_y, rotation=degrees))
    assert found[away < 1 - 1e-9].all()
    assert not found[away > 1 + 1e-9].any()


def test_ellipses_and_rectangles_without_width_have_no_pixels():
    for kind in ("ellipse", "rectangle"):
        assert not pixels(shape_of(kind, 4.5, 4.5, 4.5, 1, rotation=20.0)).any()
        assert not pixels(shape_of(kind, 4.5, 4.5, 9, 4.5)).any()
        assert not pixels(shape_of(kind, 4.5, 1.5, 4.5, 9.5, rotation=45.0)).any()


def test_a_polygon_has_the_pixels_inside_its_outline():
    assert np.array_equal(
        pixels(polygon((0, 0), (5, 0), (5, 4), (3, 4), (3, 2), (0, 2)), 4, 6),
        mask_of("#####.", "#####.", "...##.", "...##."),
    )


@settings(max_examples=300)
@given(st.lists(st.tuples(st.floats(-5, 25), st.floats(-5, 25)), min_size=3, max_size=9))
def test_a_polygon_is_scikit_images_wherever_no_centre_lies_on_its_outline(corners):
    found = pixels(polygon(*corners))
    flipped = np.array(corners)[:, ::-1] - 0.5
    wanted = polygon2mask((HEIGHT, WIDTH), flipped)
    centres = np.stack(np.mgrid[:HEIGHT, :WIDTH], axis=-1).reshape(-1, 1, 2).astype(float)
    sure = _distances(centres, flipped).reshape(HEIGHT, WIDTH) > 1e-6
    assert np.array_equal(found[sure], wanted[sure])


def _distances(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """How far points are from an outline."""
    edges = np.roll(corners, -1, axis=0) - corners
    lengths = np.maximum((edges**2).sum(axis=1), 1e-300)
    share = np.clip(((points - corners) * edges).sum(axis=-1) / lengths, 0, 1)
    return np.linalg.norm(points - corners - share[..., None] * edges, axis=-1).min(axis=1)


@settings(max_examples=300)
@given(TRIANGLES, st.integers(1, 7))
def test_the_parts_of_a_polygon_are_the_polygon_and_share_no_pixel(corners, eighths):
    (ax, ay), (bx, by), c = corners
    assume((bx - ax) * (c[1] - ay) != (by - ay) * (c[0] - ax))
    cut = (ax + (bx - ax) * eighths / 8, ay + (by - ay) * eighths / 8)
    one, other = pixels(polygon(corners[0], cut, c)), pixels(polygon(cut, corners[1], c))
    assert not (one & other).any()
    whole = pixels(polygon(corners[0], cut, corners[1], c))
    assert np.array_equal(one | other, whole)


@given(TRIANGLES, st.integers(0, 2), st.booleans())
def test_where_an_outline_begins_and_which_way_it_goes_makes_no_difference(corners, first, backwards):
    turned = [*corners[first:], *corners[:first]][:: -1 if backwards else 1]
    assert np.array_equal(pixels(polygon(*turned)), pixels(polygon(*corners)))


def test_a_polygon_of_very_many_corners_is_as_exact():
    angles = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    outline = np.stack([9 + 6 * np.cos(angles), 7 + 3 * np.sin(angles)], axis=1).ravel().tolist()
    assert np.array_equal(pixels(shape_of("polygon", *outline)), pixels(shape_of("ellipse", 9, 7, 15, 4)))


@given(
    st.sampled_from(["rectangle", "ellipse", "polygon"]),
    st.lists(st.integers(-40, 100), min_size=6, max_size=6),
    st.floats(-360, 360),
)
def test_what_reaches_out_of_the_picture_is_cut_off(kind, points, rotation):
    # No side goes through centres: whether they are on it would depend on what is rounded.
    places = [number + (math.pi if index % 2 else math.sqrt(2)) / 10 for index, number in enumerate(points)]
    shape = shape_of(kind, *(places if kind == "polygon" else places[:4]), rotation=rotation)
    shifted = shape | {"points": [number + 40 for number in shape["points"]]}
    wide = pixels(shifted, 200, 200)
    assume(wide.any())
    assert np.array_equal(pixels(shape), wide[40 : 40 + HEIGHT, 40 : 40 + WIDTH])


def test_shapes_far_outside_of_the_picture_or_far_larger_are_cut_off_too():
    assert not pixels(shape_of("rectangle", -1e9, -1e9, -1e8, 1e9)).any()
    assert not pixels(shape_of("ellipse", 1e9, 1e9, 1e9 - 5, 1e9 - 5)).any()
    assert pixels(shape_of("rectangle", -1e9, -1e9, 1e9, 1e9)).all()
    assert pixels(shape_of("rectangle", -1e9, -1e9, 1e9, 1e9, rotation=33.0)).all()
    assert pixels(shape_of("ellipse", 0, 0, 1e9, -1e9, rotation=33.0)).all()
    assert pixels(polygon((-1e9, -1e9), (1e9, -1e9), (0, 1e9))).all()


def test_a_mask_is_decoded_and_cut_off():
    mask = pixels(shape_of("rectangle", 3, 2, 9, 12, rotation=20.0))
    assert np.array_equal(pixels(shape_of("mask", *encode_mask(mask) or [])), mask)
    assert pixels(shape_of("mask", 0, 12, -2, -1, 1, 1)).sum() == 4


@pytest.mark.parametrize("kind", ["polyline", "points", "cuboid", "skeleton", "blob", None])
def test_shapes_without_an_area_are_refused_by_their_type(kind):
    with pytest.raises(CvatError, match=rf"^{kind} 17 in frame 3: such a shape has no area"):
        rasterise({"type": kind, "id": 17, "frame": 3, "points": [1, 2, 3, 4]}, HEIGHT, WIDTH)


@pytest.mark.parametrize(
    ("kind", "points", "said"),
    [
        ("polygon", [1, 2, 3, 4], "its number of points is 2, and not 3 at least"),
        ("polygon", [], "points is 0, and not 3 at least"),
        ("polygon", [1, 2, 3, 4, 5], "5 numbers, and not an x and a y for each"),
        ("polygon", [1, 2, 3, 4, 5, math.nan], "nan among its points is no finite number"),
        ("polygon", [1, 2, 3, 4, 5, -math.inf], "-inf among its points"),
        ("polygon", [1, 2, 3, 4, 5, 1e300], r"further out than 1e\+09 pixels"),
        ("polygon", [1, 2, 3, 4, 5, -(2**63)], "further out than"),
        ("polygon", [[1, 2], [3, 4], [5, 6]], "no list of numbers"),
        ("rectangle", [1, 2], "points is 1, and not 2"),
        ("rectangle", [1, 2, 3, 4, 5, 6], "points is 3, and not 2"),
        ("ellipse", [1, 2, 3, "4"], "no list of numbers"),
        ("ellipse", None, "points is 0, and not 2"),
        ("mask", [0, 3, 0, 0, 1, 1], "3 pixels together"),
        ("mask", None, "not 0 numbers"),
    ],
)
def test_points_that_make_no_sense_are_refused_by_the_name_of_the_shape(kind, points, said):
    with pytest.raises(CvatError, match=rf"^{kind} in frame 3: .*{said}"):
        rasterise(shape_of(kind) | {"points": points}, HEIGHT, WIDTH)


@pytest.mark.parametrize("rotation", [math.nan, math.inf, "90", [90], 1e300])
@pytest.mark.parametrize("kind", ["rectangle", "ellipse"])
def test_rotations_that_are_no_numbers_are_refused(kind, rotation):
    with pytest.raises(CvatError, match="is no number of degrees"):
        rasterise(shape_of(kind, 1, 2, 3, 4, rotation=rotation), HEIGHT, WIDTH)


def test_there_is_no_picture_without_pixels():
    with pytest.raises(CvatError, match="no picture of 0 rows"):
        rasterise(shape_of("rectangle", 1, 2, 3, 4), 0, 5)


ROW = [
    shape_of("rectangle", 0, 0, 4, 1, label_id=11),
    shape_of("rectangle", 2, 0, 6, 1, label_id=12),
    shape_of("rectangle", 5, 0, 8, 1, label_id=11),
]


def painted(shapes, values, height, width):
    return painted_values(shapes, [values[shape["label_id"]] for shape in shapes], height, width)


def test_later_shapes_cover_earlier_ones_and_those_of_a_label_are_one_area():
    picture = painted(ROW, {11: 3, 12: 40000}, 1, 9)
    assert picture.dtype == np.uint16
    assert picture.tolist() == [[3, 3, 40000, 40000, 40000, 3, 3, 3, 0]]


def test_z_order_goes_before_the_order_of_the_list():
    shapes = [ROW[0] | {"z_order": 2}, ROW[1] | {"z_order": -1}, ROW[2] | {"z_order": None}]
    assert painted(shapes, {11: 3, 12: 4}, 1, 9).tolist() == [[3, 3, 3, 3, 4, 3, 3, 3, 0]]


def test_shapes_that_are_outside_are_not_painted():
    assert painted([ROW[0], ROW[1] | {"outside": True}], {11: 3, 12: 4}, 1, 5).tolist() == [[3, 3, 3, 3, 0]]
    assert not painted([], {}, 2, 3).any()


def test_masks_of_one_label_are_painted_as_their_union():
    rng = np.random.default_rng(1)
    masks = rng.random((4, HEIGHT, WIDTH)) < 0.2
    shapes = [shape_of("mask", *encode_mask(mask) or []) for mask in masks]
    assert np.array_equal(painted(shapes, {1: 9}, HEIGHT, WIDTH), masks.any(axis=0) * 9)


def test_shapes_may_be_given_a_value_each():
    assert painted_values(ROW, [7, 65535, 0], 1, 9).tolist() == [[7, 7, 65535, 65535, 65535, 0, 0, 0, 0]]


def test_values_that_do_not_fit_are_refused():
    with pytest.raises(CvatError, match="65536 is no value for a label: they go from 0 to 65,535"):
        painted(ROW, {11: 3, 12: 65536}, 1, 9)
    with pytest.raises(CvatError, match="-1 is no value"):
        painted(ROW, {11: -1, 12: 4}, 1, 9)
    with pytest.raises(CvatError, match=r"its z_order of .* is no whole number"):
        painted([ROW[0] | {"z_order": "1"}], {11: 3}, 1, 9)
