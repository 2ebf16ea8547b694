"""When trainings begin by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jlabel.datastores import LocalDatastore
from jlabel.labeler.features.automatic_training import AutomaticTraining


@pytest.fixture
def datastore(tmp_path: Path) -> Iterator[LocalDatastore]:
    datastore = LocalDatastore(tmp_path)
    yield datastore
    datastore.close()


def test_the_switch_is_kept_with_the_studies(datastore: LocalDatastore) -> None:
    switch = AutomaticTraining(datastore, ["first", "second"])
    assert (switch.on, switch.trainer) == (False, "first")
    switch.turn(True, "second")
    switch.note_try("second", 5)
    again = AutomaticTraining(datastore, ["first", "second"])
    assert (again.on, again.trainer) == (True, "second")
    assert (again.tried("second"), again.tried("first")) == (5, 0)


def test_a_labeler_sees_that_it_was_switched_elsewhere(datastore: LocalDatastore) -> None:
    here, elsewhere = (AutomaticTraining(datastore, ["first"]) for _ in "ab")
    assert not here.look()
    elsewhere.turn(True, "first")
    assert here.look()
    assert here.on
    assert not here.look()


@pytest.mark.parametrize(
    "kept",
    [{"on": True, "trainer": "of another app"}, {"on": "yes", "trainer": "first"}, {"tried": 3}, {"trainer": []}],
)
def test_what_means_nothing_here_switches_nothing_on(datastore: LocalDatastore, kept: dict[str, object]) -> None:
    datastore.change_setting("train_automatically", lambda now: kept)
    switch = AutomaticTraining(datastore, ["first"])
    assert (switch.on, switch.trainer, switch.tried("first")) == (False, "first", 0)
