"""Who is alone in a folder, and whether somebody was killed there."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jlabel.files.presence import Presence, is_locked

OTHER = """
import sys, time
from pathlib import Path
from jlabel.files.presence import Presence
here = Presence()
here.enter(Path(sys.argv[1]))
here.stay()
print(here.alone, flush=True)
time.sleep(60)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "open.lock"


def test_the_first_is_alone_until_it_lets_others_in_and_the_last_leaves_it_clean(file: Path) -> None:
    first, second = Presence(), Presence()
    first.enter(file)
    assert (first.alone, first.unclean) == (True, True), "nobody knows what was before"
    first.stay()
    second.enter(file)
    assert not second.alone
    assert not is_locked(file), "both have it"
    first.leave()
    second.leave()
    third = Presence()
    third.enter(file)
    assert (third.alone, third.unclean) == (True, False)
    third.leave()
    third.leave()


def test_one_that_was_killed_leaves_it_unclean(file: Path) -> None:
    first = Presence()
    first.enter(file)
    first.leave()
    with subprocess.Popen([sys.executable, "-c", OTHER, str(file)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        other.stdout.readline()
        beside = Presence()
        beside.enter(file)
        assert not beside.alone
        other.send_signal(signal.SIGKILL)
    beside.leave()
    after = Presence()
    after.enter(file)
    assert is_locked(file)
    assert (after.alone, after.unclean) == (True, True), "another one left later, and knows nothing of it"
    after.leave()


def test_killed_alone_and_unclean(file: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", OTHER, str(file)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        other.stdout.readline()
        other.send_signal(signal.SIGKILL)
    after = Presence()
    after.enter(file)
    assert (after.alone, after.unclean) == (True, True)
    after.leave()


def test_a_link_in_its_place_is_an_error(file: Path, tmp_path: Path) -> None:
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="is a link"):
        Presence().enter(file)
    assert not (tmp_path / "elsewhere").exists()


def test_a_lock_that_is_held_one_that_is_not_and_one_of_which_nobody_can_tell(file: Path, tmp_path: Path) -> None:
    assert is_locked(file) is None, "there is none"
    here = Presence()
    here.enter(file)
    assert is_locked(file) is True
    here.leave()
    assert is_locked(file) is False
    (tmp_path / "folder.lock").mkdir()
    assert is_locked(tmp_path / "folder.lock") is None
    (tmp_path / "link.lock").symlink_to(file)
    assert is_locked(tmp_path / "link.lock") is None


def test_a_file_system_without_locks_is_one_of_which_nobody_can_tell(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(descriptor: int, kind: int) -> None:
        raise OSError(errno.ENOLCK, "no locks here")

    file.touch()
    monkeypatch.setattr("jlabel.files.presence.fcntl.flock", refused)
    assert is_locked(file) is None
