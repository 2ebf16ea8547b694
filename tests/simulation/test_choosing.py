"""Chances of a strategy that follow from a seed alone."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import jlabel
from jlabel.selection import Entropy, ForegroundRandom, PowerNoise, TypiClust
from jlabel.simulation.choosing import reseeded


class Drawing(jlabel.Strategy):
    """Draws with a generator of numpy."""

    def __init__(self) -> None:
        super().__init__("Any image")
        self.generator = np.random.default_rng()

    def __call__(self, request, datastore):
        waiting = [each for each in datastore.get_unlabeled_images() if each not in request.get("exclude", ())]
        return waiting[int(self.generator.integers(len(waiting)))]


@pytest.fixture
def datastore(tmp_path: Path):
    for number in range(30):
        Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / f"picture_{number:02}.png")
    store = jlabel.LocalDatastore(tmp_path)
    yield store
    store.close()


@pytest.mark.parametrize(
    "strategy",
    [jlabel.Random(), Drawing(), ForegroundRandom(), TypiClust(), Entropy(), PowerNoise(Entropy())],
    ids=lambda strategy: type(strategy).__name__,
)
def test_what_is_drawn_follows_from_the_seed_whatever_was_drawn_before(datastore, strategy) -> None:
    def chosen(seed):
        return reseeded(strategy, seed).choose({"seed": seed}, datastore)[0].image_id

    found = [chosen(seed) for seed in range(8)]
    random.seed(5)
    strategy.choose({}, datastore)
    assert [chosen(seed) for seed in range(8)] == found
    assert len(set(found)) > 2


def test_the_strategy_itself_stays_as_it_is(datastore) -> None:
    one, same = jlabel.Random(seed=3), jlabel.Random(seed=3)
    reseeded(one, 5).choose({}, datastore)
    assert one({}, datastore) == same({}, datastore)
    assert reseeded(ForegroundRandom(seed=1), 5).seed == 5
