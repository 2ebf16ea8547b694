"""Which structure is meant."""

from __future__ import annotations

import pytest
import torch
from scipy import ndimage

from jlabel.click.pretraining.shapes import make_scene
from jlabel.click.pretraining.targets import choose_targets, component, other_structures


@pytest.mark.parametrize(("dimension", "size"), [(2, 48), (3, 20)])
def test_targets_are_connected_parts_of_one_label_or_group_and_of_the_stated_size(dimension, size):
    scene = make_scene(24, size, dimension, "cpu")
    target, good = choose_targets(scene.labels, scene.groups)
    assert target.shape == (24, 1, *(size,) * dimension)
    assert good.sum() >= 12
    assert set(target.unique().tolist()) <= {0, 1}
    assert not target[~good].any()
    for number in good.nonzero()[:, 0].tolist():
        mask = target[number, 0] > 0
        assert 0.002 < mask.float().mean() < 0.75
        assert min(len(labels[number][mask].unique()) for labels in (scene.labels, scene.groups)) == 1
        # Looked for at half the size, where a gap of a voxel counts as none.
        wide = ndimage.binary_dilation(mask.numpy(), iterations=2)
        assert ndimage.label(wide, ndimage.generate_binary_structure(dimension, dimension))[1] == 1


@pytest.mark.parametrize("dimension", [2, 3])
def test_a_component_is_the_part_around_its_place(dimension):
    mask = torch.zeros(2, 1, *(24,) * dimension)
    one, two = (slice(2, 10),) * dimension, (slice(14, 22),) * dimension
    mask[(slice(None), 0, *one)] = mask[(slice(None), 0, *two)] = 1
    flat = sum(24**axis for axis in range(dimension))
    found = component(mask, torch.tensor([5 * flat, 18 * flat]))
    for item, part in zip(found, (one, two), strict=True):
        assert item.sum() == 8**dimension
        assert item[(0, *part)].all()


def test_a_component_follows_a_way_around_a_corner_but_not_beyond_twice_the_edge():
    bent, snake = torch.zeros(1, 1, 48, 48), torch.zeros(1, 1, 48, 48)
    bent[..., :4, :] = bent[..., :, 44:] = 1
    assert torch.equal(component(bent, torch.tensor([0])), bent)
    for row in range(0, 48, 8):
        snake[..., row : row + 4, :] = 1
        side = slice(44, 48) if (row // 8) % 2 == 0 else slice(0, 4)
        snake[..., row : row + 8, side] = 1
    assert 2 * 44 * 4 < component(snake, torch.tensor([0])).sum() < 0.6 * snake.sum()


def test_other_structures_are_no_part_of_the_target_and_come_for_a_share_of_the_items():
    scene = make_scene(40, 32, 2, "cpu")
    target, _ = choose_targets(scene.labels, scene.groups)
    others = other_structures(scene.labels, target, 0.5)
    assert not (others * target).any()
    assert 5 < int((others.flatten(1).amax(dim=1) > 0).sum()) < 35
    assert not other_structures(scene.labels, target, 0.0).any()


def test_an_image_without_a_structure_has_no_target():
    nothing = torch.zeros(3, 32, 32, dtype=torch.long)
    target, good = choose_targets(nothing, nothing)
    assert not good.any()
    assert not target.any()
