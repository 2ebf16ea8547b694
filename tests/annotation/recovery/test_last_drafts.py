"""Where a person goes on after a restart: with the draft that was changed last, if it is nobody else's."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from jlabel.annotation.recovery.file_lock import open_locked
from jlabel.annotation.recovery.journal import Journal
from jlabel.annotation.recovery.last_drafts import last_drafts
from jlabel.imaging import Region, encode_voxels
from jlabel.labeler.background.serial_worker import SerialWorker


@pytest.fixture
def draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[str, Path]]:
    """Leaves a draft with one stroke behind."""
    worker = SerialWorker("test")

    def leave(name: str, minutes_ago: int, who: str = "ada") -> tuple[str, Path]:
        monkeypatch.setattr("getpass.getuser", lambda: who)
        file = tmp_path / f".{name}.0123456789abcdef.draft"
        journal = Journal(file, None, worker)
        region = Region((0, 0), (2, 2))
        journal.append([(region, encode_voxels(np.ones((2, 2), np.uint8)))], np.dtype(np.uint8))
        journal.close()
        worker.flush()
        os.utime(file, (1_700_000_000 - 60 * minutes_ago,) * 2)
        return name, file

    return leave


def test_the_newest_comes_first_and_each_image_once(draft: Callable[..., tuple[str, Path]]) -> None:
    files = [draft(name, minutes) for name, minutes in (("old", 30), ("new", 1), ("older", 60))]
    assert list(last_drafts([*files, files[1]], me="ada")) == ["new", "old", "older"]


def test_what_others_have_is_left_to_them(draft: Callable[..., tuple[str, Path]]) -> None:
    files = [draft("hers", 1, "grace"), draft("mine", 5), draft("open", 2)]
    held = open_locked(files[2][1])
    assert held is not None
    with held:
        assert list(last_drafts(files, me="ada")) == ["mine"]
    assert list(last_drafts(files, me="ada")) == ["open", "mine"]


def test_what_is_gone_or_cannot_be_read_is_passed_by(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert list(last_drafts([("gone", tmp_path / "gone"), ("folder", tmp_path / "folder")])) == []
