"""A folder that is open stays what it was opened as, and none below jlabel's own is reached through a link."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jlabel.files import folder_handle
from jlabel.files.folder_handle import FolderHandle

WAY = (".jlabel", "models", "liver", "1")


class Studies:
    """A studies folder with a file deep in its own folder, and somebody's own files beside it.

    Attributes:
        deep: The folder with the file.
    """

    def __init__(self, top: Path) -> None:
        self.studies, self.home = top / "studies", top / "home"
        self.deep = self.studies.joinpath(*WAY)
        self.deep.mkdir(parents=True)
        (self.deep / "row").write_text("ours")
        (self.deep / "inner").mkdir()
        # What lies elsewhere has the same names, at every depth: only a link tells them apart.
        for depth in range(len(WAY) + 1):
            place = self.home.joinpath(*WAY[len(WAY) - depth :])
            (place / "inner").mkdir(parents=True, exist_ok=True)
            (place / "row").write_text("mine")
        self.before = self.contents(self.home)

    @staticmethod
    def contents(folder: Path) -> dict[str, str]:
        return {str(file): file.read_text() if file.is_file() else "folder" for file in sorted(folder.rglob("*"))}

    def exchange(self, depth: int) -> Path:
        """Put a link to somebody's files in the place of one of the folders on the way."""
        place = self.studies.joinpath(*WAY[: depth + 1])
        place.rename(self.studies / "moved")
        place.symlink_to(self.home)
        return place


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Studies]:
    studies = Studies(tmp_path)
    yield studies
    assert studies.contents(studies.home) == studies.before


@pytest.fixture(params=["relative", "by path"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How a system does it."""
    monkeypatch.setattr(folder_handle, "_RELATIVE", request.param == "relative")
    return str(request.param)


def write(folder: FolderHandle) -> None:
    os.close(folder.open("row", os.O_WRONLY | os.O_TRUNC | os.O_CREAT))


OPERATIONS: dict[str, Callable[[FolderHandle], object]] = {
    "write": write,
    "create": lambda folder: os.close(folder.open("new", os.O_WRONLY | os.O_CREAT | os.O_EXCL)),
    "unlink": lambda folder: folder.unlink("row"),
    "remove a tree": lambda folder: folder.remove_tree("inner"),
    "make a folder": lambda folder: folder.mkdir("other"),
    "replace": lambda folder: folder.replace("row", "other row"),
    "link": lambda folder: folder.link("row", "second"),
    "open a folder": lambda folder: folder.folder("inner").close(),
    "make and open a folder": lambda folder: folder.made("third").close(),
}


@pytest.mark.parametrize("depth", range(len(WAY)))
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
@pytest.mark.usefixtures("way")
def test_a_link_on_the_way_is_refused_and_named(found: Studies, depth: int, operation) -> None:
    link = found.exchange(depth)
    with pytest.raises(OSError, match="is a link, and jlabel follows none in its own folder") as caught:  # noqa: SIM117
        with FolderHandle.reach(found.deep) as folder:
            operation(folder)
    assert str(caught.value).count(str(link)) == 1


@pytest.mark.parametrize("depth", range(len(WAY)))
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_a_folder_that_is_open_is_the_same_whatever_is_put_in_its_place(found: Studies, depth: int, operation) -> None:
    with FolderHandle.reach(found.deep) as folder:
        found.exchange(depth)
        operation(folder)


@pytest.mark.parametrize("depth", range(1, len(WAY)))
def test_a_folder_that_is_exchanged_on_the_way_down_is_refused(
    found: Studies, depth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between one step and the next: the check and the use are one."""
    real, links = os.open, []

    def exchanging(path, *arguments, **options):
        descriptor = real(path, *arguments, **options)
        if path == WAY[depth - 1] and not links:
            links.append(found.exchange(depth))
        return descriptor

    monkeypatch.setattr(os, "open", exchanging)
    with pytest.raises(OSError, match="is a link, and jlabel follows none") as caught:
        FolderHandle.reach(found.deep)
    assert str(links[0]) in str(caught.value)


@pytest.mark.usefixtures("way")
def test_what_lies_in_a_folder_is_read_and_changed_by_name(found: Studies) -> None:
    with FolderHandle.reach(found.deep) as folder:
        assert folder.path == found.deep
        assert folder.entries() == (["inner"], ["row"])
        with os.fdopen(folder.open("row")) as file:
            assert file.read() == "ours"
        folder.link("row", "second")
        assert folder.lstat("second").st_ino == folder.lstat("row").st_ino
        folder.replace("second", "row")
        (found.deep / "link").symlink_to(found.home)
        assert folder.is_link("link")
        assert not folder.is_folder("link")
        assert folder.read_link("link") == str(found.home)
        assert folder.is_plain("row")
        folder.unlink("link")
        folder.unlink("link", missing_ok=True)
        with pytest.raises(FileNotFoundError) as caught:
            folder.unlink("link")
        assert caught.value.filename == str(found.deep / "link")
        with folder.folder("inner") as inner:
            folder.replace("row", "other", inner)
            assert inner.names() == ["other"]
        folder.remove_tree("inner")
        folder.remove_tree("inner", ignore_errors=True)
        assert not folder.exists("inner")
        folder.sync()


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../../../../home/row"])
def test_a_name_is_no_path(found: Studies, name: str) -> None:
    with FolderHandle.reach(found.deep) as folder, pytest.raises(OSError, match="is no plain name"):
        folder.unlink(name)


@pytest.mark.usefixtures("way")
def test_a_way_that_leads_up_again_is_refused(found: Studies) -> None:
    with pytest.raises(OSError, match="is no plain name"):
        FolderHandle.reach(found.studies / ".jlabel" / ".." / ".." / "home")


@pytest.mark.usefixtures("way")
def test_the_way_to_the_own_folder_is_the_users_and_may_have_links(found: Studies, tmp_path: Path) -> None:
    (tmp_path / "shortcut").symlink_to(found.studies)
    with FolderHandle.reach(tmp_path / "shortcut" / Path(*WAY)) as folder:
        assert "row" in folder.names()
    with FolderHandle.reach(tmp_path / "shortcut") as folder:
        assert folder.names() == [".jlabel"]


@pytest.mark.usefixtures("way")
def test_folders_that_are_missing_are_made(tmp_path: Path) -> None:
    for _ in range(2):
        with FolderHandle.make(tmp_path / "a" / ".jlabel" / "b" / "c", durable=True) as folder:
            assert folder.names() == []
    with FolderHandle.make(tmp_path / "plain" / "b"):
        assert (tmp_path / "plain" / "b").is_dir()
    with pytest.raises(FileNotFoundError, match="missing"):
        FolderHandle.reach(tmp_path / "missing")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="file"):
        FolderHandle.reach(tmp_path / "file")


def test_a_handle_that_is_closed_does_nothing_by_path(found: Studies) -> None:
    folder = FolderHandle.reach(found.deep)
    folder.close()
    folder.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        folder.unlink("row")
    assert (found.deep / "row").exists()


@pytest.mark.usefixtures("way")
def test_a_walk_goes_into_no_link_and_as_deep_as_there_is(tmp_path: Path) -> None:
    top = tmp_path / ".jlabel"
    deep = top
    top.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").touch()
    (top / "link").symlink_to(tmp_path / "elsewhere")
    (top / "left out").mkdir()
    (top / "left out" / "file").touch()
    for _ in range(60):
        deep = deep / "d"
        deep.mkdir()
    (deep / "file").touch()
    met = []
    with FolderHandle.reach(top) as folder:
        for parts, inner, folders, files in folder.walk():
            met += [(len(parts), name) for name in files]
            assert inner.path == top.joinpath(*parts)
            folders[:] = [name for name in folders if name != "left out"]
    assert met == [(0, "link"), (60, "file")]
