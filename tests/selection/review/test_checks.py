"""Each check by itself: a label that is wrong in one way is found by it, and the reason says how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from jlabel.selection.review import Finding, LabelMeasures, compare_labels, measure_label
from tests.selection.review.synthetic import NAMES, case, picture

COUNT = 24
WRONG = 5
Change = Callable[[np.ndarray], None]


@pytest.fixture(scope="module")
def right() -> list[LabelMeasures]:
    return [measure_label(mask, image, NAMES) for image, mask in map(case, range(COUNT))]


def found(right: list[LabelMeasures], change: Change) -> Finding:
    """What is said of a label that was changed, which must be the first of all."""
    image, mask = case(WRONG)
    change(mask)
    measures = list(right)
    measures[WRONG] = measure_label(mask, image, NAMES)
    findings = compare_labels(measures, NAMES)
    assert max(range(COUNT), key=lambda row: findings[row].rank) == WRONG
    assert findings[WRONG].rank > 0.75
    return findings[WRONG]


def swap(mask: np.ndarray) -> None:
    mask[:] = np.choose(mask, (0, 2, 1))


def forget(mask: np.ndarray) -> None:
    mask[:, :, 12] = 0


def scatter(mask: np.ndarray) -> None:
    mask[26:28, 3:5, 3:5] = 2
    mask[26:28, 3:5, 20:22] = 2


def hollow(mask: np.ndarray) -> None:
    mask[ndimage.binary_erosion(mask == 1, iterations=4)] = 0


def halve(mask: np.ndarray) -> None:
    mask[(mask == 1) & (np.arange(mask.shape[0]) < 15)[:, None, None]] = 0


def grow(mask: np.ndarray) -> None:
    mask[ndimage.binary_dilation(mask == 2, iterations=2) & (mask == 0)] = 2


def lose(mask: np.ndarray) -> None:
    mask[mask == 2] = 0


def move(mask: np.ndarray) -> None:
    mask[:] = np.roll(mask, 3, axis=2)


@pytest.mark.parametrize(
    ("change", "check", "words", "labels"),
    [
        (swap, "exchanged", "head and tail look exchanged", {"head", "tail"}),
        (forget, "slices", "slice k = 12 of ", {"head", "tail"}),
        (scatter, "parts", "tail: 3 parts where others have 1", {"tail"}),
        (hollow, "holes", "head: 1 hole where others have 0", {"head"}),
        (halve, "border", "on its left side the intensity changes by ", {"head"}),
        (grow, "border", "the border of tail lies elsewhere", {"tail"}),
        (lose, "presence", "tail is missing, which 96% of the labels have", {"tail"}),
        (move, "border", "the intensity changes by ", {"head", "tail"}),
    ],
)
def test_a_wrong_label_is_the_first_and_the_reason_says_why(
    right: list[LabelMeasures], change: Change, check: str, words: str, labels: set[str]
) -> None:
    said = found(right, change)
    assert words in said.reason
    assert said.checks[check] > 0.9
    assert set(said.labels) <= {"head", "tail"}
    assert labels & set(said.labels)


def test_a_grown_label_is_larger_too(right: list[LabelMeasures]) -> None:
    assert found(right, grow).checks["size"] > 0.95


def test_labels_without_an_error_are_told_apart_by_little(right: list[LabelMeasures]) -> None:
    ranks = [one.rank for one in compare_labels(right, NAMES)]
    assert max(ranks) < 0.995
    assert {one.reason for one in compare_labels(right, NAMES) if one.rank < 0.5} == {"nothing unusual"}


def test_an_empty_label_says_so(right: list[LabelMeasures]) -> None:
    said = found(right, lambda mask: mask.fill(0))
    assert "the label is empty, as 4% of the labels are" in said.reason


def test_a_structure_that_few_have_is_said_to_be_there() -> None:
    measures = [measure_label(np.where(mask == 1, 1, 0), image, NAMES) for image, mask in map(case, range(COUNT))]
    image, mask = case(WRONG)
    measures[WRONG] = measure_label(mask, image, NAMES)
    assert "tail is there, which only 4% of the labels have" in compare_labels(measures, NAMES)[WRONG].reason


def test_a_structure_that_many_lack_is_nothing_to_speak_of() -> None:
    kept = [case(seed)[1] * (1 if seed % 3 else case(seed)[1] == 1) for seed in range(COUNT)]
    measures = [measure_label(mask.astype(np.uint8), case(seed)[0], NAMES) for seed, mask in enumerate(kept)]
    assert max(one.checks["presence"] for one in compare_labels(measures, NAMES)) < 0.95


def test_values_without_a_name_are_said(right: list[LabelMeasures]) -> None:
    def unknown(mask: np.ndarray) -> None:
        mask[2:4, 2:4, 2:4] = 7

    assert "it holds values that no label has: 7" in found(right, unknown).reason


def test_pictures_have_shares_and_sides_of_the_array() -> None:
    pairs = [picture(seed) for seed in range(COUNT)]
    pairs[WRONG][1][:] = np.roll(pairs[WRONG][1], 6, axis=1)
    measures = [measure_label(mask, image, {1: "cell"}) for image, mask in pairs]
    findings = compare_labels(measures, {1: "cell"})
    assert max(range(COUNT), key=lambda row: findings[row].rank) == WRONG
    assert "j side" in findings[WRONG].reason


def test_a_structure_that_lies_elsewhere_with_the_image_is_found_by_its_position() -> None:
    pairs = [picture(seed) for seed in range(COUNT)]
    image, mask = pairs[WRONG]
    pairs[WRONG] = (replace(image, array=np.roll(image.array, 12, axis=1)), np.roll(mask, 12, axis=1))
    measures = [measure_label(mask, image, {1: "cell"}) for image, mask in pairs]
    said = compare_labels(measures, {1: "cell"})[WRONG]
    assert "cell lies 2" in said.reason
    assert "% of the image's side from where others have it" in said.reason


def test_the_size_in_a_picture_is_its_share() -> None:
    pairs = [picture(seed) for seed in range(COUNT)]
    pairs[WRONG][1][18:24, 22:28] = 2
    measures = [
        measure_label(np.where(mask == 2, 1, 0) if 2 in mask else mask, image, {1: "cell"}) for image, mask in pairs
    ]
    assert (
        "cell covers 1.80% of the image where in others it covers "
        in compare_labels(measures, {1: "cell"})[WRONG].reason
    )


def test_few_labels_are_not_compared_but_what_is_wrong_by_itself_is_found() -> None:
    image, mask = case(0)
    forget(mask)
    measures = [measure_label(mask, image, NAMES), measure_label(case(1)[1], case(1)[0], NAMES)]
    wrong, right = compare_labels(measures, NAMES)
    assert wrong.reason.startswith("slice k = 12")
    assert wrong.rank > 0.9 > right.rank
    assert set(right.checks) == {"slices"}
    empty = compare_labels([measure_label(mask * 0, image, NAMES)], NAMES)[0]
    assert (empty.rank > 0.9, empty.reason) == (True, "the label is empty, as 100% of the labels are")


def test_no_labels_are_no_findings() -> None:
    assert compare_labels([], NAMES) == []
