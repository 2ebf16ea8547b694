"""What this user signed is told from what anybody else wrote."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from jlabel.errors import JobError
from jlabel.files import sealing
from jlabel.files.sealing import is_signed, key_file, sealed, sign, unsealed


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "data" / "job.key"
    monkeypatch.setenv(sealing.KEY_VARIABLE, str(file))
    return file


def test_what_was_sealed_comes_back_for_what_it_was_sealed_for(key: Path) -> None:
    data = sealed(b"a\nb", "work of a")
    assert unsealed(data, "work of a") == b"a\nb"
    assert unsealed(data, "work of b") is None
    assert unsealed(data + b"c", "work of a") is None
    assert unsealed(b"a\nb", "work of a") is None
    assert unsealed(b"", "work of a") is None
    # What it is about and what it says are kept apart.
    assert sign(b"bc", "a") != sign(b"c", "ab")


@pytest.mark.parametrize("signature", [None, 3, "", "ä", "0" * 64])
def test_what_is_no_signature(key: Path, signature: object) -> None:
    sign(b"a", "x")
    assert not is_signed(b"a", "x", signature)


def test_the_key_is_made_once_for_this_user_alone_and_nothing_is_left_beside_it(key: Path) -> None:
    assert not is_signed(b"a", "x", "0" * 64)
    assert not key.exists()
    first = sign(b"a", "x")
    assert sign(b"a", "x") == first
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert [file.name for file in key.parent.iterdir()] == ["job.key"]
    key.unlink()
    assert sign(b"a", "x") != first


def test_processes_that_begin_at_once_have_one_key(key: Path) -> None:
    command = [sys.executable, "-c", "from jlabel.files.sealing import sign; print(sign(b'a', 'x'))"]
    begun = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert len({process.communicate()[0] for process in begun}) == 1


def test_a_file_system_without_links_has_a_key_too(key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(sealing.os, "link", refuse)
    assert sign(b"a", "x") == sign(b"a", "x")


def test_a_key_that_is_none_and_a_place_that_cannot_be_written_are_errors_in_words(
    key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key.parent.mkdir()
    key.write_bytes(b"short")
    with pytest.raises(JobError, match="is no key of jlabel; delete it"):
        sign(b"a", "x")
    assert not is_signed(b"a", "x", "0" * 64)
    (tmp_path / "file").touch()
    monkeypatch.setenv(sealing.KEY_VARIABLE, str(tmp_path / "file" / "job.key"))
    with pytest.raises(JobError, match="JLABEL_KEY_FILE"):
        sign(b"a", "x")


def test_without_the_variable_it_lies_in_the_users_own_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(sealing.KEY_VARIABLE)
    assert key_file().name == "job.key"
    assert "jlabel" in key_file().parts
