"""Small studies folders, and labels as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jlabel.datastores import LocalDatastore

Open = Callable[..., LocalDatastore]


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    folder = tmp_path / "studies"
    folder.mkdir()
    return folder


@pytest.fixture
def open_store(studies: Path) -> Iterator[Open]:
    """Opens datastores on the studies folder and closes them after the test."""
    opened: list[LocalDatastore] = []

    def opener(folder: Path = studies, **options: object) -> LocalDatastore:
        opened.append(LocalDatastore(folder, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield opener
    for store in opened:
        store.close()


@pytest.fixture
def add() -> Callable[..., None]:
    """Makes image files of 4×5 pixels; the voxels do not matter here."""

    def make(folder: Path, *names: str) -> None:
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            if name.endswith((".png", ".bmp", ".jpg")):
                Image.fromarray(np.zeros((4, 5), np.uint8)).save(folder / name)
            else:
                (folder / name).write_bytes(b"not read here")

    return make


@pytest.fixture
def label_file(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a label file with that text as its content: enough for what is done with whole files."""

    def make(content: str, ext: str = ".nii.gz") -> Path:
        file = tmp_path / f"label-{abs(hash(content))}{ext}"
        file.write_text(content)
        return file

    return make
