"""Many labels saved together: all of a batch or none, and each as if it had been saved alone."""

from __future__ import annotations

import numpy as np
import pytest

from jlabel.datastores import NewLabel, label_batches
from jlabel.errors import DatastoreError
from jlabel.progress import Progress


def test_labels_are_saved_with_their_info_authors_and_versions(studies, open_store, add, label_file):
    add(studies, "a.png", "sub/b.png", "c.png")
    store = open_store(author="mia")
    picture = np.ones((4, 5), np.uint8)
    new = [
        NewLabel("a", label_file("one"), {"from": "x"}),
        NewLabel("sub/b", label_file("two", ".png"), author="max"),
        NewLabel("c", picture),
    ]
    assert store.save_labels(new, "mine") == 3
    assert store.get_label_info("a", "mine") == {"from": "x"}
    assert [store.label_history(one, "mine")[0].author for one in ("a", "sub/b", "c")] == ["mia", "max", "mia"]
    assert (studies / "labels" / "mine" / "sub" / "b.png").read_text() == "two"
    assert store.get_labeled_images() == []
    store.save_label("a", label_file("three"), "mine")
    assert [version.number for version in store.label_history("a", "mine")] == [1, 2]
    assert list((studies / ".jlabel" / "tmp").iterdir()) == []


def test_an_image_that_has_a_label_gets_a_new_version(studies, open_store, add, label_file):
    add(studies, "a.png", "b.png")
    store = open_store()
    store.save_label("a", label_file("first"))
    (studies / "labels" / "final" / "b.nii.gz").write_text("by another program")
    store.save_labels(NewLabel(one, label_file("second")) for one in ("a", "b"))
    assert [version.number for version in store.label_history("a")] == [1, 2]
    assert [version.number for version in store.label_history("b")] == [1, 2]
    assert (studies / "labels" / "final" / "b.nii.gz").read_text() == "second"
    assert store.count_unlabeled() == 0


def test_of_one_image_the_last_label_counts(studies, open_store, add, label_file):
    add(studies, "a.png")
    store = open_store()
    assert store.save_labels(NewLabel("a", label_file(text)) for text in ("first", "second")) == 2
    assert (studies / "labels" / "final" / "a.nii.gz").read_text() == "second"
    assert len(store.label_history("a")) == 2


def test_what_came_before_an_error_is_saved(studies, open_store, add, label_file):
    add(studies, "a.png", "b.png")
    store = open_store()
    label = label_file("one")

    def labels():
        yield NewLabel("a", label)
        raise ValueError("the source is gone")

    with pytest.raises(ValueError, match="the source is gone"):
        store.save_labels(labels())
    assert store.get_labeled_images() == ["a"]
    with pytest.raises(DatastoreError, match="there is no image 'x'"):
        store.save_labels([NewLabel("x", label)])
    assert list((studies / ".jlabel" / "tmp").iterdir()) == []


def test_a_batch_that_cannot_be_decided_leaves_nothing(studies, open_store, add, label_file, monkeypatch):
    add(studies, "a.png", "b.png")
    store = open_store()
    monkeypatch.setattr(label_batches, "_insert", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(DatastoreError, match="labels could not be saved, those before are unchanged: No space left"):
        store.save_labels(NewLabel(one, label_file("text")) for one in ("a", "b"))
    assert store.get_labeled_images() == []
    assert [file for file in (studies / ".jlabel" / "versions").rglob("*") if file.is_file()] == []
    monkeypatch.undo()
    assert store.save_labels([NewLabel("a", label_file("text"))]) == 1


def test_a_label_whose_file_is_not_in_its_place_yet_gets_there(studies, open_store, add, label_file, monkeypatch):
    add(studies, "a.png")
    store = open_store()
    monkeypatch.setattr(label_batches.LabelBatches, "_show_new", lambda *_: False)
    store.save_labels([NewLabel("a", label_file("text"))])
    store.close()
    assert open_store().get_label_uri("a") == str(studies / "labels" / "final" / "a.nii.gz")
    assert (studies / "labels" / "final" / "a.nii.gz").read_text() == "text"


def test_it_can_be_cancelled_between_labels(studies, open_store, add, label_file):
    add(studies, "a.png", "b.png")
    store = open_store()
    checks = iter([None, None])

    def check() -> None:
        if next(checks, "stop") == "stop":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.save_labels(
            (NewLabel(one, label_file("text")) for one in ("a", "b", "a")), progress=Progress(check=check)
        )
    assert store.get_labeled_images() == ["a", "b"]
