"""A folder of two pictures, with device locks that no other test shares."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    locks = tmp_path / "locks"
    locks.mkdir()
    monkeypatch.setenv("TMPDIR", str(locks))
    monkeypatch.setattr(tempfile, "tempdir", str(locks))
    folder = tmp_path / "studies"
    folder.mkdir()
    for name in "ab":
        Image.fromarray(np.zeros((4, 5), np.uint8)).save(folder / f"{name}.png")
    return folder
