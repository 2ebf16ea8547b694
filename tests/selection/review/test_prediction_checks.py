from __future__ import annotations

import numpy as np
import pytest

from jlabel.selection.review import Prediction, compare_labels, measure_label
from tests.selection.review.synthetic import NAMES, case

COUNT, WRONG = 20, 4


def predictions(trained: int = 0) -> list[Prediction | None]:
    rng = np.random.default_rng(0)
    found: list[Prediction | None] = []
    for row in range(COUNT):
        learnt = row < trained
        level = 0.95 if learnt else 0.7
        quality, dice = ({1: level + rng.normal(0, 0.02), 2: level + rng.normal(0, 0.02)} for _ in range(2))
        found.append(Prediction("segmentation", 3, learnt, quality, dice))
    return found


@pytest.fixture(scope="module")
def measures():
    return [measure_label(mask, image, NAMES) for image, mask in map(case, range(COUNT))]


def test_a_label_that_the_model_contradicts_comes_first(measures) -> None:
    judged = predictions()
    judged[WRONG] = Prediction("segmentation", 3, False, {1: 0.7, 2: 0.1}, {1: 0.7, 2: 0.2})
    findings = compare_labels(measures, NAMES, judged)
    assert max(range(COUNT), key=lambda row: findings[row].rank) == WRONG
    assert "the probability that the model gives to tail as it is drawn, at its border, is 0.10 where" in (
        findings[WRONG].reason
    )
    assert "the Dice of tail with the model is 0.20 where in others it is 0.7" in findings[WRONG].reason
    assert findings[WRONG].checks["quality"] > 0.99 < findings[WRONG].checks["dice"] + 0.01


def test_more_agreement_than_others_is_nothing_to_speak_of(measures) -> None:
    judged = predictions()
    judged[WRONG] = Prediction("segmentation", 3, False, {1: 0.99, 2: 0.99}, {1: 0.99, 2: 0.99})
    assert compare_labels(measures, NAMES, judged)[WRONG].checks["quality"] < 0.5


def test_labels_that_the_model_has_learnt_from_are_compared_among_themselves(measures) -> None:
    judged = predictions(trained=10)
    judged[WRONG] = Prediction("segmentation", 3, True, {1: 0.7, 2: 0.7}, {1: 0.7, 2: 0.7})
    checks = [one.checks["quality"] for one in compare_labels(measures, NAMES, judged)]
    assert max(range(COUNT), key=checks.__getitem__) == WRONG


def test_a_label_that_was_not_judged_has_no_such_check(measures) -> None:
    judged = predictions()
    judged[WRONG] = None
    findings = compare_labels(measures, NAMES, judged)
    assert "dice" not in findings[WRONG].checks
    assert "dice" in findings[WRONG + 1].checks
