"""What a kill leaves is known by its name, and removed without following a link."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from jlabel.files.temporary import is_temporary, remove_leftovers, temporary_name


@pytest.mark.parametrize(
    ("ending", "kept"), [("", ""), (".nii.gz", ".nii.gz"), ("/../x", ""), ("." + "x" * 300, ""), (".ä", "")]
)
def test_names_are_short_and_known_again(ending: str, kept: str) -> None:
    name = temporary_name(ending)
    assert is_temporary(name)
    assert name.endswith(".tmp" + kept)
    assert len(name) <= 52
    assert temporary_name() != temporary_name()


def test_only_what_has_such_a_name_and_is_no_link_is_removed(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "tmp", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    (folder / temporary_name(".nii.gz")).touch()
    (folder / temporary_name()).mkdir()
    (folder / temporary_name()).symlink_to(elsewhere)
    (folder / temporary_name()).symlink_to(elsewhere / "kept")
    (folder / "0123456789abcdef.png").touch()
    for name in (".bashrc", "thesis.doc", ".jlabel-short.tmp"):
        (folder / name).touch()
    remove_leftovers(folder)
    assert sum(file.is_symlink() for file in folder.iterdir()) == 2
    names = {file.name for file in folder.iterdir() if not file.is_symlink()}
    assert names == {".bashrc", "thesis.doc", ".jlabel-short.tmp", "0123456789abcdef.png"}
    remove_leftovers(folder, former=True)
    assert not (folder / "0123456789abcdef.png").exists()
    assert (elsewhere / "kept").exists()


def test_what_is_young_may_still_be_written(tmp_path: Path) -> None:
    young, old = tmp_path / temporary_name(), tmp_path / temporary_name()
    for file in (young, old):
        file.touch()
    os.utime(old, (time.time() - 100,) * 2)
    remove_leftovers(tmp_path, older_than=50)
    assert list(tmp_path.iterdir()) == [young]


def test_a_folder_that_is_a_link_or_is_not_there_has_none(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / temporary_name()).touch()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    remove_leftovers(tmp_path / "link")
    remove_leftovers(tmp_path / "nowhere")
    assert len(list((tmp_path / "elsewhere").iterdir())) == 1
