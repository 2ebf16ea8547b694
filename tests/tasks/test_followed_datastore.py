from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jlabel.datastores import LocalDatastore, Score
from jlabel.errors import Cancelled
from jlabel.tasks.followed_datastore import FollowedDatastore


class Heard:
    """What a followed datastore tells."""

    def __init__(self) -> None:
        self.scored: list[str] = []
        self.notes: list[str] = []
        self.stop = False

    def check(self) -> None:
        if self.stop:
            raise Cancelled("enough")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LocalDatastore]:
    for name in "abcd":
        Image.fromarray(np.zeros((4, 5), np.uint8)).save(tmp_path / f"{name}.png")
    store = LocalDatastore(tmp_path)
    yield store
    store.close()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def followed(store: LocalDatastore, heard: Heard) -> FollowedDatastore:
    return FollowedDatastore(store, ["d"], heard.check, heard.scored.append, heard.notes.append)


def test_it_is_the_datastore_but_for_the_hidden_images(store: LocalDatastore, followed: FollowedDatastore) -> None:
    assert followed.get_unlabeled_images() == ["a", "b", "c"]
    assert followed.count_images() == 4
    followed.update_image_info("a", {"score": 1})
    assert store.get_image_info("a")["score"] == 1
    assert followed.listed == {"a", "b", "c"}


def test_it_knows_at_which_image_the_task_is(followed: FollowedDatastore, heard: Heard) -> None:
    assert followed.at() == []
    followed.get_image_info("a")
    assert followed.at() == ["a"]
    followed.get_image_uri("b")
    assert followed.at() == ["b"]
    followed.update_image_info("b", {"score": 1})
    assert followed.at() == []
    assert heard.scored == ["b"]


def test_scores_that_are_saved_in_their_table_count_too(
    store: LocalDatastore, followed: FollowedDatastore, heard: Heard
) -> None:
    followed.get_image_uri("a")
    followed.scores.save([Score("a", "mine", 1.0), Score("b", "mine", 2.0)])
    assert heard.scored == ["a", "b"]
    assert followed.at() == []
    assert followed.scores.scored("mine") == store.scores.scored("mine") == {"a", "b"}


def test_of_several_threads_those_count_that_have_opened_an_image(followed: FollowedDatastore) -> None:
    """As where the first thread goes through all images and others score them."""
    opened, leave = threading.Event(), threading.Event()

    def score() -> None:
        followed.get_image_uri("a")
        opened.set()
        leave.wait(30)

    thread = threading.Thread(target=score)
    thread.start()
    assert opened.wait(30)
    followed.get_image_info("c")
    assert followed.at() == ["a"]
    followed.get_image_uri("c")
    assert followed.at() == ["c"]
    followed.get_image_info("b")
    assert followed.at() == ["a"]
    leave.set()
    thread.join()


def test_it_stops_where_the_task_turns_to_an_image(followed: FollowedDatastore, heard: Heard) -> None:
    heard.stop = True
    for turn in (followed.get_image_info, followed.get_image_uri, followed.get_label_uri):
        with pytest.raises(Cancelled):
            turn("a")
    with pytest.raises(Cancelled):
        followed.update_image_info("a", {})


def test_a_number_that_is_none_is_noted(followed: FollowedDatastore, heard: Heard) -> None:
    followed.update_image_info("a", {"fine": 1.5, "score": math.nan})
    assert heard.notes == ["image 'a': score is not a number that can be compared"]
