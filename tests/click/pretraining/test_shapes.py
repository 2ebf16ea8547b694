"""Made scenes, and how they look."""

from __future__ import annotations

import pytest
import torch

from jlabel.click.pretraining.rendering import degrade, render
from jlabel.click.pretraining.shapes import BACKGROUNDS, MOST_LABELS, cells, make_scene, partition, warped


@pytest.mark.parametrize(("dimension", "size"), [(2, 32), (3, 16)])
@pytest.mark.parametrize("batch", [1, 6])
def test_a_scene_has_labels_of_the_backgrounds_and_of_objects(dimension, size, batch):
    scene = make_scene(batch, size, dimension, "cpu")
    for labels in (scene.labels, scene.groups):
        assert labels.shape == (batch, *(size,) * dimension)
        assert labels.dtype == torch.int64
        assert labels.min() >= 0
        assert labels.max() < MOST_LABELS
    # An object and its core are one group, which has the number of the outer part.
    differ = scene.labels != scene.groups
    assert torch.equal(scene.labels[differ], scene.groups[differ] + 1)
    assert (scene.groups[differ] >= BACKGROUNDS).all()


@pytest.mark.parametrize(("dimension", "size"), [(2, 32), (3, 16)])
def test_a_partition_has_two_to_six_parts(dimension, size):
    parts = partition(8, size, dimension, size / 4, "cpu")
    assert parts.shape == (8, *(size,) * dimension)
    assert all(2 <= len(item.unique()) <= 6 for item in parts)
    assert parts.max() < 6


@pytest.mark.parametrize(("dimension", "size"), [(2, 48), (3, 20)])
def test_cells_are_many_and_fewer_than_the_labels_of_a_background(dimension, size):
    found = cells(4, size, dimension, "cpu")
    assert found.shape == (4, *(size,) * dimension)
    assert found.min() >= 0
    assert found.max() < BACKGROUNDS
    assert all(len(item.unique()) > 3 for item in found)


def test_coordinates_are_moved_by_another_amount_for_each_item():
    where = warped(3, 32, 2, "cpu")
    assert where.shape == (3, 2, 32, 32)
    assert not torch.allclose(where[0], where[1])
    assert torch.isfinite(where).all()


@pytest.mark.parametrize(("dimension", "size", "colours"), [(2, 32, 3), (3, 16, 1)])
def test_scenes_become_images_whose_values_are_finite(dimension, size, colours):
    labels = make_scene(6, size, dimension, "cpu").labels
    for _ in range(6):
        image = render(labels, colours)
        assert image.shape == (6, colours, *(size,) * dimension)
        spoilt = degrade(image)
        assert spoilt.shape == image.shape
        assert torch.isfinite(spoilt).all()
        assert spoilt.min() >= 0
        assert spoilt.max() <= 1


def test_labels_look_different_from_each_other():
    labels = torch.zeros(8, 32, 32, dtype=torch.long)
    labels[:, 16:] = BACKGROUNDS
    image = render(labels, 1)
    apart = (image[:, 0, 16:].mean(dim=(1, 2)) - image[:, 0, :16].mean(dim=(1, 2))).abs()
    assert apart.median() > 0.02
