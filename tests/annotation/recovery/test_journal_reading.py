"""A draft's file that anybody may have written: what makes no sense is passed by, before anything is made of it."""

from __future__ import annotations

import os
import socket
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jlabel.annotation.recovery.journal import Journal
from jlabel.annotation.recovery.journal_reading import read_journal, read_owner
from jlabel.annotation.recovery.journal_records import record
from jlabel.annotation.recovery.unsaved_drafts import find_unsaved_drafts
from jlabel.imaging import encode_voxels

SHAPE = (6, 5, 4)
ONE = encode_voxels(np.ones((1, 1, 1), np.uint8))
FIRST = record({"region": [0, 0, 0, 1, 1, 1], "dtype": "uint8"}, ONE)


def raw(head: bytes, voxels: bytes = b"") -> bytes:
    return struct.pack("<III", len(head), len(voxels), zlib.crc32(head + voxels)) + head + voxels


def region(flat: Any, **more: Any) -> bytes:
    return record({"region": flat, "dtype": "uint8", **more}, ONE)


NONSENSE = {
    "type": record({"region": None, "dtype": "nonsense"}, b""),
    "type of objects": record({"region": None, "dtype": "O"}, b""),
    "type no text": record({"region": None, "dtype": ["uint8"]}, b""),
    "terabytes": region([0, 0, 0, 10**6, 10**4, 10**3]),
    "outside": region([0, 0, 0, 7, 5, 4]),
    "negative": region([-1, 0, 0, 1, 1, 1]),
    "turned": region([1, 1, 1, 0, 0, 0]),
    "two axes": region([0, 0, 1, 1]),
    "no numbers": region(["0", 0, 0, 1, 1, 1]),
    "fractions": region([0.5, 0, 0, 1, 1, 1]),
    "huge": region([0, 0, 0, 10**400, 1, 1]),
    "no list": region({"a": 1}),
    "deep": raw(b"[" * 900),
    "deeper": raw(b'{"region":' * 90_000),
    "no json": raw(b"\xff\xfe"),
    "voxels": record({"region": [0, 0, 0, 1, 1, 1], "dtype": "uint8"}, b"no voxels"),
    "bomb": record({"region": [0, 0, 0, 1, 1, 1], "dtype": "uint8"}, zlib.compress(bytes(10**7))),
    "length": struct.pack("<III", 2**32 - 1, 2**32 - 1, 0),
}


@pytest.mark.parametrize("kind", sorted(NONSENSE))
def test_what_makes_no_sense_ends_the_draft_or_is_none(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "x.draft"
    file.write_bytes(FIRST + NONSENSE[kind])
    found = read_journal(file, SHAPE)
    assert found is None or found.mask.sum() == 1
    file.write_bytes(NONSENSE[kind])
    found = read_journal(file, SHAPE)
    assert found is None or not found.mask.any()


@pytest.mark.parametrize("prompts", [3, {"a": 1}, [-1], [-(10**9)], [True], [10**400], ["x"], [[[]]], None])
def test_prompts_of_any_kind_are_read_as_they_are(tmp_path: Path, prompts: Any) -> None:
    file = tmp_path / "x.draft"
    file.write_bytes(FIRST + record({"region": None, "dtype": "uint8", "prompts": prompts}, b""))
    found = read_journal(file, SHAPE)
    assert found is not None
    assert isinstance(found.prompts, list)


def test_parts_that_never_end_do_not_fill_the_memory(tmp_path: Path) -> None:
    whole = record(
        {"region": [0, 0, 0, *SHAPE], "dtype": "uint8", "more": True}, encode_voxels(np.ones(SHAPE, np.uint8))
    )
    file = tmp_path / "x.draft"
    file.write_bytes(FIRST + whole * 1000)
    found = read_journal(file, SHAPE)
    assert found is not None
    assert found.mask.sum() == 1


@pytest.mark.parametrize("seconds", [-1e9, 1e12])
def test_a_time_that_is_none(tmp_path: Path, seconds: float) -> None:
    file = tmp_path / "x.draft"
    file.write_bytes(FIRST)
    try:
        os.utime(file, (seconds, seconds))
    except (OSError, OverflowError):
        pytest.skip("this file system has no such times")
    found = read_journal(file, SHAPE)
    assert found is not None
    assert found.time.year >= 1970


def make_socket(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(place))


@pytest.mark.parametrize(
    "make", [Path.mkdir, os.mkfifo, make_socket, lambda place: place.symlink_to(place), lambda p: p.write_bytes(b"")]
)
def test_one_that_is_no_draft_is_passed_by_and_named_and_the_others_are_found(tmp_path: Path, make: Any) -> None:
    odd, good = tmp_path / ".a.00000000.draft", tmp_path / ".a.11111111.draft"
    make(odd)
    good.write_bytes(FIRST)
    assert read_journal(odd, SHAPE) is None
    assert read_owner(odd) is None
    drafts = find_unsaved_drafts([odd, good], SHAPE)
    assert drafts.file == good
    assert drafts.unusable == [odd]
    assert drafts.claimed is not None
    drafts.claimed.close()
    problem = drafts.problem()
    assert problem is not None
    assert odd.name in problem
    assert os.path.lexists(odd)


def test_a_draft_of_an_image_of_another_size_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".a.00000000.draft"
    file.write_bytes(region([0, 0, 0, 6, 5, 9]) + FIRST)
    drafts = find_unsaved_drafts([file], SHAPE)
    assert drafts.found is None
    assert "or of another image" in str(drafts.problem())
    assert Journal.open_locked(file) is not None


@pytest.mark.parametrize("notes", [3, "text", None, [1], {}, {"effort": {"seconds": 10**400}}])
def test_notes_are_read_where_they_are_by_topic(tmp_path: Path, notes: Any) -> None:
    file = tmp_path / "x.draft"
    file.write_bytes(FIRST + record({"region": None, "dtype": "uint8", "notes": notes}, b""))
    found = read_journal(file, SHAPE)
    assert found is not None
    assert found.mask.sum() == 1
    assert found.notes == (notes if isinstance(notes, dict) else {})
