"""A folder of two pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def pictures(tmp_path: Path, own_locks: Path) -> Path:
    folder = tmp_path / "studies"
    folder.mkdir()
    for name in "ab":
        Image.fromarray(np.zeros((4, 5), np.uint8)).save(folder / f"{name}.png")
    return folder
