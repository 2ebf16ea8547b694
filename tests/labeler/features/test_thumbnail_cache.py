"""Thumbnails on disk: found again, bounded in number, and made again where they are damaged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.labeler.features.thumbnail_cache import ThumbnailCache

JPEG = b"\xff\xd8 picture \xff\xd9"


def picture(number: int) -> bytes:
    return b"\xff\xd8 picture " + str(number).encode() + b" \xff\xd9"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "thumbnails"


def test_what_was_kept_is_found_by_another_kernel(folder: Path) -> None:
    ThumbnailCache(folder).put("a", picture(1))
    assert ThumbnailCache(folder).get("a") == picture(1)
    assert ThumbnailCache(folder).get("b") is None
    assert [file.name for file in folder.iterdir()] == ["a.jpg"]


def test_a_newer_one_takes_the_place_of_the_one_before(folder: Path) -> None:
    files = ThumbnailCache(folder)
    files.put("a", picture(1))
    files.put("a", picture(2))
    assert files.get("a") == picture(2)


@settings(max_examples=30)
@given(st.integers(1, 30), st.integers(0, 60))
def test_the_newest_are_kept_and_never_many_too_many(tmp_path_factory, most: int, count: int) -> None:
    folder = tmp_path_factory.mktemp("thumbnails")
    files = ThumbnailCache(folder, most=most)
    for number in range(count):
        files.put(f"{number:03}", picture(number))
        if (folder / f"{number:03}.jpg").exists():
            os.utime(folder / f"{number:03}.jpg", ns=(number, number))
    kept = sorted(file.stem for file in folder.iterdir())
    assert len(kept) <= most + 1
    # The oldest went first.
    assert kept == [f"{number:03}" for number in range(count - len(kept), count)]
    assert len(kept) >= min(count, most * 9 // 10)


def test_files_are_bounded_and_a_damaged_one_is_none(folder: Path) -> None:
    files = ThumbnailCache(folder, most=20)
    for number in range(40):
        files.put(f"{number:02}", JPEG)
        os.utime(folder / f"{number:02}.jpg", ns=(number, number))
    kept = sorted(file.stem for file in folder.iterdir())
    assert len(kept) <= 22
    assert kept[-1] == "39"
    assert files.get("39") == JPEG
    (folder / "39.jpg").write_bytes(JPEG[:-1])
    assert files.get("39") is None


@pytest.mark.parametrize("damaged", [b"", JPEG[1:], JPEG[:-1], b"\x00" * 100])
def test_a_damaged_one_is_made_again(folder: Path, damaged: bytes) -> None:
    files = ThumbnailCache(folder)
    files.put("a", JPEG)
    (folder / "a.jpg").write_bytes(damaged)
    assert files.get("a") is None
    files.put("a", JPEG)
    assert files.get("a") == JPEG


def test_without_a_place_nothing_is_kept(tmp_path: Path) -> None:
    files = ThumbnailCache(None)
    files.put("a", JPEG)
    assert files.get("a") is None
    (tmp_path / "file").write_text("not a folder")
    blocked = ThumbnailCache(tmp_path / "file")
    blocked.put("a", JPEG)
    assert blocked.get("a") is None


def test_one_that_cannot_be_written_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = ThumbnailCache(folder)
    files.put("a", picture(1))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    files.put("a", picture(2))
    files.put("b", picture(2))
    assert files.get("a") == picture(1)
    assert [file.name for file in folder.iterdir()] == ["a.jpg"]
