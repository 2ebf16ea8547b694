"""Small pictures with something to segment in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from jlabel.datastores import LocalDatastore

SIZE = (56, 48)


def discs(number: int, count: int = 5, radius: float = 5.5) -> np.ndarray:
    """A label map of discs that do not overlap but may touch, with a value from 1 on for each."""
    random = np.random.default_rng(number)
    rows, columns = np.indices(SIZE)
    found, value = np.zeros(SIZE, np.uint16), 0
    for _ in range(200):
        row, column = random.uniform(radius, np.array(SIZE) - radius)
        inside = (rows - row) ** 2 + (columns - column) ** 2 < radius**2
        if value < count and not found[inside].any():
            value += 1
            found[inside] = value
    return found


def picture(number: int, colours: bool, truth: np.ndarray) -> np.ndarray:
    """The objects of a label map, bright (in colours: red) on dark noise."""
    noise = np.random.default_rng(100 + number).normal(60, 8, (*SIZE, 3) if colours else SIZE)
    bright = (truth > 0).astype(float)
    found = noise + (bright[..., None] * [120, 20, 0] if colours else 100 * bright)
    return np.clip(found, 0, 255).astype(np.uint8)


def make_pictures(
    folder: Path, colours: bool = True, truth: Callable[[int], np.ndarray] = discs, count: int = 5
) -> LocalDatastore:
    """A datastore with pictures ``case_0``, ... of label maps in a folder; nothing is labelled."""
    folder.mkdir(exist_ok=True)
    for number in range(count):
        Picture.fromarray(picture(number, colours, truth(number))).save(folder / f"case_{number}.png")
    return LocalDatastore(folder)


@pytest.fixture(params=["colours", "grey"])
def pictures(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalDatastore]:
    store = make_pictures(tmp_path / "pictures", request.param == "colours")
    yield store
    store.close()
