"""Every save of a label is a version, and any version can come back."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jlabel.errors import DatastoreError


def test_history_and_restore(studies, open_store, add, label_file):
    add(studies, "a.png")
    store = open_store(author="ada")
    for text in ("first", "second"):
        store.save_label("a", label_file(text), info={"text": text})
    store.save_label("a", label_file("third"), author="grace")
    history = store.label_history("a")
    assert [(v.number, v.author, v.bytes, v.current) for v in history] == [
        (1, "ada", 5, False),
        (2, "ada", 6, False),
        (3, "grace", 5, True),
    ]
    assert all(abs((datetime.now(UTC) - version.time).total_seconds()) < 60 for version in history)
    store.restore_label("a", 2)
    assert Path(store.get_label_uri("a")).read_text() == "second"
    assert store.get_label_info("a") == {"text": "second", "restored_from": 2}
    assert [v.number for v in store.label_history("a")] == [1, 2, 3, 4]
    with pytest.raises(DatastoreError, match=r"no version 9 .* 1, 2, 3, 4"):
        store.restore_label("a", 9)


def test_removed_label_can_be_restored(studies, open_store, add, label_file):
    add(studies, "a.png")
    store = open_store()
    store.save_label("a", label_file("kept"))
    store.remove_label("a", "final")
    assert store.get_unlabeled_images() == ["a"]
    assert not (studies / "labels" / "final" / "a.nii.gz").exists()
    assert [version.current for version in store.label_history("a")] == [False]
    with pytest.raises(DatastoreError, match="no label"):
        store.get_label_uri("a")
    with pytest.raises(DatastoreError, match="to remove"):
        store.remove_label("a", "final")
    store.restore_label("a", 1)
    assert Path(store.get_label_uri("a")).read_text() == "kept"


def test_label_of_another_format_replaces_the_one_before(studies, open_store, add, label_file):
    add(studies, "a.png")
    store = open_store()
    store.save_label("a", label_file("volume"))
    store.save_label("a", label_file("picture", ".png"))
    assert [file.name for file in (studies / "labels" / "final").iterdir()] == ["a.png"]
    store.restore_label("a", 1)
    assert [file.name for file in (studies / "labels" / "final").iterdir()] == ["a.nii.gz"]


def test_changed_version_file_is_not_restored(studies, open_store, add, label_file):
    add(studies, "a.png")
    store = open_store()
    store.save_label("a", label_file("first"))
    store.save_label("a", label_file("second"))
    next((studies / ".jlabel" / "versions").rglob("a.v1*")).write_text("hacked")
    with pytest.raises(DatastoreError, match="another program has changed this version"):
        store.restore_label("a", 1)
    assert Path(store.get_label_uri("a")).read_text() == "second"


def test_threads_save_the_same_image_and_no_version_is_lost(studies, open_store, add, label_file):
    add(studies, "a.png")
    store = open_store()
    files = [label_file(f"text {number}") for number in range(12)]
    threads = [threading.Thread(target=store.save_label, args=("a", file)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = {
        (studies / ".jlabel/versions/final" / f"a.v{v.number}.nii.gz").read_text() for v in store.label_history("a")
    }
    assert kept == {file.read_text() for file in files}
    assert [version.current for version in store.label_history("a")] == [False] * 11 + [True]
