"""Simulated prompts: where they go, and what they say."""

from __future__ import annotations

import pytest
import torch

from jlabel.click.pretraining.batch_annotator import Drawn, click_error, depth, outline


def cubes(dimension: int, batch: int = 6, size: int = 24) -> tuple[torch.Tensor, torch.Tensor]:
    """A structure, and a mask of it that is moved: of each a part is missed and one is added."""
    target, mask = torch.zeros(batch, 1, *(size,) * dimension), torch.zeros(batch, 1, *(size,) * dimension)
    target[(slice(None), 0, *(slice(4, 16),) * dimension)] = 1
    mask[(slice(None), 0, *(slice(9, 21),) * dimension)] = 1
    return target, mask


@pytest.mark.parametrize("dimension", [2, 3])
def test_a_robot_clicks_in_the_error_on_the_side_that_it_says(dimension):
    target, mask = cubes(dimension)
    drawn = Drawn.nothing(target)
    place, positive = click_error(drawn, target, mask, 0.5, robot=True)
    at = torch.arange(len(target))
    assert torch.equal(positive, target.flatten(1)[at, place] > 0)
    assert (target.flatten(1)[at, place] != mask.flatten(1)[at, place]).all()
    assert (drawn.positive + drawn.negative).flatten(1).sum(dim=1).tolist() == [1] * len(target)
    assert not (drawn.positive * (1 - target * (1 - mask))).any()
    assert not (drawn.negative * (1 - mask * (1 - target))).any()


def test_a_robot_clicks_in_the_middle_of_what_is_missed_and_of_what_is_added():
    target = torch.zeros(1, 1, 31, 31)
    target[..., 8:23, 8:23] = 1
    drawn = Drawn.nothing(target)
    place, positive = click_error(drawn, target, torch.zeros_like(target), 2.0, robot=True)
    assert positive.all()
    assert max(abs(int(place) // 31 - 15), abs(int(place) % 31 - 15)) <= 1  # depth is told up to six voxels
    assert drawn.positive.sum() == 13  # a disc of radius 2
    place, positive = click_error(drawn, torch.zeros_like(target), target, 2.0, robot=True)
    assert not positive.any()
    assert not (drawn.positive * drawn.negative).any()  # the later one wins
    assert drawn.negative.sum() == 13


@pytest.mark.parametrize("dimension", [2, 3])
def test_most_prompts_of_a_hand_lie_in_the_error_and_the_others_near_it(dimension):
    target, mask = cubes(dimension, batch=16)
    inside = total = 0
    for _ in range(6):
        drawn = Drawn.nothing(target)
        place, positive = click_error(drawn, target, mask, 1.0)
        at = torch.arange(len(target))
        # The sign is that of the error, also where the click lands beyond it.
        assert torch.equal(positive, target.flatten(1)[at, place] > 0)
        assert (target.flatten(1)[at, place] != mask.flatten(1)[at, place]).all()
        assert not (drawn.positive * drawn.negative).any()
        marks = torch.where(positive.view(-1, *(1,) * (target.ndim - 1)), drawn.positive, drawn.negative)
        assert (marks.flatten(1).sum(dim=1) > 0).all()
        wrong = (target != mask).float()
        inside += int(((marks * wrong).flatten(1).sum(dim=1) > 0).sum())
        total += len(target)
    assert inside > 0.85 * total


def test_scribbles_are_longer_than_clicks_but_a_robot_makes_none():
    target, mask = cubes(2, batch=40)
    drawn = Drawn.nothing(target)
    click_error(drawn, target, mask, 1.0)
    sizes = (drawn.positive + drawn.negative).flatten(1).sum(dim=1)
    assert 2 < int((sizes > 5).sum()) < 30
    drawn = Drawn.nothing(target)
    click_error(drawn, target, mask, 1.0, robot=True)
    assert ((drawn.positive + drawn.negative).flatten(1).sum(dim=1) <= 5).all()


@pytest.mark.parametrize("robot", [True, False])
def test_where_nothing_is_wrong_nothing_is_drawn(robot):
    target, _ = cubes(2)
    drawn = Drawn.nothing(target)
    click_error(drawn, target, target, 2.0, robot)
    assert not drawn.positive.any()
    assert not drawn.negative.any()


@pytest.mark.parametrize("dimension", [2, 3])
def test_an_outline_is_about_as_large_as_its_structure_and_in_a_volume_often_one_slice(dimension):
    target, _ = cubes(dimension, batch=30)
    flat = 0
    drawn = Drawn.nothing(target)
    for _ in range(4):
        drawn = Drawn.nothing(target)
        outline(drawn, target)
        assert not drawn.positive.any()
        for region, wanted in zip(drawn.region[:, 0], target[:, 0], strict=True):
            first, last = region.nonzero().amin(dim=0), region.nonzero().amax(dim=0)
            edges = (last - first + 1).tolist()
            flat += min(edges) == 1
            assert (region * wanted).any()
            assert max(edges) <= 12 + 4
            assert sum(n < 9 for n in edges) <= (1 if dimension == 3 else 0)
    assert (flat > 0) == (dimension == 3)
    assert flat < 4 * len(target)


def test_depth_counts_the_voxels_to_the_border():
    mask = torch.zeros(1, 1, 15, 15)
    mask[..., 3:12, 3:12] = 1
    found = depth(mask, 10)
    assert found[0, 0, 7, 7] == 5
    assert found[0, 0, 3, 7] == 1
    assert found[0, 0, 0, 0] == 0
    assert depth(mask, 2).max() == 3
