"""Images that several people read."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from jlabel.datastores import LocalDatastore
from jlabel.datastores.readings import reader_tag
from jlabel.errors import DatastoreError

Open = Callable[..., LocalDatastore]


@pytest.fixture
def store(studies: Path, add: Callable[..., None], open_store: Open) -> LocalDatastore:
    add(studies, "a.png", "b.png", "c.png")
    return open_store()


def test_no_strategy_gives_an_image_that_several_read(store: LocalDatastore) -> None:
    assert store.readings.ask(["a", "b"], 2) == 2
    assert store.waiting_images() == ["c"]
    assert (store.first_unlabeled(), store.random_unlabeled(random.Random(0))) == ("c", "c")
    assert (store.count_unlabeled(), store.count_labeled(), store.status()["unlabelled"]) == (3, 0, 3)
    store.readings.ask(["a"], 0)
    assert store.waiting_images() == ["a", "c"]


def test_as_many_people_have_a_reading_as_were_asked_for_and_each_has_one(store: LocalDatastore) -> None:
    store.readings.ask(["a"], 2)
    taken = {name: store.leases.take("a", name, name) for name in ("mia", "ben", "ada")}
    assert [None if lease is None else lease.place for lease in taken.values()] == [1, 2, None]
    again = store.leases.take("a", "mia", "mia")
    assert again is not None
    assert (again.place, again.purpose) == (1, "reading")
    assert store.leases.take("a", "ada", "ada", force=True) is None
    store.leases.release("a", "ben")
    assert store.readings.waiting("ada") == ["a"]
    assert store.leases.take("a", "ada", "ada") is not None


def test_who_has_read_an_image_is_not_given_it_again(store: LocalDatastore) -> None:
    store.readings.ask(["a", "b"], 2)
    store.leases.take("a", "mia", "mia")
    assert store.readings.note("a", "mia")
    store.leases.release("a", "mia")
    assert (store.readings.waiting("mia"), store.readings.waiting("ben")) == (["b"], ["a", "b"])
    assert store.readings.note("a", "ben")
    assert not store.readings.note("a", "ada")
    assert store.readings.counts() == (2, 1, 2)
    assert [one.reader for one in store.readings.read()["a"]] == ["mia", "ben"]


def test_readings_that_were_saved_stay_when_fewer_are_asked_for(store: LocalDatastore) -> None:
    store.readings.ask(["a"], 3)
    store.readings.note("a", "mia")
    store.readings.ask(["a"], 0)
    assert [one.reader for one in store.readings.of_image("a")] == ["mia"]


def test_a_number_of_readers_that_makes_no_sense_is_refused(store: LocalDatastore) -> None:
    for number in (1, -1, 21, 2.0, True):
        with pytest.raises(DatastoreError, match="readers is how many people"):
            store.readings.ask(["a"], number)  # type: ignore[arg-type]
    with pytest.raises(DatastoreError, match="there is no image 'z'"):
        store.readings.ask(["a", "z"], 2)
    assert store.waiting_images() == ["a", "b", "c"]


def test_they_are_still_read_by_several_after_the_folder_was_opened_anew(
    store: LocalDatastore, open_store: Open
) -> None:
    store.readings.ask(["a"], 2)
    store.close()
    assert open_store().waiting_images() == ["b", "c"]


@pytest.mark.parametrize("name", ["", "../x", "a/b", "Dr. Who ☺", ".hidden", "x" * 200])
def test_the_tag_of_a_reader_is_safe_whatever_their_name(store: LocalDatastore, studies: Path, name: str) -> None:
    label = studies.parent / "label.nii.gz"
    label.write_bytes(b"")
    store.save_label("a", label, tag=reader_tag(name))
    assert Path(store.get_label_uri("a", reader_tag(name))).parent.parent == studies / "labels"
