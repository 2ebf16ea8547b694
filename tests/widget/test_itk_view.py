"""Handing over to itkwidgets, which the test plays: it is not among what jlabel installs."""

from __future__ import annotations

import importlib.metadata
import sys
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from jlabel import JlabelError
from jlabel.imaging import Image
from jlabel.widget import itk_view as itk

AFFINE = np.array([[0, -2.0, 0, 10], [1.5, 0, 0, -20], [0, 0, 3.0, 30], [0, 0, 0, 1]])
IMAGE = Image(np.arange(24, dtype=np.int16).reshape(2, 3, 4), AFFINE)
MASK = np.ones((2, 3, 4), np.uint8)


@dataclass
class WasmImage:
    imageType: Any = None
    origin: list[float] = field(default_factory=list)
    spacing: list[float] = field(default_factory=list)
    direction: Any = None
    size: list[int] = field(default_factory=list)
    data: Any = None


@dataclass
class WasmImageType:
    dimension: int
    componentType: str
    pixelType: str
    components: int


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """An itkwidgets that remembers what it was to show."""
    calls: list[dict[str, Any]] = []
    itkwidgets, itkwasm = ModuleType("itkwidgets"), ModuleType("itkwasm")
    itkwidgets.view = lambda **what: calls.append(what) or "viewer"
    itkwasm.Image, itkwasm.ImageType = WasmImage, WasmImageType
    monkeypatch.setitem(sys.modules, "itkwidgets", itkwidgets)
    monkeypatch.setitem(sys.modules, "itkwasm", itkwasm)
    monkeypatch.setattr(itk, "version", lambda name: "1.0a55")
    return calls


def test_image_and_labels_are_handed_over_where_they_lie(shown):
    assert itk.itk_view(IMAGE, MASK) == "viewer"
    image, labels = shown[0]["image"], shown[0]["label_image"]
    # The second axis runs to the patient's left, and the first to the front.
    assert image.size == [3, 2, 4]
    assert image.data.shape == (4, 2, 3)
    np.testing.assert_allclose(image.direction, np.eye(3))
    assert (image.imageType.componentType, labels.imageType.componentType) == ("int16", "uint8")
    for index in np.ndindex(3, 2, 4):
        place = np.array(image.origin) + np.array(image.spacing) * index
        voxel = np.rint(np.linalg.inv(AFFINE) @ [*(place * [-1, -1, 1]), 1])[:3].astype(int)
        assert image.data[index[::-1]] == IMAGE.array[tuple(voxel)]


def test_what_cannot_work_is_refused_in_words(shown, monkeypatch):
    with pytest.raises(JlabelError, match="picture or has colours"):
        itk.itk_view(Image(np.zeros((3, 3), np.uint8), np.eye(4)), np.zeros((3, 3), np.uint8))
    monkeypatch.setattr(itk, "version", lambda name: "0.32.6")
    with pytest.raises(JlabelError, match=r"0\.32\.6 has no extension for JupyterLab"):
        itk.itk_view(IMAGE, MASK)

    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(itk, "version", missing)
    with pytest.raises(JlabelError, match="not installed: pip install"):
        itk.itk_view(IMAGE, MASK)
    assert shown == []


def test_its_own_failures_say_what_is_known_to_work(shown, monkeypatch):
    def fails(**what: Any) -> None:
        raise TypeError("writes to local directory paths; got MemoryStore")

    monkeypatch.setattr(sys.modules["itkwidgets"], "view", fails)
    with pytest.raises(JlabelError, match=r"MemoryStore.*ngff-zarr==0\.12\.2"):
        itk.itk_view(IMAGE, MASK)
