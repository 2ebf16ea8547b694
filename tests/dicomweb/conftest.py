"""DICOMweb servers with small series: one of the tests' own, and a real Orthanc where that is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jlabel.dicomweb import DicomWebDatastore
from tests.dicomweb.orthanc import PASSWORD, USER, Orthanc, orthanc_plugin
from tests.dicomweb.small_series import slices
from tests.dicomweb.small_server import SmallServer

Open = Callable[..., DicomWebDatastore]
Pacs = SmallServer | Orthanc


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written to, or read from, a person's home; everything is looked at as it is now."""
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    for name in ("JLABEL_DICOMWEB_USERNAME", "JLABEL_DICOMWEB_PASSWORD", "JLABEL_DICOMWEB_TOKEN", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("jlabel.datastores.remote.fetched_studies._FRESH_SECONDS", 0.0)
    # What fails is tried again at once.
    monkeypatch.setattr("jlabel.dicomweb.server._FIRST_WAIT_MS", 1)
    monkeypatch.setattr("jlabel.dicomweb.downloads._ONCE_MORE", (0.01, 0.01))


@pytest.fixture(scope="session")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    if orthanc_plugin() is None:
        pytest.skip("Orthanc with its plugin for DICOMweb is not installed")
    server = Orthanc(tmp_path_factory.mktemp("orthanc"))
    yield server
    server.close()


@pytest.fixture
def small() -> Iterator[SmallServer]:
    """A server of the tests' own, with a CT series of three slices."""
    server = SmallServer()
    server.put(*slices())
    yield server
    server.close()


@pytest.fixture(params=["small", "orthanc"])
def pacs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Pacs:
    """Either server, with a CT series of three slices, and the credentials for it in the environment."""
    server: Pacs = request.getfixturevalue(request.param)
    if isinstance(server, Orthanc):
        server.clear()
        server.put(*slices())
        monkeypatch.setenv("JLABEL_DICOMWEB_USERNAME", USER)
        monkeypatch.setenv("JLABEL_DICOMWEB_PASSWORD", PASSWORD)
    return server


@pytest.fixture
def open_on(tmp_path: Path) -> Iterator[Open]:
    """Opens datastores on a server, each as on a machine of its own, and closes them after the test."""
    opened: dict[str, DicomWebDatastore] = {}

    def opener(server: Pacs, machine: str = "here", **options: object) -> DicomWebDatastore:
        if machine in opened:
            opened[machine].close()
        opened[machine] = DicomWebDatastore(server.url, cache=tmp_path / machine, **options)  # type: ignore[arg-type]
        return opened[machine]

    yield opener
    for datastore in opened.values():
        datastore.close()
