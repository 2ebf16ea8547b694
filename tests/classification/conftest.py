"""Small pictures of two classes: what shows red is in the body, what shows blue is out of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from jlabel.datastores import LocalDatastore
from jlabel.labels import Classification

VIEW = Classification("view", ["in body", "out of body"])
_COLOURS = {"in body": (180, 60, 50), "out of body": (60, 70, 170)}


def make_pictures(folder: Path, count: int = 10, colours: bool = True) -> LocalDatastore:
    """A datastore with pictures ``in_0``, ``out_0``, ... of 16 × 16 pixels; none is tagged."""
    folder.mkdir(exist_ok=True)
    random = np.random.default_rng(0)
    for number in range(count):
        for name, colour in (("in", _COLOURS["in body"]), ("out", _COLOURS["out of body"])):
            pixels = np.clip(random.normal(colour, 12, (16, 16, 3)), 0, 255).astype(np.uint8)
            picture = Picture.fromarray(pixels)
            (picture if colours else picture.convert("L")).save(folder / f"{name}_{number}.png")
    return LocalDatastore(folder, author="mia")


@pytest.fixture
def pictures(tmp_path: Path) -> Iterator[LocalDatastore]:
    store = make_pictures(tmp_path / "pictures", 4)
    yield store
    store.close()
