"""A design that trains in a moment, and pictures with parts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jlabel.click.network import DESIGNS, Design


@pytest.fixture
def tiny() -> Design:
    """The design for pictures, a hundredth of its size."""
    return replace(DESIGNS[2], size=32, features=(4, 8, 8, 8, 8))


@pytest.fixture
def pictures_file(tmp_path: Path) -> Path:
    """Two pictures in four squares each, as :func:`jlabel.click.pretraining.real_pictures.collect` writes them."""
    random = np.random.default_rng(0)
    squares = np.kron(np.arange(4).reshape(2, 2), np.ones((24, 24))).astype(np.uint16)
    images = random.integers(0, 255, (2, 48, 48, 3)).astype(np.uint8)
    file = tmp_path / "pictures.npz"
    np.savez_compressed(file, images=images, parts=np.tile(squares, (2, 4, 1, 1)))
    return file
