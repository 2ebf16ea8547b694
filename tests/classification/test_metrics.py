"""How well classes of images are told apart, for sets in which one class is rare."""

from __future__ import annotations

import pytest
import torch

from jlabel.classification.metrics import AreaUnderCurve, BalancedAccuracy


def measured(metric, scores, truths):
    metric.reset()
    # As an evaluator gives them: image by image, over several batches.
    metric.update(([torch.tensor(one) for one in scores[:1]], truths[:1]))
    metric.update(([torch.tensor(one) for one in scores[1:]], [torch.tensor(one) for one in truths[1:]]))
    return metric.compute()


ALWAYS_FIRST = [[0.9, 0.1]] * 4
RANKED = [[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]]


def test_who_always_says_the_frequent_class_is_no_better_than_who_guesses():
    assert measured(BalancedAccuracy(2), ALWAYS_FIRST, [0, 0, 0, 1]) == 0.5
    assert measured(AreaUnderCurve(2), ALWAYS_FIRST, [0, 0, 0, 1]) == 0.5


def test_scores_may_be_in_the_right_order_where_the_likeliest_class_is_wrong():
    assert measured(BalancedAccuracy(2), RANKED, [0, 0, 0, 1]) == 0.5
    assert measured(AreaUnderCurve(2), RANKED, [0, 0, 0, 1]) == 1.0
    assert measured(AreaUnderCurve(2), RANKED, [1, 0, 0, 0]) == 0.0


def test_a_class_without_images_does_not_count():
    scores = [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.6, 0.3, 0.1], [0.1, 0.7, 0.2]]
    assert measured(BalancedAccuracy(3), scores, [0, 1, 1, 1]) == pytest.approx((1 + 2 / 3) / 2)


@pytest.mark.parametrize("metric", [BalancedAccuracy(2), AreaUnderCurve(2)])
def test_nothing_to_measure_is_0(metric):
    metric.reset()
    assert metric.compute() == 0.0


def test_images_of_one_class_have_no_order():
    assert measured(AreaUnderCurve(2), RANKED, [0, 0, 0, 0]) == 0.0
