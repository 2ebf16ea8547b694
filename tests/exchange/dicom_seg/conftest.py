"""A studies folder with one small CT series, and a label of its grid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

import jlabel
from tests.exchange.dicom_seg.samples import SHAPE, series


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    (tmp_path / "studies").mkdir()
    return tmp_path / "studies"


@pytest.fixture
def sources(studies: Path) -> list[Dataset]:
    """The headers of the series in the studies, in the order of its slices."""
    return series(studies / "ct")


@pytest.fixture
def values() -> np.ndarray:
    """A label ``(i, j, k)`` with values 0, 1 and 2, no two slices alike and the last one empty."""
    label = np.random.default_rng(1).integers(0, 3, SHAPE).astype(np.uint8)
    label[..., -1] = 0
    return label


@pytest.fixture
def opened(studies: Path) -> Iterator[Callable[..., jlabel.AppManager]]:
    """Opens a manager on the studies with labels of those names."""
    managers = []

    def make(*labels: str) -> jlabel.AppManager:
        app = jlabel.RadiologyApp(studies, list(labels) or ["segment 1", "segment 2"])
        managers.append(jlabel.AppManager(app, device="cpu"))
        return managers[-1]

    yield make
    for manager in managers:
        manager.close()
