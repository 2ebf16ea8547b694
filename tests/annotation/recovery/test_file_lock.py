"""Locks on drafts: between processes, after a kill, and on a file that was replaced meanwhile."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jlabel.annotation.recovery import file_lock
from jlabel.annotation.recovery.file_lock import Owner, lock, open_locked

HOLDER = """
import sys
from pathlib import Path
from jlabel.annotation.recovery.file_lock import open_locked

handle = open_locked(Path(sys.argv[1]))
print("free" if handle is None else "held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    file = tmp_path / "case.draft"
    file.write_bytes(b"strokes")
    return file


@pytest.fixture
def holder(draft: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, which has the draft and keeps it until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(draft)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_what_another_process_has_cannot_be_opened(holder: subprocess.Popen[str], draft: Path) -> None:
    assert open_locked(draft) is None
    assert holder.poll() is None


@pytest.mark.parametrize("how", ["killed", "ended"])
def test_the_end_of_a_process_frees_its_draft(holder: subprocess.Popen[str], draft: Path, how: str) -> None:
    if how == "killed":
        holder.kill()
    else:
        assert holder.stdin is not None
        holder.stdin.close()
    holder.wait(60)
    with open_locked(draft) or pytest.fail("nobody has it any more") as handle:
        assert handle.read() == b"strokes"


def test_one_process_cannot_open_it_twice_and_closing_frees_it(draft: Path) -> None:
    first = open_locked(draft)
    assert first is not None
    assert open_locked(draft) is None
    first.close()
    again = open_locked(draft)
    assert again is not None
    again.close()


def replace(file: Path, content: bytes) -> None:
    new = file.with_name("new")
    new.write_bytes(content)
    new.replace(file)


def test_a_file_that_was_replaced_since_is_not_the_one_that_was_claimed(tmp_path: Path, draft: Path) -> None:
    first = open_locked(draft)
    assert first is not None
    replace(draft, b"newer strokes")
    second = open_locked(draft)
    assert second is not None
    assert (first.read(), second.read()) == (b"strokes", b"newer strokes")
    assert open_locked(draft) is None
    for handle in (first, second):
        handle.close()
    with pytest.raises(FileNotFoundError):
        open_locked(tmp_path / "none")


def test_a_file_that_is_replaced_between_opening_and_locking_is_opened_again(
    draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked: list[bytes] = []

    def slow_lock(handle: Any) -> bool:
        if not locked:
            replace(draft, b"newer strokes")
        locked.append(os.pread(handle.fileno(), 100, 0))
        return lock(handle)

    monkeypatch.setattr(file_lock, "lock", slow_lock)
    with open_locked(draft) or pytest.fail("nobody has it") as handle:
        assert handle.read() == b"newer strokes"
    assert locked == [b"strokes", b"newer strokes"]


def test_a_file_that_is_replaced_all_the_time_is_somebody_elses(draft: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []

    def slow_lock(handle: Any) -> bool:
        opened.append(handle)
        replace(draft, b"newer strokes")
        return lock(handle)

    monkeypatch.setattr(file_lock, "lock", slow_lock)
    assert open_locked(draft) is None
    assert all(handle.closed for handle in opened)


def test_a_file_that_is_removed_meanwhile_is_gone_and_nothing_stays_open(
    draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    def slow_lock(handle: Any) -> bool:
        opened.append(handle)
        draft.unlink()
        return lock(handle)

    monkeypatch.setattr(file_lock, "lock", slow_lock)
    with pytest.raises(FileNotFoundError):
        open_locked(draft)
    assert [handle.closed for handle in opened] == [True]


@pytest.mark.parametrize(
    ("number", "locked"),
    [
        (errno.EWOULDBLOCK, False),
        (errno.EACCES, False),
        # A file system without locks: labeling goes on, as if nobody else were there.
        (errno.ENOLCK, True),
        (errno.EOPNOTSUPP, True),
    ],
)
def test_only_somebody_else_keeps_a_labeler_out(
    draft: Path, monkeypatch: pytest.MonkeyPatch, number: int, locked: bool
) -> None:
    def flock(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(file_lock.fcntl, "flock", flock)
    with draft.open("rb") as handle:
        assert lock(handle) is locked


def test_an_owner_is_written_down_and_read_again() -> None:
    owner = Owner("anna", "ward-3", 42, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert owner.to_json() == {"who": "anna", "host": "ward-3", "pid": 42, "since": "2026-01-02T03:04:05+00:00"}
    assert Owner.from_json(owner.to_json()) == owner
    here = Owner.here()
    assert here.pid == os.getpid()
    read = Owner.from_json(here.to_json())
    assert read is not None
    assert (read.who, read.host, read.pid) == (here.who, here.host, here.pid)


@pytest.mark.parametrize(
    "change", [{"since": "yesterday"}, {"pid": "many"}, {"pid": None}, {"host": ...}, {"since": None}]
)
def test_what_is_no_owner_is_nobody(change: dict[str, Any]) -> None:
    known = {"who": "anna", "host": "ward-3", "pid": 42, "since": "2026-01-02T03:04:05+00:00", **change}
    written = {key: value for key, value in known.items() if value is not ...}
    assert Owner.from_json(written) is None
    assert Owner.from_json([written]) is None


def test_a_process_without_a_login_name_is_a_process_nonetheless(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(file_lock.getpass, "getuser", nobody)
    assert Owner.here().who == ""
