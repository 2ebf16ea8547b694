"""Files of apps, written into a folder of the test's own."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write an app file: YAML from a text, JSON from a mapping."""

    def written(content: str | dict[str, Any], name: str = "") -> Path:
        as_json = not isinstance(content, str)
        file = tmp_path / (name or ("app.json" if as_json else "app.yaml"))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content, indent=2) if as_json else textwrap.dedent(content), encoding="utf-8")
        return file

    return written


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    """A folder with one small volume."""
    folder = tmp_path / "studies"
    folder.mkdir()
    nib.save(nib.Nifti1Image(np.zeros((6, 5, 4), np.int16), np.eye(4)), folder / "case_0.nii.gz")
    return folder
