from __future__ import annotations

from collections import Counter

import nibabel as nib
import numpy as np
import pytest

from jlabel import First, LocalDatastore, Random


@pytest.fixture
def datastore(tmp_path):
    for name in "abcd":
        nib.save(nib.Nifti1Image(np.zeros((2, 2, 2), np.uint8), np.eye(4)), tmp_path / f"{name}.nii.gz")
    return LocalDatastore(tmp_path)


def label(datastore, image_id):
    datastore.save_label(image_id, np.zeros((2, 2, 2), np.uint8))


def test_first_goes_by_name(datastore):
    first = First()
    assert first({}, datastore) == "a"
    label(datastore, "a")
    assert first({}, datastore) == "b"
    assert first({"exclude": ["b", "c"]}, datastore) == "d"


def test_random_gives_every_unlabelled_image_its_turn(datastore):
    label(datastore, "b")
    strategy = Random(seed=1)
    drawn = Counter(strategy({}, datastore) for _ in range(300))
    assert set(drawn) == {"a", "c", "d"}
    assert min(drawn.values()) > 60


def test_a_seed_gives_the_same_order(datastore):
    orders = [[strategy({}, datastore) for _ in range(20)] for strategy in (Random(seed=7), Random(seed=7))]
    assert orders[0] == orders[1]


@pytest.mark.parametrize("strategy", [First(), Random(seed=0)])
def test_nothing_is_left(datastore, strategy):
    for image_id in "abc":
        label(datastore, image_id)
    assert strategy({"exclude": ["d"]}, datastore) is None
    label(datastore, "d")
    assert strategy({}, datastore) is None


@pytest.mark.parametrize("strategy", [First(), Random(seed=0)])
def test_skipped_images_come_last(datastore, strategy):
    datastore.update_image_info("a", {"skipped": "2026-01-01"})
    assert "a" not in {strategy({}, datastore) for _ in range(20)}
    for image_id in "bcd":
        label(datastore, image_id)
    assert strategy({}, datastore) == "a"


def test_strategies_say_what_they_do():
    assert First().info() == {"description": "The first image without a label, by name"}
    assert Random(description="any").info() == {"description": "any"}
