"""The lines of a simulated project."""

from __future__ import annotations

from pathlib import Path

import pytest

from jlabel.errors import TaskError
from jlabel.simulation.project_log import ProjectLog


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "simulation.jsonl"


def write(file, *rows, settings):
    journal = ProjectLog(file, settings)
    for row in rows:
        journal.add("image", **row)
    journal.close()


def test_rows_are_there_again(file: Path) -> None:
    write(file, {"image": "a"}, {"image": "b"}, settings={"seed": 1})
    journal = ProjectLog(file, {"seed": 1})
    journal.add("training", labels=5)
    assert [row["image"] for row in journal.of("image")] == ["a", "b"]
    assert journal.of("training") == [{"kind": "training", "labels": 5}]
    journal.close()


@pytest.mark.parametrize("cut", range(1, 20, 6))
def test_a_line_that_was_cut_short_is_written_again_and_spoils_none(file: Path, cut: int) -> None:
    write(file, {"image": "a"}, {"image": "b"}, settings={"seed": 1})
    file.write_bytes(file.read_bytes()[:-cut])
    write(file, {"image": "c"}, settings={"seed": 1})
    journal = ProjectLog(file, {"seed": 1})
    assert [row["image"] for row in journal.of("image")] == ["a", "c"]
    journal.close()


def test_settings_that_were_cut_short_are_written_again(file: Path) -> None:
    write(file, settings={"seed": 1})
    file.write_bytes(file.read_bytes()[:5])
    write(file, {"image": "a"}, settings={"seed": 2})
    assert file.read_text().splitlines()[0] == '{"kind": "settings", "seed": 2}'


def test_another_project_is_refused_with_what_differs(file: Path) -> None:
    write(file, {"image": "a"}, settings={"seed": 1, "target": 0.8})
    with pytest.raises(TaskError, match="another simulated project, with seed '1'"):
        ProjectLog(file, {"seed": 2, "target": 0.8})
    write(file, settings={"seed": 1, "target": 0.8})  # the lock was given back


def test_lines_of_somebody_else_are_named(file: Path) -> None:
    write(file, {"image": "a"}, settings={})
    with file.open("a") as out:
        out.write("[1, 2]\n")
    with pytest.raises(TaskError, match="line 3 is not one that a simulation has written"):
        ProjectLog(file, {})
    file.write_text('{"kind": "image"}\n')
    with pytest.raises(TaskError, match="does not begin with the settings"):
        ProjectLog(file, {})


def test_one_process_at_a_time(file: Path) -> None:
    journal = ProjectLog(file, {})
    with pytest.raises(TaskError, match="another process is simulating"):
        ProjectLog(file, {})
    journal.close()
    ProjectLog(file, {}).close()
