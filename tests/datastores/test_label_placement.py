"""The file of a label and its row agree again, whoever has changed which."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jlabel.datastores import LocalDatastore
from jlabel.datastores.versioned_labels import LabelFiles


def put(file: Path, content: str, seconds: int) -> None:
    """As another program does, at another time than the last one."""
    file.write_text(content)
    os.utime(file, (seconds, seconds))


@pytest.fixture
def store(studies, open_store, add) -> LocalDatastore:
    add(studies, "a.png")
    return open_store()


def test_where_labels_and_their_versions_are(studies: Path, store: LocalDatastore) -> None:
    files: LabelFiles = store._labels
    assert files.file("final", "a", ".nii.gz") == studies / "labels" / "final" / "a.nii.gz"
    kept = files.kept_file("final", "a", 3, ".nii.gz")
    assert kept.parent == studies / ".jlabel" / "versions" / "final"
    assert kept != files.kept_file("final", "a", 4, ".nii.gz")


def test_what_another_program_puts_there_is_a_version_of_its_own(store: LocalDatastore, label_file) -> None:
    store.save_label("a", label_file("mine"))
    file = Path(store.get_label_uri("a"))
    file.unlink()
    put(file, "theirs", 1_000_000_000)
    assert [(one.number, one.current, one.author is None) for one in store.label_history("a")] == [
        (1, False, False),
        (2, True, True),
    ]
    store.restore_label("a", 1)
    assert file.read_text() == "mine"


def test_a_version_that_another_program_puts_back_is_known(store: LocalDatastore, label_file) -> None:
    store.save_label("a", label_file("one"))
    store.save_label("a", label_file("two"))
    file = Path(store.get_label_uri("a"))
    file.unlink()
    put(file, "one", 1_000_000_000)
    assert [(one.number, one.current) for one in store.label_history("a")] == [(1, True), (2, False)]


def test_a_label_that_another_program_removes_is_gone_and_its_versions_stay(store: LocalDatastore, label_file) -> None:
    store.save_label("a", label_file("mine"))
    file = Path(store.get_label_uri("a"))
    file.unlink()
    assert store.current_version("a") is None
    assert [(one.number, one.current) for one in store.label_history("a")] == [(1, False)]
    store.restore_label("a", 1)
    assert file.read_text() == "mine"


def test_what_was_decided_is_put_in_its_place_by_whoever_meets_it(
    store: LocalDatastore, open_store, label_file, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save_label("a", label_file("one"))
    with monkeypatch.context() as killed:
        # The process ends after the decision, before the file is in its place.
        killed.setattr(LabelFiles, "_show", lambda *_: None)
        store.save_label("a", label_file("two"))
    file = Path(store.folder) / "labels" / "final" / "a.nii.gz"
    assert file.read_text() == "one"
    assert Path(open_store().get_label_uri("a")) == file
    assert file.read_text() == "two"
