"""Only regular files are opened, never through a link, and none that is larger than it may be."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from jlabel.files.plain_files import is_plain, open_file, open_plain, read_plain


def make_link(place: Path) -> None:
    place.with_name("other").write_text("elsewhere")
    place.symlink_to(place.with_name("other"))


def make_socket(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(place))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (make_link, "is a link"),
        (lambda place: place.symlink_to(place), "is a link"),
        (lambda place: place.symlink_to("nowhere"), "is a link"),
        (lambda place: place.symlink_to("/dev/zero"), "is a link"),
        (os.mkfifo, "not a regular file"),
        (make_socket, "not a regular file"),
        (Path.mkdir, "not a regular file|Is a directory"),
    ],
)
@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_RDWR | os.O_CREAT, os.O_WRONLY | os.O_APPEND | os.O_CREAT])
def test_what_is_no_regular_file_is_refused_at_once_and_by_name(tmp_path: Path, make, words: str, flags: int) -> None:
    place = tmp_path / "x"
    make(place)
    assert not is_plain(place)
    with pytest.raises(OSError, match=f"({words})") as caught:
        os.close(open_plain(place, flags))
    assert str(place) in str(caught.value)
    assert not (tmp_path / "nowhere").exists()


def test_a_regular_file_is_read_as_far_as_it_may_go(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"12345")
    assert is_plain(tmp_path / "x")
    assert read_plain(tmp_path / "x", 5) == b"12345"
    with pytest.raises(OSError, match="has 5 bytes, and may have 4"):
        read_plain(tmp_path / "x", 4)
    with pytest.raises(FileNotFoundError):
        read_plain(tmp_path / "y", 5)


@pytest.mark.parametrize("read", [lambda path: os.close(open_file(path)), lambda path: os.close(open_plain(path))])
def test_below_the_own_folder_no_folder_on_the_way_may_be_a_link(tmp_path: Path, read) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x").write_text("secret")
    (tmp_path / ".jlabel").mkdir()
    (tmp_path / ".jlabel" / "drafts").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match=r"\.jlabel/drafts is a link, and jlabel follows none.*remove the link"):
        read(tmp_path / ".jlabel" / "drafts" / "x")


def test_elsewhere_a_link_is_followed_to_what_the_user_has_there(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("content")
    (tmp_path / "link").symlink_to(tmp_path / "x")
    (tmp_path / "folder").symlink_to(tmp_path)
    with os.fdopen(open_file(tmp_path / "link")) as file:
        assert file.read() == "content"
    assert read_plain(tmp_path / "folder" / "x", 10) == b"content"
    with pytest.raises(OSError, match="is a link"):
        open_plain(tmp_path / "link")
