"""Only regular files are opened, never through a link, and none that is larger than it may be."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from jlabel.files.plain_files import is_link, is_plain, link_above, open_plain, read_plain


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


def test_the_first_link_on_the_way_down_is_named(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").symlink_to(tmp_path)
    assert link_above(tmp_path, tmp_path / "a" / "b" / "missing") is None
    assert link_above(tmp_path, tmp_path / "a" / "b" / "c" / "a") == tmp_path / "a" / "b" / "c"
    assert link_above(tmp_path / "a" / "b" / "c", tmp_path / "a" / "b" / "c" / "a") is None
    assert is_link(tmp_path / "a" / "b" / "c")
