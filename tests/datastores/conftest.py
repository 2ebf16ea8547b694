"""Small studies folders, with a catalogue in a file or on a server, and labels as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jlabel.datastores import LocalDatastore
from tests.postgres_server import PostgresServer

Open = Callable[..., LocalDatastore]
Address = Callable[[Path], str | None]

# Tests of what a datastore does, whatever database its catalogue is in.
_ON_BOTH = (
    "test_browsing",
    "test_change_stamp",
    "test_image_queue",
    "test_image_tags",
    "test_local",
    "test_scores",
    "test_spelling",
    "test_version_notes",
    "test_versioned_labels",
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker("sqlite") is not None:
        return
    if "catalogue_address" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] in _ON_BOTH:
        metafunc.parametrize("catalogue_address", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def catalogue_address(request: pytest.FixtureRequest) -> Address:
    """Where the catalogue of a studies folder is: in the folder, or on a server."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return lambda folder: None
    postgres: PostgresServer = request.getfixturevalue("postgres")
    addresses: dict[Path, str] = {}
    return lambda folder: addresses.setdefault(folder, postgres.new_url())


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    folder = tmp_path / "studies"
    folder.mkdir()
    return folder


@pytest.fixture
def open_store(studies: Path, catalogue_address: Address) -> Iterator[Open]:
    """Opens datastores on the studies folder and closes them after the test."""
    opened: list[LocalDatastore] = []

    def opener(folder: Path = studies, **options: object) -> LocalDatastore:
        opened.append(LocalDatastore(folder, **{"catalogue": catalogue_address(folder), **options}))  # type: ignore[arg-type]
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
