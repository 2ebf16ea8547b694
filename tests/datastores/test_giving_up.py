"""A save that is given up, or killed, at any moment before it is decided: nothing has changed, nothing is left over."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from jlabel.datastores import LocalDatastore
from jlabel.errors import Cancelled
from jlabel.imaging import label_files, read_image, read_label
from jlabel.progress import Progress

SHAPE = (8, 7, 6)

# Saves a label and ends like a killed process at one of its questions whether to go on.
KILLED = """
import os, sys
import numpy as np
from jlabel.datastores import LocalDatastore
from jlabel.imaging import label_files as labels
from jlabel.progress import Progress
labels._SLAB_BYTES = 2 * 8 * 7
left = int(sys.argv[2])
def check():
    global left
    left -= 1
    if left < 0:
        os._exit(9)
store = LocalDatastore(sys.argv[1])
store.save_label("a", np.full((8, 7, 6), 2, np.uint8), progress=Progress(check=check))
"""


class Until:
    """Watches a save, and gives it up at one of its questions."""

    def __init__(self, number: int | None = None) -> None:
        self.number = number
        self.asked = 0
        self.done: list[float] = []
        self.progress = Progress(self.done.append, self._check)

    def _check(self) -> None:
        self.asked += 1
        if self.asked == self.number:
            raise Cancelled("given up")


@pytest.fixture(autouse=True)
def thin_slabs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_files, "_SLAB_BYTES", 2 * 8 * 7)


@pytest.fixture
def store(studies, open_store) -> LocalDatastore:
    voxels = np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE)
    nib.save(nib.Nifti1Image(voxels, np.eye(4)), studies / "a.nii.gz")
    store: LocalDatastore = open_store()
    return store


def mask(value: int) -> Any:
    return np.full(SHAPE, value, np.uint8)


def all_of(studies: Path, store: LocalDatastore) -> Any:
    """Every file of labels, and everything that the catalogue says."""
    folders = (studies / "labels", studies / ".jlabel" / "versions", studies / ".jlabel" / "tmp")
    files = {file: file.read_bytes() for top in folders for file in top.rglob("*") if file.is_file()}
    return files, store.label_history("a"), store.status(), store.get_labels_by_image_id("a")


@pytest.mark.parametrize("earlier", [0, 1, 3])
def test_giving_up_at_any_question_changes_nothing(studies, store, earlier):
    for _ in range(earlier):
        store.save_label("a", mask(1))
    before = all_of(studies, store)
    number = 1
    while True:
        until = Until(number)
        try:
            store.save_label("a", mask(2), info={"n": number}, progress=until.progress)
            break
        except Cancelled:
            assert until.asked == number
            assert 1 not in until.done
            assert all_of(studies, store) == before
        number += 1
    # Before the first byte, between any two slabs, with all bytes written, and right before the commit.
    assert number - 1 == until.asked == 3 + 2
    assert [version.number for version in store.label_history("a")] == list(range(1, earlier + 2))
    assert (read_label(store.get_label_uri("a"), read_image(studies / "a.nii.gz")) == 2).all()


def test_progress_grows_and_ends_with_what_cannot_be_given_up(store):
    until = Until()
    store.save_label("a", mask(1), progress=until.progress)
    assert until.done == sorted(until.done)
    assert (until.done[0], until.done[-1]) == (0, 1)
    assert len(set(until.done)) == 3 + 1


def test_what_another_program_put_there_is_a_version_whether_or_not_the_save_is_given_up(studies, store):
    store.save_label("a", mask(1))
    label = nib.Nifti1Image(mask(5), np.eye(4))
    nib.save(label, store.get_label_uri("a"))
    with pytest.raises(Cancelled):
        store.save_label("a", mask(2), progress=Until(5).progress)
    kept = [file.name for file in (studies / ".jlabel" / "versions" / "final").iterdir()]
    assert sorted(kept) == ["a.v1.nii.gz", "a.v2.nii.gz"]
    assert [(version.number, version.current) for version in store.label_history("a")] == [(1, False), (2, True)]
    store.save_label("a", mask(2))
    assert [version.number for version in store.label_history("a")] == [1, 2, 3]


def test_a_picture_is_given_up_too(studies, open_store, add):
    add(studies, "p.png")
    store = open_store()
    with pytest.raises(Cancelled):
        store.save_label("p", np.ones((4, 5), np.uint8), progress=Until(1).progress)
    assert store.label_history("p") == []


@pytest.mark.parametrize("question", [0, 2, 4])
def test_killed_before_the_commit_the_label_is_the_one_before(studies, store, open_store, question):
    store.save_label("a", mask(1))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    arguments = [sys.executable, "-c", KILLED, str(studies), str(question)]
    assert subprocess.run(arguments, env=environment, check=False, timeout=120).returncode == 9
    after = open_store()
    assert [(version.number, version.current) for version in after.label_history("a")] == [(1, True)]
    assert (read_label(after.get_label_uri("a"), read_image(studies / "a.nii.gz")) == 1).all()
    after.save_label("a", mask(3))
    assert (read_label(after.get_label_uri("a"), read_image(studies / "a.nii.gz")) == 3).all()
