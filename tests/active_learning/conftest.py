"""A CVAT server and studies of small pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pictures

import jlabel
from jlabel.active_learning import AnnotationLoop, LoopSettings
from jlabel.manager import AppManager
from tests.cvat.server import ContractServer

ROWS, COLUMNS = 20, 30
SHAPE = (12, 10, 5)
PROJECT = "polyps"
Begin = Callable[..., AnnotationLoop]


@pytest.fixture
def server() -> Iterator[ContractServer]:
    """A server of the newest version."""
    with ContractServer() as running:
        yield running


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    """Twelve pictures in colours: a bright spot each."""
    folder = tmp_path / "studies"
    folder.mkdir()
    for number in range(12):
        pixels = np.random.default_rng(number).integers(0, 60, (ROWS, COLUMNS, 3), np.uint8)
        pixels[spot(number)] = 200
        Pictures.fromarray(pixels).save(folder / f"picture_{number:02}.png")
    return folder


@pytest.fixture
def manager(studies: Path) -> Iterator[AppManager]:
    """Of an app without models."""
    made = AppManager(jlabel.LabelApp(studies, labels=["polyp", "tool"]), device="cpu")
    yield made
    made.close()


@pytest.fixture
def volumes(tmp_path: Path) -> Iterator[AppManager]:
    """Of two volumes of five slices."""
    folder = tmp_path / "volumes"
    folder.mkdir()
    for number in range(2):
        voxels = np.random.default_rng(number).normal(100, 30, SHAPE).astype(np.int16)
        nib.save(nib.Nifti1Image(voxels, np.diag([-1.0, 1.0, 5.0, 1.0])), folder / f"scan_{number}.nii.gz")
    made = AppManager(jlabel.LabelApp(folder, labels=["liver"]), device="cpu")
    yield made
    made.close()


@pytest.fixture
def cvat(server: ContractServer) -> Iterator[jlabel.Cvat]:
    """Ann's way to the server."""
    made = jlabel.Cvat(server.url, username="ann", password="ann-pass")
    yield made
    made.close()


@pytest.fixture
def begin(manager: AppManager, cvat: jlabel.Cvat) -> Iterator[Begin]:
    """Makes a loop on the manager's studies."""
    loops: list[AnnotationLoop] = []

    def make(of: AppManager = manager, server: jlabel.Cvat = cvat, **settings: object) -> AnnotationLoop:
        usual = {"project": PROJECT, "strategy": "first", "top_k": 4, "train": "", "poll": (0.05, 0.2)}
        loops.append(AnnotationLoop(of, server, LoopSettings(**{**usual, **settings})))
        return loops[-1]

    yield make
    for loop in loops:
        loop.stop()


def spot(number: int) -> NDArray[np.bool_]:
    """Where the bright spot of a picture is."""
    mask = np.zeros((ROWS, COLUMNS), bool)
    mask[4 + number % 5 : 10 + number % 5, 3 + number : 9 + number] = True
    return mask


def annotate(server: ContractServer, task: int, user: str = "bob", label: str = "polyp") -> None:
    """A person in CVAT draws the spot of each picture of a task, and finishes its jobs."""
    for frame, name in frames(server, task).items():
        server.draw(task, frame, label, spot(number_of(name)), user)
    finish(server, task, user)


def finish(server: ContractServer, task: int, user: str = "bob") -> None:
    """A person in CVAT finishes all jobs of a task."""
    for job in server.jobs_of(task, "annotation"):
        server.complete(job.id, user)


def frames(server: ContractServer, task: int) -> dict[int, str]:
    """The names of the frames of a task by their numbers."""
    return {number: frame.name for number, frame in enumerate(server.tasks[task].frames)}


def spot_of(name: str, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Where the bright spot is that a frame shows."""
    return spot(number_of(name))


def number_of(name: str) -> int:
    """Which picture of the studies a frame is of."""
    return int(name.partition(".")[0].removeprefix("picture_"))
