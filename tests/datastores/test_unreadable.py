"""Images that cannot be read, and labels that cannot be shown: named, drawn by nobody, and not counted as labelled."""

from __future__ import annotations

import random

import pytest

from jlabel.datastores import image_queue
from jlabel.datastores.unreadable import UNREADABLE_KEY, UNSHOWN_KEY


@pytest.fixture
def store(studies, open_store, add):
    add(studies, "a.png", "b.png", "c.png")
    return open_store()


def states(store, **page) -> dict[str, str]:
    return {entry.image_id: entry.state for entry in store.browse(**page).entries}


@pytest.mark.parametrize("rebuilt", [False, True])
def test_an_image_that_cannot_be_read_waits_for_nobody(store, rebuilt):
    store.update_image_info("a", {UNREADABLE_KEY: {"problem": "it is cut short", "file": [1, 2]}})
    if rebuilt:
        with store._catalogue.write() as connection:
            image_queue.rebuild(connection)
    assert states(store) == {"a": "unreadable", "b": "unlabelled", "c": "unlabelled"}
    assert states(store, state="unreadable") == {"a": "unreadable"}
    assert {store.random_unlabeled(random.Random(seed), skipped=True) for seed in range(20)} == {"b", "c"}
    assert store.first_unlabeled(["b", "c"]) is None
    assert store.count_labeled() == 0
    assert store.status()["unreadable"] == 1
    store.update_image_info("a", {UNREADABLE_KEY: None})
    assert store.first_unlabeled() == "a"


@pytest.mark.parametrize("rebuilt", [False, True])
def test_a_label_that_cannot_be_shown_does_not_count_until_there_is_another(store, label_file, rebuilt):
    for image_id in ("a", "b"):
        store.save_label(image_id, label_file(image_id))
    store.update_image_info("a", {UNSHOWN_KEY: 1})
    if rebuilt:
        with store._catalogue.write() as connection:
            image_queue.rebuild(connection)
    assert store.count_labeled() == 1
    assert states(store) == {"a": "unshown", "b": "final", "c": "unlabelled"}
    assert store.browse(state="final").total == len(store.browse(state="final").entries) == 2
    assert store.browse(state="unlabelled").total == 1
    assert store.first_unlabeled() == "c"
    assert store.status()["unshown"] == 1
    store.save_label("a", label_file("another"))
    assert store.count_labeled() == 2
    assert states(store)["a"] == "final"


def test_another_file_in_its_place_is_looked_at_again(store, studies, add):
    state = (studies / "a.png").stat()
    noted = {"problem": "it is cut short", "file": [state.st_mtime_ns, state.st_size]}
    store.update_image_info("a", {UNREADABLE_KEY: noted})
    store.refresh()
    assert states(store)["a"] == "unreadable"
    (studies / "a.png").write_bytes((studies / "b.png").read_bytes() + b"more")
    store.refresh()
    assert states(store)["a"] == "unlabelled"
