"""The label set that a datastore keeps: whole, in one step, for everybody who opens the folder."""

from __future__ import annotations

import threading

import pytest

from jlabel.datastores import Datastore
from jlabel.errors import DatastoreError, LabelError


def test_it_is_kept_for_the_next_who_opens_the_folder(open_store):
    store = open_store()
    assert store.label_set() is None
    assert store.change_label_set(lambda kept: {"labels": ["a"]}) == {"labels": ["a"]}
    assert open_store().label_set() == {"labels": ["a"]}
    assert store.change_label_set(lambda kept: {"labels": [*kept["labels"], "b"]}) == {"labels": ["a", "b"]}


def test_a_change_that_fails_changes_nothing(open_store):
    store = open_store()
    store.change_label_set(lambda kept: {"labels": ["a"]})

    def refuse(kept):
        raise LabelError("no")

    with pytest.raises(LabelError, match="no"):
        store.change_label_set(refuse)
    with pytest.raises(DatastoreError, match="info must be"):
        store.change_label_set(lambda kept: {"labels": object()})
    assert store.label_set() == {"labels": ["a"]}


def test_changes_at_the_same_time_all_count(open_store):
    stores = [open_store() for _ in range(3)]
    stores[0].change_label_set(lambda kept: {"count": 0})

    def count(store: Datastore) -> None:
        for _ in range(5):
            store.change_label_set(lambda kept: {"count": kept["count"] + 1})

    threads = [threading.Thread(target=count, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stores[0].label_set() == {"count": 15}


def test_other_settings_are_kept_beside_it_whatever_their_names(open_store):
    store = open_store()
    store.change_label_set(lambda kept: {"labels": ["a"]})
    for name in ("training", "scanned"):
        assert store.change_setting(name, lambda kept: {**(kept or {}), "on": True}) == {"on": True}
    again = open_store()
    assert [again.setting(name) for name in ("training", "scanned", "other")] == [{"on": True}, {"on": True}, None]
    assert again.label_set() == {"labels": ["a"]}


def test_a_datastore_that_says_nothing_else_keeps_settings_in_memory(open_store):
    store, other = open_store(), open_store()
    assert Datastore.setting(store, "label_set") is None
    assert Datastore.change_setting(store, "label_set", lambda kept: {"labels": []}) == {"labels": []}
    assert Datastore.setting(store, "label_set") == {"labels": []}
    assert Datastore.setting(other, "label_set") is None
    assert store.label_set() is None
