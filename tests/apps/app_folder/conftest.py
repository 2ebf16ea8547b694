"""Folders of apps, written into a folder of the test's own."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

WriteApp = Callable[..., Path]


@pytest.fixture
def write_app(tmp_path: Path) -> WriteApp:
    """Write the files of an app: their texts by their paths in the app's folder."""

    def written(files: Mapping[str, str], name: str = "myapp") -> Path:
        for path, text in files.items():
            file = tmp_path / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(text), encoding="utf-8")
        return tmp_path / name

    return written


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    """A folder with one small volume."""
    folder = tmp_path / "studies"
    folder.mkdir()
    nib.save(nib.Nifti1Image(np.arange(120, dtype=np.int16).reshape(6, 5, 4), np.eye(4)), folder / "case_0.nii.gz")
    return folder
