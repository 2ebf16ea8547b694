"""Who works on which image: one person at a time, until they give it back or fall silent."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.datastores import LocalDatastore
from jlabel.datastores.leases import Leases
from jlabel.errors import DatastoreError

Open = Callable[..., LocalDatastore]


@pytest.fixture
def store(studies: Path, add: Callable[..., None], open_store: Open) -> LocalDatastore:
    add(studies, "a.png", "b.png", "c.png")
    return open_store()


def test_an_image_is_one_persons_until_they_give_it_back(store: LocalDatastore) -> None:
    leases = store.leases
    taken = leases.take("a", "mia", "m")
    assert taken is not None
    assert (taken.holder, taken.purpose, taken.place) == ("mia", "label", 0)
    assert leases.take("a", "ben", "b") is None
    assert (leases.of_others("ben"), leases.of_others("mia")) == (["a"], [])
    leases.release("a", "b")  # which is not his to give back
    assert leases.take("a", "ben", "b") is None
    leases.release("a", "m")
    assert leases.take("a", "ben", "b") is not None


def test_who_takes_it_again_has_it_longer_and_since_the_same_time(store: LocalDatastore) -> None:
    first = store.leases.take("a", "mia", "m")
    again = store.leases.take("a", "mia", "another notebook")
    assert first is not None
    assert again is not None
    assert again.since == first.since
    assert again.until >= first.until
    store.leases.release("a", "m")  # the notebook of before ends: hers is the other one now
    assert [lease.holder for lease in store.leases.all()] == ["mia"]


def test_it_can_be_taken_over_by_force(store: LocalDatastore) -> None:
    store.leases.take("a", "mia", "m")
    taken = store.leases.take("a", "ben", "b", force=True)
    assert taken is not None
    assert [lease.holder for lease in store.leases.of_image("a")] == ["ben"]
    assert store.leases.take("a", "mia", "m") is None


def test_who_reviews_goes_on_to_review(store: LocalDatastore) -> None:
    store.leases.take("a", "mia", "m", "review")
    again = store.leases.take("a", "mia", "m")
    assert again is not None
    assert again.purpose == "review"


def test_an_image_that_is_not_there_is_nobodys(store: LocalDatastore) -> None:
    with pytest.raises(DatastoreError, match="there is no image 'z'"):
        store.leases.take("z", "mia", "m")


def test_what_a_killed_process_had_comes_back_after_silence(store: LocalDatastore, studies: Path) -> None:
    program = f"""
import sys
from jlabel.datastores import LocalDatastore
datastore = LocalDatastore({str(studies)!r}, author="mia")
datastore.leases.seconds = 1.0
datastore.leases.take("a", "mia", "m")
print("taken", flush=True)
sys.stdin.read()
"""
    holder = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "taken\n"
    holder.kill()
    holder.communicate()
    begun = time.monotonic()
    while store.leases.take("a", "ben", "b") is None:
        assert time.monotonic() - begun < 60
        time.sleep(0.05)
    assert [lease.holder for lease in store.leases.all()] == ["ben"]


def test_a_clock_of_a_person_never_counts(store: LocalDatastore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 4e9)
    assert store.leases.take("a", "mia", "m") is not None
    assert store.leases.take("a", "ben", "b") is None


def test_where_nothing_can_be_written_everyone_gets_every_image(
    store: LocalDatastore, open_store: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store._catalogue, "only_read", "the folder is only read")
    assert not store.leases.kept
    assert store.leases.take("a", "mia", "m") is not None
    assert store.leases.take("a", "ben", "b") is not None
    store.leases.release("a", "m")
    assert store.leases.all() == []


def test_a_datastore_of_one_person_keeps_none() -> None:
    leases = Leases()
    assert leases.take("a", "mia", "m") is not None
    assert (leases.all(), leases.of_image("a"), list(leases.of_others("ben"))) == ([], [], [])


def test_of_many_who_take_one_image_at_once_one_gets_it(store: LocalDatastore) -> None:
    begin, got = threading.Barrier(8), list[str]()

    def person(name: str) -> None:
        begin.wait()
        if store.leases.take("a", name, name) is not None:
            got.append(name)

    people = [threading.Thread(target=person, args=(f"p{number}",)) for number in range(8)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert len(got) == 1
    assert [lease.holder for lease in store.leases.all()] == got


PEOPLE = ("mia", "ben", "ada")
steps = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from("abc"), st.sampled_from(["take", "force", "release"])),
    max_size=25,
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> LocalDatastore:
    folder = tmp_path_factory.mktemp("studies")
    for name in "abc":
        (folder / f"{name}.png").write_bytes(b"not read here")
    return LocalDatastore(folder)


@given(steps=steps)
def test_whatever_people_do_an_image_is_never_two_peoples(
    shared: LocalDatastore, steps: list[tuple[str, str, str]]
) -> None:
    for name in PEOPLE:
        shared.leases.release_all(name)
    holders: dict[str, str] = {}
    for who, image, what in steps:
        if what == "release":
            shared.leases.release(image, who)
            if holders.get(image) == who:
                del holders[image]
            continue
        taken = shared.leases.take(image, who, who, force=what == "force")
        assert (taken is not None) == (what == "force" or holders.get(image, who) == who)
        if taken is not None:
            holders[image] = who
    assert {lease.image_id: lease.holder for lease in shared.leases.all()} == holders
