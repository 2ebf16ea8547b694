"""Small data sets in the layouts of other programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import jlabel

SHAPE = (5, 4, 3)
AFFINE = np.diag([2.0, 2.0, 3.0, 1.0])
Manage = Callable[..., jlabel.AppManager]


def volume(path: Path, values: np.ndarray | None = None, affine: np.ndarray = AFFINE) -> Path:
    """A NIfTI file of those values; of an image's if not given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    voxels = np.arange(60, dtype=np.int16).reshape(SHAPE) if values is None else values
    nib.save(nib.Nifti1Image(voxels, affine), path)
    return path


def mask(*values: int) -> np.ndarray:
    """A label with a voxel of each of the values."""
    label = np.zeros(SHAPE, np.uint8)
    label.flat[: len(values)] = values
    return label


def write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    folder = tmp_path / "studies"
    folder.mkdir()
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "data set"
    folder.mkdir()
    return folder


@pytest.fixture
def manage(studies: Path) -> Iterator[Manage]:
    """Opens managers on the studies folder, and closes them after the test."""
    opened: list[jlabel.AppManager] = []

    def opener(labels: object = ("liver",), folder: Path = studies) -> jlabel.AppManager:
        opened.append(jlabel.AppManager(jlabel.LabelApp(folder, labels), device="cpu"))
        return opened[-1]

    yield opener
    for manager in opened:
        manager.close()
