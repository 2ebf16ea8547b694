"""The names of MONAI Label, offered for a test and taken back behind it."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from tests.apps.app_folder.conftest import write_app

__all__ = ["write_app"]


@pytest.fixture
def names() -> Iterator[None]:
    """``from monailabel.… import …`` works."""
    before = list(sys.meta_path)
    importlib.import_module("jlabel.monailabel")
    importlib.import_module("jlabel.monailabel.importing").install()
    yield
    sys.meta_path[:] = before
    os.environ.pop("JLABEL_MONAILABEL_NAMES", None)
    for name in [name for name in sys.modules if name.partition(".")[0] == "monailabel"]:
        del sys.modules[name]


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    """A folder with three small volumes of a bright block."""
    folder = tmp_path / "studies"
    folder.mkdir()
    for number in range(3):
        volume = np.full((16, 16, 8), 10, np.int16)
        volume[4:12, 4 + number : 12, 2:6] = 100
        nib.save(nib.Nifti1Image(volume, np.diag([1, 1, 2, 1])), folder / f"case_{number}.nii.gz")
    return folder
