"""A task is made and filled once, whatever happens on the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures

from jlabel.cvat import tasks, uploads
from jlabel.cvat.connection import Connection
from jlabel.cvat.projects import project_with_labels
from jlabel.cvat.tasks import TaskRequest, filled_task, find_task, task_frames
from jlabel.errors import CvatError
from jlabel.labels.label import Label
from tests.cvat.conftest import Connect
from tests.cvat.server import ContractServer, Fault
from tests.cvat.server.records import Label as ServerLabel

LABELS = [Label("polyp", 1, "#e69f00"), Label("tool", 2, "#56b4e9")]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses between two looks."""
    monkeypatch.setattr(tasks, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(uploads, "_PAUSE", 0.01)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Pictures of different widths."""
    made = []
    for number in range(5):
        made.append(tmp_path / f"picture {number}.png")
        Pictures.fromarray(np.full((6, 8 + number), 40 * number, np.uint8)).save(made[-1])
    return made


def request(connection: Connection, key: str = "abc123", **more: int) -> TaskRequest:
    project = project_with_labels(connection, "polyps", LABELS)
    return TaskRequest(key, "round 1", project.id, **more)


@pytest.mark.parametrize("version", ["2.15.0", "2.21.0", "2.30.0", "2.48.0", "2.80.0"])
def test_a_task_is_filled_on_servers_of_many_versions(version: str, connect: Connect, files: list[Path]) -> None:
    with ContractServer(version) as server:
        connection = connect(server)
        task = filled_task(connection, request(connection), files)
        found = {frame.name: (frame.number, frame.width, frame.height) for frame in task_frames(connection, task)}
        assert found == {file.name: (at, 8 + at, 6) for at, file in enumerate(files)}
        assert server.uploaded(task) == {file.name: file.read_bytes() for file in files}


def test_a_task_of_the_same_key_is_there_once(
    connection: Connection, server: ContractServer, files: list[Path]
) -> None:
    first = filled_task(connection, request(connection), files)
    assert filled_task(connection, request(connection), files) == first
    assert len(server.tasks) == 1
    assert filled_task(connection, request(connection, "def456"), files) != first


def test_a_task_is_found_among_many(connection: Connection, server: ContractServer) -> None:
    project = project_with_labels(connection, "polyps", LABELS).id
    made = [
        connection.post("tasks", {"name": f"round {number} [key{number}]", "project_id": project})["id"]
        for number in range(123)
    ]
    assert find_task(connection, project, "key110") == made[110]
    assert find_task(connection, project, "key1") == made[1]
    assert find_task(connection, project, "key123") is None


@pytest.mark.parametrize("path", [r"/tasks$", r"/data$"])
@pytest.mark.parametrize("kind", ["cut_before", "cut_body", "cut_after", "cut_answer", "status"])
def test_a_fault_on_the_way_leaves_one_task_with_each_picture_once(
    kind: str, path: str, connection: Connection, server: ContractServer, files: list[Path]
) -> None:
    asked = request(connection)
    server.faults.add(Fault("POST", path, kind, keep=100))
    task = filled_task(connection, asked, files)
    assert list(server.tasks) == [task]
    assert server.uploaded(task) == {file.name: file.read_bytes() for file in files}


def test_many_bytes_go_in_several_requests_and_large_files_in_pieces(
    connection: Connection, server: ContractServer, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (60, 60, 3), np.uint8)
    Pictures.fromarray(noise).save(files[2])
    monkeypatch.setattr(uploads, "MOST_BYTES", 200)
    monkeypatch.setattr(uploads, "_PIECE", 3000)
    server.faults.add(Fault("PATCH", "/data/", "cut_body", keep=1000, after=1))
    server.faults.add(Fault("PATCH", "/data/", "cut_after", after=2))
    task = filled_task(connection, request(connection), files)
    assert server.uploaded(task) == {file.name: file.read_bytes() for file in files}
    asked = [entry for entry in server.requests if entry.path.endswith("/data")]
    assert len(asked) > 3


def test_a_large_file_whose_last_answer_got_lost_is_there_once(
    connection: Connection, server: ContractServer, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 50)
    server.faults.add(Fault("PATCH", "/data/", "cut_after", after=2))
    task = filled_task(connection, request(connection), files)
    assert list(server.tasks) == [task]
    assert server.uploaded(task) == {file.name: file.read_bytes() for file in files}


def test_jobs_have_the_frames_that_were_asked_for(
    connection: Connection, server: ContractServer, files: list[Path]
) -> None:
    one = filled_task(connection, request(connection, "one", segment_size=2), files)
    assert [len(job.frame_numbers) for job in server.jobs_of(one)] == [2, 2, 1]
    whole = filled_task(connection, request(connection, "whole"), files)
    assert [len(job.frame_numbers) for job in server.jobs_of(whole)] == [5]


def test_pictures_that_cvat_cannot_use_are_told(connection: Connection, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"this is no picture")
    with pytest.raises(CvatError, match="CVAT could not make frames of the pictures"):
        filled_task(connection, request(connection), [broken])


def test_labels_are_added_and_none_is_changed(connection: Connection, server: ContractServer) -> None:
    project = project_with_labels(connection, "polyps", LABELS[:1])
    for label in server.labels.values():
        label.color = "#000000"
    server.faults.add(Fault("PATCH", "projects/", "cut_after"))
    more = project_with_labels(connection, "polyps", LABELS)
    assert more.id == project.id
    assert {label.name: label.color for label in server.labels.values()} == {"polyp": "#000000", "tool": "#56b4e9"}


def test_of_labels_of_one_name_that_which_takes_masks_counts(connection: Connection, server: ContractServer) -> None:
    project = project_with_labels(connection, "polyps", LABELS[:1])
    (mask,) = server.labels.values()
    # As a part of a skeleton may be called.
    part = ServerLabel(mask.id - 1, mask.name, mask.color, "points", [], project_id=project.id)
    server.labels = {part.id: part, mask.id: mask}
    assert project_with_labels(connection, "polyps", LABELS[:1], [mask.name + " seen"]).labels == {mask.name: mask.id}


def test_a_picture_that_is_gone_is_named(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(CvatError, match=r"gone\.png: this picture cannot be read"):
        filled_task(connection, request(connection), [tmp_path / "gone.png"])
