"""Fixtures that every test may use."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from tests.forked import server
from tests.forked.jobs import ForkedJobs
from tests.forked.kernels import write_kernel_spec

if TYPE_CHECKING:
    from jlabel.demo.template import Template
    from tests.postgres_server import PostgresServer

# How long an example takes says something of the machine, and nothing of the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# Where jobs are not what is tested, but what they do: they begin with the libraries loaded.
_FORKED = (
    "active_learning",
    "apps",
    "bundles",
    "cli",
    "click",
    "deepedit",
    "deepgrow",
    "docs",
    "labeler",
    "manager",
    "monailabel",
)
_FORKED += ("nuclick", "segmentation", "selection", "simulation", "training", "widget")

# Modules of tests that take long, where tests run beside each other.
_LONGEST = (
    "notebooks/test_quickstart.py",
    "docs/test_pages.py",
    "training/test_devices.py",
    "bundles/export/test_bundle.py",
    "datastores/test_exchanged_folders.py",
    "active_learning/test_kills.py",
    "interactive/test_locality.py",
    "datastores/test_hostile_values.py",
    "docs/test_build.py",
    "active_learning/test_real_pictures.py",
    "manager/test_exporting.py",
    "click/test_train.py",
    "jobs/dask/test_kills.py",
)

# Linux's file system in memory, and the bytes that must be free in it.
_MEMORY, _NEEDED = Path("/dev/shm"), 6 * 2**30

_DEFAULT_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Tests beside each other have a core each, and what forks processes for them is loaded once."""
    if hasattr(config, "workerinput"):
        return
    if config.option.basetemp is None and _has_room(_MEMORY):
        # What a power cut would take does not matter to tests, and a disk takes longer than many of them to be sure.
        folder = Path(tempfile.mkdtemp(prefix="jlabel-", dir=_MEMORY))
        config.add_cleanup(partial(shutil.rmtree, folder, ignore_errors=True))
        config.option.basetemp = str(folder / "tests")
    if config.getoption("numprocesses", None):
        # More threads than cores wait for one another, and torch reads this when it is loaded.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        os.environ[server.ADDRESS] = str(server.address())


def _has_room(folder: Path) -> bool:
    """Whether programs run in a file system, and all tests' files find room there."""
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return False
    found = os.statvfs(folder)
    return not found.f_flag & os.ST_NOEXEC and found.f_bavail * found.f_frsize >= _NEEDED


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The tests of a module to one worker, which sets their fixtures up once; all browser tests to one as well.

    Two browsers on two cores make each other wait beyond a person's patience.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ModuleByModule(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "browser" if nodeid.startswith("tests/browser/") else nodeid.partition("::")[0]

    # In the order of the collection, not by the number of their tests.
    config.option.loadscopereorder = False
    return ModuleByModule(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long begins first where tests run beside each other: no worker waits for another's at the end."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    tests = config.rootpath / "tests"
    first = {tests / name: -len(_LONGEST) + place for place, name in enumerate(_LONGEST)}
    browser = tests / "browser"
    items.sort(key=lambda item: -len(first) - 1 if browser in item.path.parents else first.get(item.path, 0))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real test data; without it a test is skipped, and on CI it fails."""
    folder = Path(os.environ.get("JLABEL_TEST_DATA", _DEFAULT_DATA))
    if not folder.is_dir():
        message = f"no test data at {folder}; set JLABEL_TEST_DATA to the folder that holds it"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.fixture(scope="session")
def _postgres() -> Iterator[PostgresServer]:
    from tests.postgres_server import PostgresServer

    # What a power cut would take does not matter to tests.
    server = PostgresServer("fsync=off", "full_page_writes=off")
    yield server
    server.close()


@pytest.fixture
def postgres(_postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A real PostgreSQL server; a test that has stopped it need not start it again."""
    yield _postgres
    if not _postgres.is_running:
        _postgres.start()


@pytest.fixture
def own_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the locks of devices: a job of this test waits for none of another, nor for a person's."""
    locks = tmp_path / "locks"
    locks.mkdir()
    monkeypatch.setenv("TMPDIR", str(locks))
    monkeypatch.setattr(tempfile, "tempdir", str(locks))
    return locks


@pytest.fixture(autouse=True)
def loaded_jobs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs need not import torch and MONAI anew, unless the test is marked with ``new_process``."""
    folder = request.node.path.relative_to(request.config.rootpath / "tests").parts[0]
    if folder in _FORKED and request.node.get_closest_marker("new_process") is None:
        monkeypatch.setattr("jlabel.jobs.runners.LocalProcesses.start", ForkedJobs.start)


@pytest.fixture(scope="session")
def example_template() -> Template:
    from jlabel.demo.template import load_template

    return load_template()


@pytest.fixture
def loaded_template(example_template: Template, monkeypatch: pytest.MonkeyPatch) -> None:
    """The template of the example studies is read once, which takes longer than what is made from it."""
    monkeypatch.setattr(sys.modules["jlabel.demo.example_studies"], "load_template", lambda: example_template)


@pytest.fixture
def loaded_kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels that begin with the libraries loaded, and so do their jobs."""
    write_kernel_spec(tmp_path / "jupyter")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))


@pytest.fixture
def signs(tmp_path: Path) -> Path:
    """A folder through which a test and the work of its jobs see each other."""
    folder = tmp_path / "signs"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session", autouse=True)
def own_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key of the tests' own for jobs, also in the processes that they start: none is made in a person's home."""
    file = tmp_path_factory.mktemp("key") / "job.key"
    os.environ["JLABEL_KEY_FILE"] = str(file)
    return file


@pytest.fixture(scope="session")
def annotator_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the name of the tests' person is kept: not in the settings of whoever runs them."""
    for name in ("JUPYTERHUB_USER", "JLABEL_USER"):
        os.environ.pop(name, None)
    file = tmp_path_factory.mktemp("settings") / "annotator.json"
    os.environ["JLABEL_ANNOTATOR_FILE"] = str(file)
    return file


@pytest.fixture(autouse=True)
def own_name(annotator_file: Path) -> Iterator[None]:
    """A name that a test gives is that of no other test."""
    yield
    annotator_file.unlink(missing_ok=True)
