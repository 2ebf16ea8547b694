from __future__ import annotations

import json

import numpy as np
import pytest

from jlabel.imaging import Image
from jlabel.selection.review import LabelMeasures, measure_label
from tests.selection.review.synthetic import case, picture


@pytest.fixture
def mask() -> np.ndarray:
    mask = np.zeros((20, 20, 20), np.uint8)
    mask[4:10, 4:10, 4:10] = 1
    mask[10:14, 4:10, 4:10] = 2
    return mask


def image_of(mask: np.ndarray, affine: np.ndarray | None = None) -> Image:
    return Image(mask * 50.0, np.diag([1.0, 1.0, 2.0, 1.0]) if affine is None else affine)


def test_each_structure_is_measured(mask: np.ndarray) -> None:
    found = measure_label(mask, image_of(mask), {1, 2})
    assert found.sized
    one, two = found.structures[1], found.structures[2]
    assert (one.voxels, one.size, one.parts, one.holes) == (216, pytest.approx(0.432), 1, 0)
    assert (one.place, two.place) == ((-3, -3, -6), (2, -3, -6))
    assert (one.apart, one.hollow, one.shape) == (0, 0, (0, 0, 0))
    assert one.contact == pytest.approx(72 / (2 * 72 + 2 * 72 + 2 * 36))
    assert one.intensity < two.intensity
    assert found.place == (-1, -3, -6)


def test_sides_and_places_are_those_of_the_patient_whatever_the_order_of_the_array(mask: np.ndarray) -> None:
    mask[4:6, 4:6, 4:6] = 0
    before = measure_label(mask, image_of(mask), {1, 2})
    turned = np.flip(np.transpose(mask, (2, 0, 1)), axis=2)
    affine = np.array([[0, 1.0, 0, 0], [0, 0, -1, 19], [2, 0, 0, 0], [0, 0, 0, 1]])
    after = measure_label(turned, image_of(turned, affine), {1, 2})
    for value in (1, 2):
        for name in ("size", "place", "shape", "contact", "roughness", "contrast"):
            one, other = getattr(before.structures[value], name), getattr(after.structures[value], name)
            assert other == pytest.approx(one, nan_ok=True), name


def test_parts_and_holes_are_counted(mask: np.ndarray) -> None:
    mask[0, 0, 0] = 1
    mask[6, 6, 6] = mask[8, 8, 8] = 0
    mask[5, 8, 5] = 2
    one = measure_label(mask, image_of(mask), {1, 2}).structures[1]
    assert (one.parts, one.holes) == (2, 2)
    assert one.apart == pytest.approx(1 / 214)
    assert one.hollow == pytest.approx(2 / 214)


def test_a_picture_has_shares_for_sizes_and_places() -> None:
    image, mask = picture(0)
    found = measure_label(mask, image, {1})
    assert not found.sized
    assert found.structures[1].size == pytest.approx(mask.mean())
    assert max(map(abs, found.structures[1].place)) < 0.1
    assert found.structures[1].gap.figure == 0


def test_values_that_nobody_named_are_only_listed(mask: np.ndarray) -> None:
    found = measure_label(mask, image_of(mask), {1, 9})
    assert (set(found.structures), found.others) == ({1}, (2,))


def test_an_empty_label_has_no_structures(mask: np.ndarray) -> None:
    found = measure_label(mask * 0, image_of(mask), {1})
    assert (found.structures, found.place, found.others) == ({}, (), ())


@pytest.mark.parametrize("seen", [np.nan, 7.0])
def test_an_image_without_contrast_has_none(mask: np.ndarray, seen: float) -> None:
    one = measure_label(mask, Image(np.full(mask.shape, seen), np.eye(4)), {1, 2}).structures[1]
    assert np.isnan(one.intensity)
    assert np.isnan(one.contrast).all()


def test_padding_is_no_intensity(mask: np.ndarray) -> None:
    values = np.where(mask > 0, 50, 10).astype(np.int16)
    values[:, :, 10:] = -2000
    padded = measure_label(mask, Image(values, np.eye(4), padding=(-2000.0, -2000.0)), {1, 2})
    bare = measure_label(mask, Image(values, np.eye(4)), {1, 2})
    assert np.isnan(padded.structures[1].contrast[16])
    assert abs(bare.structures[1].contrast[16]) > 0.5


@pytest.mark.parametrize(
    "found", [measure_label(case(0)[1], case(0)[0], {1}), measure_label(*picture(1)[::-1], {1, 3})]
)
def test_measures_come_back_from_json(found: LabelMeasures) -> None:
    back = LabelMeasures.from_json(json.loads(json.dumps(found.to_json())))
    assert back is not None
    assert repr(back) == repr(found)  # which has nan, unlike itself, where there is no number


@pytest.mark.parametrize("kept", [None, [], {}, {"format": 0}, {"format": 1}, {"format": 1, "structures": {"a": 1}}])
def test_damaged_measures_are_none(kept: object) -> None:
    assert LabelMeasures.from_json(kept) is None
