from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from jlabel.selection.scoring.measures import (
    SoftDice,
    entropy,
    epistemic,
    mutual_information,
    pair_distance,
    predictive_entropy,
)


def passes(count=4, classes=3, shape=(5, 6), seed=0) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.softmax(2 * torch.randn(classes, *shape, generator=generator), dim=0) for _ in range(count)]


def constant(*values: float) -> torch.Tensor:
    return torch.tensor(values)[:, None]


@pytest.mark.parametrize("classes", [2, 3, 20])
def test_the_entropy_lies_between_nothing_known_and_all_known(classes):
    nothing, everything = torch.full((classes, 1), 1 / classes), torch.eye(classes)[:, :1]
    assert float(entropy(nothing)) == pytest.approx(1)
    assert float(entropy(everything)) == 0


def test_the_entropy_of_several_passes_is_that_of_their_mean():
    several = passes()
    unsure, mean = predictive_entropy(iter(several))
    torch.testing.assert_close(mean, torch.stack(several).mean(dim=0))
    torch.testing.assert_close(unsure, entropy(mean))


def test_bald_tells_what_the_model_does_not_know_from_what_is_unclear():
    unclear = [constant(0.5, 0.5)] * 4
    contradicting = [constant(1.0, 0.0), constant(0.0, 1.0)]
    assert float(mutual_information(unclear)[0]) == pytest.approx(0, abs=1e-6)
    assert float(mutual_information(contradicting)[0]) == pytest.approx(1)


def test_bald_is_the_mutual_information_of_its_definition():
    several = torch.stack(passes()).double().numpy()
    mean = several.mean(axis=0)
    wanted = -(mean * np.log(mean)).sum(axis=0) + (several * np.log(several)).sum(axis=1).mean(axis=0)
    found, _ = mutual_information(torch.from_numpy(one).float() for one in several)
    np.testing.assert_allclose(found, wanted / math.log(3), atol=1e-6)


def test_epistemic_is_what_monai_label_computes():
    """Its ``entropy_volume`` for arrays of passes, classes and a volume, as it stands there."""
    several = torch.stack(passes(shape=(3, 4, 5))).numpy()
    several[:, 0, 0, 0, 0], several[:, 1, 0, 0, 0], several[:, 2, 0, 0, 0] = 0, 0, 1
    given = several.copy()
    given[given <= 0] = 0.00005
    wanted = np.zeros(given.shape[2:], np.float32)
    for channel in range(given.shape[1]):
        average = given[:, channel].sum(axis=0) / given.shape[0]
        wanted += -average * np.log(average)
    found, _ = epistemic(torch.from_numpy(one) for one in several)
    np.testing.assert_allclose(found, wanted, rtol=1e-4)


def test_members_that_agree_have_a_dice_of_one_however_unsure_they_are():
    same = passes(count=1) * 3
    dice = SoftDice(3, 3)
    dice.add(same)
    assert dice.by_class() == pytest.approx([1, 1, 1])
    assert float(pair_distance(same).max()) == 0


def test_members_that_contradict_each_other_have_none():
    one, other = constant(1.0, 0.0), constant(0.0, 1.0)
    dice = SoftDice(2, 2)
    dice.add([one, other])
    assert dice.by_class() == [0, 0]
    assert float(pair_distance([one, other])) == 1


def test_the_dice_of_an_image_is_the_same_in_parts():
    members = passes(count=3, shape=(8, 6))
    whole, parts = SoftDice(3, 3), SoftDice(3, 3)
    whole.add(members)
    for part in (slice(0, 3), slice(3, 8)):
        parts.add([one[:, part] for one in members])
    assert parts.by_class() == pytest.approx(whole.by_class())
    pairs = [(0, 1), (0, 2), (1, 2)]
    wanted = np.mean(
        [
            [
                2
                * float((members[a][c] * members[b][c]).sum())
                / float((members[a][c] ** 2 + members[b][c] ** 2).sum())
                for c in range(3)
            ]
            for a, b in pairs
        ],
        axis=0,
    )
    assert whole.by_class() == pytest.approx(wanted.tolist(), rel=1e-5)


def test_a_class_counts_only_where_it_is_asked_for():
    one, other = torch.tensor([[0.9, 0.9], [0.1, 0.1]]), torch.tensor([[0.9, 0.1], [0.1, 0.9]])
    where = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    dice = SoftDice(2, 2)
    dice.add([one, other], where)
    assert dice.by_class() == pytest.approx([1, 1])


def test_nothing_added_is_not_a_number():
    dice = SoftDice(2, 2)
    dice.add([torch.zeros(2, 3)] * 2)
    assert all(math.isnan(value) for value in dice.by_class())
