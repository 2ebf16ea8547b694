"""A folder that is there whole or not at all."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from jlabel.bundles.export.new_folder import new_folder
from jlabel.errors import DatastoreError, TaskError


def fill(folder: Path) -> None:
    (folder / "configs").mkdir()
    (folder / "configs" / "metadata.json").write_text("{}")


def make(place: Path, work=fill, may_replace=None) -> None:
    with new_folder(place, may_replace) as folder:
        work(folder)


@pytest.mark.parametrize("name", ["bundle", "a b/ü/肝臓 bundle", "empty"])
def test_it_is_made_with_what_is_above_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    place = tmp_path / name
    with new_folder(place) as folder:
        fill(folder)
        assert not (place / "configs").exists()
    assert [one.name for one in place.iterdir()] == ["configs"]
    assert [one.name for one in place.parent.iterdir() if one.name.startswith(".")] == []


def test_an_error_leaves_nothing_of_it(tmp_path: Path) -> None:
    place = tmp_path / "outer" / "inner" / "bundle"

    def fail(folder: Path) -> None:
        fill(folder)
        raise TaskError("by the author")

    with pytest.raises(TaskError, match="by the author"):
        make(place, fail)
    assert list(tmp_path.iterdir()) == []


def test_what_the_system_says_is_said_of_the_place(tmp_path: Path) -> None:
    place = tmp_path / "bundle"

    def fill_the_disk(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(DatastoreError, match=rf"{place} could not be written: No space left"):
        make(place, fill_the_disk)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_above_that_may_not_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mkdir = Path.mkdir

    def refused(path: Path, *arguments: object, **options: object) -> None:
        if path.name.startswith(".jlabel-"):
            raise PermissionError(13, "Permission denied", str(path))
        mkdir(path, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(DatastoreError, match="bundle could not be written: Permission denied"):
        make(tmp_path / "bundle")


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "bundle").write_text("mine")
    with pytest.raises(DatastoreError, match="bundle is a file, and no folder"):
        make(tmp_path / "bundle")
    with pytest.raises(DatastoreError, match="could not be written"):
        make(tmp_path / "bundle" / "inner")
    assert (tmp_path / "bundle").read_text() == "mine"


def test_somebody_who_came_first_keeps_what_is_his(tmp_path: Path) -> None:
    place = tmp_path / "bundle"

    def too_late(folder: Path) -> None:
        fill(folder)
        place.mkdir()
        (place / "his").write_text("his")

    with pytest.raises(DatastoreError, match="is not empty"):
        make(place, too_late)
    assert [one.name for one in tmp_path.iterdir()] == ["bundle"]
    assert [one.name for one in place.iterdir()] == ["his"]


def test_what_may_be_replaced_is_replaced_whole(tmp_path: Path) -> None:
    place = tmp_path / "bundle"
    place.mkdir()
    (place / "former").write_text("former")
    with pytest.raises(DatastoreError, match="is not replaced"):
        make(place, may_replace=lambda _: False)
    with new_folder(place, lambda folder: (folder / "former").is_file()) as folder:
        fill(folder)
        assert (place / "former").is_file()
    assert [one.name for one in place.iterdir()] == ["configs"]
    assert [one.name for one in tmp_path.iterdir()] == ["bundle"]


def test_a_link_to_a_folder_leads_there(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    with new_folder(tmp_path / "link") as folder:
        fill(folder)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there" / "configs" / "metadata.json").is_file()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_killed_while_it_is_filled_nothing_has_the_final_name(tmp_path: Path) -> None:
    place = tmp_path / "bundle"
    child = os.fork()
    if child == 0:
        with new_folder(place) as folder:
            fill(folder)
            os.kill(os.getpid(), signal.SIGKILL)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert not place.exists()
    left = next(tmp_path.iterdir())
    assert left.name.startswith(".jlabel-")
    os.utime(left, (0, 0))
    with new_folder(place) as folder:
        fill(folder)
    assert [one.name for one in tmp_path.iterdir()] == ["bundle"]
