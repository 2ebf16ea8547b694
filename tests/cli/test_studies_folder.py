"""Studies by a URL, wherever a command takes a folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from jlabel.cli import lab
from jlabel.cli.studies_folder import studies_argument, studies_named
from jlabel.datastores.remote.address import local_places, remember_url, remembered_url
from jlabel.errors import DatastoreError
from tests.apps.app_file.conftest import Write
from tests.cli.conftest import Jlabel
from tests.cli.studies import make_studies
from tests.dicomweb.small_series import slices
from tests.dicomweb.small_server import SmallServer


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written to, or read from, a person's home."""
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[str]:
    """The URL of two images in fsspec's memory, which is empty again afterwards."""
    system = fsspec.filesystem("memory")
    for file in make_studies(tmp_path / "made", cases=2, labelled=0).glob("*.nii.gz"):
        system.pipe(f"/two-scans/{file.name}", file.read_bytes())
    yield "memory://two-scans"
    system.store.clear()
    system.pseudo_dirs[:] = [""]


@pytest.fixture
def server() -> Iterator[SmallServer]:
    """A DICOMweb server with a series of three slices."""
    server = SmallServer()
    server.put(*slices())
    yield server
    server.close()


def test_an_app_file_runs_on_studies_in_a_bucket(write: Write, jlabel: Jlabel, memory: str) -> None:
    file = write("labels: [liver]\nrun: $sorted(@manager.datastore.list_images())")
    assert jlabel("run", file, "--studies", memory) == (0, "case_0\ncase_1\n", "")


def test_an_app_file_runs_on_studies_of_a_dicomweb_server(write: Write, jlabel: Jlabel, server: SmallServer) -> None:
    file = write("labels: [liver]\nrun: $@manager.datastore.count_images()")
    assert jlabel("run", file, "--studies", server.url) == (0, "1\n", "")


@pytest.mark.parametrize("command", ["run", "start_server", "lab"])
def test_the_notebook_opens_the_url(
    command: str, write: Write, jlabel: Jlabel, memory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(lab, "serve", lambda *arguments: calls.append(arguments) or 0)
    typed: dict[str, list[object]] = {
        "run": [write("labels: [liver]"), "--studies", memory],
        "start_server": ["-s", memory, "--labels", "liver"],
        "lab": [memory, "--labels", "liver"],
    }
    assert jlabel(command, *typed[command])[0] == 0
    assert f"studies='{memory}'" in calls[0][1].read_text()


def test_a_folder_as_a_url_is_that_folder(jlabel: Jlabel, write: Write, tmp_path: Path) -> None:
    studies = make_studies(tmp_path / "my studies")
    file = write("labels: [liver]\nrun: $@manager.datastore.count_images()")
    assert jlabel("run", file, "--studies", studies.as_uri()) == (0, "4\n", "")
    assert json.loads(jlabel("status", studies.as_uri(), "--json")[1])["total"] == 4


def test_what_cannot_be_opened_is_told(jlabel: Jlabel, write: Write) -> None:
    file = write("labels: [a]\nrun: $1")
    code, _, err = jlabel("run", file, "--studies", "s3://me:hidden@bucket/scans")
    assert (code, err.count("\n"), "hidden" in err) == (1, 1, False)
    assert "holds a password or a query" in err
    code, _, err = jlabel("start_server", "--studies", "nothing://scans", "--labels", "a")
    assert (code, err.count("nothing://scans")) == (1, 1)


def test_options_that_a_notebook_gave_stay(tmp_path: Path) -> None:
    places = local_places("s3://bucket/scans", {})
    remember_url(places, "s3://bucket/scans", {"profile": "lab"})
    assert studies_argument("s3://bucket/scans/") == places.studies
    assert remembered_url(places.studies) == ("s3://bucket/scans", {"profile": "lab"})
    assert studies_named(places.studies) == "s3://bucket/scans"
    assert studies_named(tmp_path) == str(tmp_path)


def test_a_password_is_refused() -> None:
    with pytest.raises(DatastoreError, match="password"):
        studies_argument("s3://me:hidden@bucket/scans")
