"""Verdicts on labels, and how far the work on an image is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jlabel.datastores import LocalDatastore
from jlabel.errors import DatastoreError

Open = Callable[..., LocalDatastore]


@pytest.fixture
def store(
    studies: Path, add: Callable[..., None], open_store: Open, label_file: Callable[[str], Path]
) -> LocalDatastore:
    """Mia has labelled a, b and c; nobody has labelled d."""
    add(studies, "a.png", "b.png", "c.png", "d.png")
    store = open_store(author="mia")
    for image in "abc":
        store.save_label(image, label_file(image))
    return store


def test_a_verdict_is_about_one_version(store: LocalDatastore, label_file: Callable[[str], Path]) -> None:
    said = store.reviews.add("a", "sent_back", "ben", "the dome is missing", (1, 2))
    assert (said.version, said.place, said.author, said.reviewer) == (1, (1, 2, 0), "mia", "ben")
    assert store.reviews.of_image("a") == said
    store.save_label("a", label_file("better"))
    assert store.reviews.of_image("a") is None
    assert store.reviews.history("a") == [said]
    assert store.reviews.add("a", "accepted", "ben").version == 2


def test_the_last_verdict_on_a_version_counts_and_those_before_are_kept(store: LocalDatastore) -> None:
    store.reviews.add("a", "sent_back", "ben", "hm")
    store.reviews.add("a", "accepted", "ada")
    now = store.reviews.of_image("a")
    assert now is not None
    assert (now.verdict, now.reviewer) == ("accepted", "ada")
    assert [one.verdict for one in store.reviews.history("a")] == ["sent_back", "accepted"]
    assert store.reviews.sent_back() == []


def test_a_verdict_on_a_version_that_was_replaced_is_refused(
    store: LocalDatastore, label_file: Callable[[str], Path]
) -> None:
    store.save_label("a", label_file("better"))
    with pytest.raises(DatastoreError, match="saved anew meanwhile: version 2"):
        store.reviews.add("a", "accepted", "ben", version=1)
    with pytest.raises(DatastoreError, match="no label 'final' to review"):
        store.reviews.add("d", "accepted", "ben")


def test_what_waits_for_a_review_comes_in_the_order_in_which_it_was_saved_and_ones_own_last(
    store: LocalDatastore, open_store: Open, label_file: Callable[[str], Path]
) -> None:
    ben = open_store(author="ben")
    ben.save_label("b", label_file("by ben"))
    assert ben.reviews.waiting("ben") == ["a", "c", "b"]
    assert ben.reviews.waiting("mia") == ["b", "a", "c"]
    store.reviews.add("c", "accepted", "ben")
    store.leases.take("a", "ada", "s", "review")
    assert ben.reviews.waiting("ben") == ["b"]
    assert ben.reviews.waiting("ben", exclude=["b"]) == []


def test_what_was_sent_back_is_for_who_saved_it(store: LocalDatastore) -> None:
    store.reviews.add("b", "sent_back", "ben", "hm")
    assert [one.image_id for one in store.reviews.sent_back("mia")] == ["b"]
    assert store.reviews.sent_back("ben") == []
    assert store.reviews.counts() == {("mia", "sent_back"): 1}


def test_states_follow_from_labels_leases_and_verdicts(
    store: LocalDatastore, label_file: Callable[[str], Path]
) -> None:
    def states() -> dict[str, str]:
        return {entry.image_id: entry.work for entry in store.browse().entries}

    assert states() == {"a": "done", "b": "done", "c": "done", "d": "to_do"}
    store.reviews.add("a", "accepted", "ben")
    store.reviews.add("b", "sent_back", "ben", "hm")
    store.leases.take("c", "ben", "s", "review")
    store.leases.take("d", "ada", "t")
    assert states() == {"a": "accepted", "b": "sent_back", "c": "in_review", "d": "in_progress"}
    for state, image in (("accepted", "a"), ("sent_back", "b"), ("in_review", "c"), ("in_progress", "d")):
        assert [entry.image_id for entry in store.browse(state=state).entries] == [image]
    assert [entry.holder for entry in store.browse(state="in_progress").entries] == ["ada"]
    store.save_label("b", label_file("better"))
    store.leases.release("d", "t")
    assert [entry.image_id for entry in store.browse(state="done").entries] == ["b"]
    assert [entry.image_id for entry in store.browse(state="to_do").entries] == ["d"]
    assert store.browse("b", state="accepted").total == 0
