from __future__ import annotations

import numpy as np
import pytest

from jlabel.selection.review.prediction import label_dice, label_quality, soft_minimum


@pytest.fixture
def mask() -> np.ndarray:
    mask = np.zeros((20, 20), np.uint8)
    mask[4:10, 4:16], mask[10:16, 4:16] = 1, 2
    return mask


def probabilities_of(mask: np.ndarray, sure: float = 0.9) -> np.ndarray:
    """What a model says that finds the label, with that probability."""
    rest = (1 - sure) / 2
    return np.stack([np.where(mask == value, sure, rest) for value in (1, 2)]).astype(np.float16)


def test_dice_of_the_structures_that_the_label_holds(mask: np.ndarray) -> None:
    half = mask.copy()
    half[4:10, 4:10] = 0
    assert label_dice(mask, mask, [1, 2, 3]) == {1: 1, 2: 1}
    assert label_dice(mask, half, [1, 2]) == {1: pytest.approx(2 / 3), 2: 1}
    assert label_dice(mask, mask * 0, [1]) == {1: 0}
    assert label_dice(mask * 0, mask, [1, 2]) == {}


def test_the_soft_minimum_lies_between_the_smallest_and_the_mean() -> None:
    assert soft_minimum(np.full(9, 0.4)) == pytest.approx(0.4)
    values = np.array([*[0.9] * 99, 0.1])
    assert 0.1 < soft_minimum(values) < 0.9
    assert soft_minimum(values) == pytest.approx((99 * 0.9 * np.exp(-8) + 0.1) / (99 * np.exp(-8) + 1))


def test_a_label_as_the_model_finds_it_has_the_probability_of_the_model(mask: np.ndarray) -> None:
    found = label_quality(mask, probabilities_of(mask), {1: 0, 2: 1})
    assert found == {1: pytest.approx(0.9, abs=0.01), 2: pytest.approx(0.9, abs=0.01)}


@pytest.mark.parametrize("error", ["moved", "grown", "swapped"])
def test_a_label_unlike_the_model_has_a_low_one(mask: np.ndarray, error: str) -> None:
    wrong = {
        "moved": np.roll(mask, 2, axis=1),
        "grown": np.where((np.roll(mask, 2, axis=0) > 0) & (mask == 0), 2, mask),
        "swapped": np.choose(mask, (0, 2, 1)),
    }[error].astype(np.uint8)
    assert label_quality(wrong, probabilities_of(mask), {1: 0, 2: 1})[2] < 0.3


def test_what_the_model_does_not_know_is_left_out(mask: np.ndarray) -> None:
    only = probabilities_of(np.where(mask == 1, 1, 0))[:1]
    found = label_quality(mask, only, {1: 0})
    assert found == {1: pytest.approx(0.9, abs=0.06)}
    assert label_quality(mask, only, {7: 0}) == {}
    assert label_quality(mask * 0, only, {1: 0}) == {}


def test_a_structure_that_fills_the_image_has_no_border() -> None:
    full = np.ones((6, 6), np.uint8)
    assert label_quality(full, np.zeros((1, 6, 6), np.float16), {1: 0}) == {}
