"""Writing that leaves the old file or the new one, never half."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

import pytest

from jlabel.errors import DatastoreError
from jlabel.files.atomic import atomic_write


def full_disk(file: BinaryIO) -> None:
    file.write(b"half of it")
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_the_new_file_is_there_alone(tmp_path: Path) -> None:
    path = tmp_path / ("long name " * 24 + ".nii.gz")
    atomic_write(path, lambda file: file.write(b"new") and None)
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_others_may_read_it_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        atomic_write(tmp_path / "label", lambda file: None)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "label").stat().st_mode) == 0o640


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "label.nii.gz"
    path.write_bytes(b"old")
    with pytest.raises(DatastoreError, match=r"label\.nii\.gz could not be written: No space left on device"):
        atomic_write(path, full_disk)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_whatever_else_goes_wrong_passes_through_and_is_cleaned_up(tmp_path: Path) -> None:
    def interrupted(file: BinaryIO) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        atomic_write(tmp_path / "label", interrupted)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatastoreError, match="missing"):
        atomic_write(tmp_path / "missing" / "label", lambda file: None)


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "label").mkdir()
    with pytest.raises(DatastoreError, match="label could not be written"):
        atomic_write(tmp_path / "label", lambda file: None)
    assert list(tmp_path.iterdir()) == [tmp_path / "label"]
