"""Scores and features: the same whether they are kept in the catalogue or in memory."""

from __future__ import annotations

import errno
import math
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.datastores import Datastore, LocalDatastore, Score, ScoreSet
from jlabel.datastores.score_queue import LABELED
from jlabel.errors import DatastoreError

NAMES = ("a", "b", "c", "d", "e")


class InMemory(LocalDatastore):
    """A datastore that keeps no scores of its own, and answers what is asked about them as datastores do by default."""

    scores = Datastore.scores
    count_unlabeled = Datastore.count_unlabeled
    waiting_images = Datastore.waiting_images
    is_waiting = Datastore.is_waiting
    last_unlabeled = Datastore.last_unlabeled
    patients = Datastore.patients
    has_labeled = Datastore.has_labeled


@pytest.fixture(params=[LocalDatastore, InMemory])
def store(request, studies, add, catalogue_address):
    add(studies, *(f"{name}.png" for name in NAMES))
    opened = request.param(studies, catalogue=catalogue_address(studies))
    yield opened
    opened.close()


@pytest.fixture
def local(studies, open_store, add):
    add(studies, *(f"{name}.png" for name in NAMES))
    return open_store()


def label(store: Datastore, *ids: str) -> None:
    for image_id in ids:
        store.save_label(image_id, np.zeros((4, 5), np.uint8))


def entropy(image_id: str, value: float, version: int = 1, **more: object) -> Score:
    return Score(image_id, "entropy", value, "segmentation", version, **more)  # type: ignore[arg-type]


def order(store: Datastore, version: int = 1, **options: object) -> list[str]:
    found = store.scores.highest("entropy", "segmentation", version, **options)  # type: ignore[arg-type]
    return [score.image_id for score in found]


def test_a_score_is_kept_as_it_was_saved(store):
    given_score = Score(
        "b",
        "entropy",
        0.61,
        "segmentation",
        3,
        {"anterior": 0.2, "posterior": math.nan},
        1.5,
        datetime(2026, 5, 1, 12, tzinfo=UTC),
        {"foreground": np.float32(0.25), "unknown": ["tail"], "top": math.nan},
    )
    store.scores.save([given_score])
    (kept,) = store.scores.of_image("b")
    assert (kept.image_id, kept.method, kept.model, kept.version) == ("b", "entropy", "segmentation", 3)
    assert (kept.value, kept.seconds, kept.time) == (0.61, 1.5, given_score.time)
    assert kept.by_label["anterior"] == 0.2
    assert math.isnan(kept.by_label["posterior"])
    assert kept.info == {"foreground": 0.25, "unknown": ["tail"], "top": None}
    assert store.scores.of_image("a") == []


def test_a_new_score_of_the_same_takes_the_place_of_the_old_one(store):
    store.scores.save([entropy("a", 0.1), entropy("a", 0.2, version=2)])
    store.scores.save([entropy("a", 0.9)])
    assert [(score.version, score.value) for score in store.scores.of_image("a")] == [(1, 0.9), (2, 0.2)]
    assert store.scores.sets() == [
        ScoreSet("entropy", "segmentation", 1, images=1, waiting=1),
        ScoreSet("entropy", "segmentation", 2, images=1, waiting=1),
    ]


def test_sets_count_the_images_that_have_a_score_and_those_that_wait(store):
    store.scores.save([entropy(name, 0.5) for name in "abc"])
    store.scores.save([Score("a", "appearance", 0.3)])
    label(store, "a", "e")
    assert store.scores.sets("entropy") == [ScoreSet("entropy", "segmentation", 1, images=3, waiting=2)]
    assert [found.method for found in store.scores.sets()] == ["appearance", "entropy"]
    store.remove_label("a", "final")
    assert store.scores.sets("entropy")[0].waiting == 3
    assert store.scores.scored("entropy", "segmentation", 1) == {"a", "b", "c"}
    assert store.scores.scored("entropy", "segmentation", 2) == set()


def test_the_highest_wait_for_a_label_and_ties_go_by_id(store):
    store.scores.save([entropy("a", 0.1), entropy("d", 0.7), entropy("b", 0.7), entropy("c", 0.9)])
    assert order(store, count=9) == ["c", "b", "d", "a"]
    assert order(store) == ["c"]
    label(store, "c", "b")
    assert order(store, count=9) == ["d", "a"]
    assert order(store, count=9, exclude=["d", "unknown"]) == ["a"]
    assert order(store, version=2) == []
    assert order(store, count=0) == []


def test_an_image_without_a_value_comes_never_but_counts_as_scored(store):
    store.scores.save([entropy("a", math.nan), entropy("b", -2.0), entropy("c", math.inf)])
    assert order(store, count=9) == ["b"]
    assert store.scores.scored("entropy", "segmentation", 1) == {"a", "b", "c"}
    assert np.isnan(store.scores.table("entropy", "segmentation", 1).values).tolist() == [True, False, True]


def test_skipped_images_come_last_unless_they_take_part(store):
    store.scores.save([entropy("a", 0.9), entropy("b", 0.1), entropy("c", 0.5)])
    store.update_image_info("a", {"skipped": "2026-05-01"})
    assert order(store, count=2) == ["b", "c"][::-1]
    assert order(store, count=9) == ["c", "b", "a"]
    assert order(store, count=9, skipped=True) == ["a", "c", "b"]
    store.update_image_info("a", {"skipped": None})
    assert order(store) == ["a"]


def test_a_table_has_a_row_for_each_image_by_id(store):
    store.scores.save([entropy("c", 0.5, by_label={"x": 0.1}, info={"top": 1.0}), entropy("a", 0.7, by_label={"y": 2})])
    label(store, "c")
    table = store.scores.table("entropy", "segmentation", 1)
    assert (table.ids, table.labels) == (("a", "c"), ("x", "y"))
    np.testing.assert_array_equal(table.values, [0.7, 0.5])
    np.testing.assert_array_equal(table.by_label, [[np.nan, 2], [0.1, np.nan]])
    assert table.info == ({}, {"top": 1.0})
    assert store.scores.table("unknown").by_label.shape == (0, 0)


def test_features_are_vectors_of_float16(store):
    store.scores.save([Score("b", "appearance", 0.1)], features={"appearance": np.array([1, np.nan, 1e9, -0.1])})
    store.scores.save([Score("a", "appearance", 0.1)], features={"appearance": np.arange(4)})
    store.scores.save([Score("c", "appearance", 0.1)], features={"appearance": np.arange(3)})
    ids, vectors = store.scores.features("appearance")
    assert ids == ("a", "b")  # that of c has another length
    np.testing.assert_allclose(vectors, [[0, 1, 2, 3], [1, 0, 65504, -0.1]], rtol=1e-3)
    label(store, "b")
    assert store.scores.features("appearance", labeled=True)[0] == ("b",)
    assert store.scores.features("appearance", only=["a", "c", "unknown"])[0] == ("a",)
    assert store.scores.features("network")[0] == ()


def test_images_that_wait_are_counted_and_listed(store):
    store.update_image_info("c", {"skipped": "2026-05-01"})
    label(store, "a", "b")
    assert (store.waiting_images(), store.waiting_images(skipped=True)) == (["d", "e"], ["c", "d", "e"])
    assert [store.is_waiting(name) for name in ("a", "c", "d", "unknown")] == [False, False, True, False]
    assert (store.last_unlabeled(), store.last_unlabeled(["e"]), store.last_unlabeled(["d", "e"])) == ("e", "d", "c")
    assert store.count_unlabeled() == 3
    assert [store.has_labeled(count) for count in (0, 1, 2, 3)] == [True, True, True, False]


def test_patients_are_those_that_the_info_names(store):
    store.update_image_info("a", {"PatientID": "P1", "site": "x"})
    store.update_image_info("b", {"patient": 7, "comment": "a patient man"})
    store.update_image_info("c", {"comment": "an outpatient", "patient_id": None})
    assert store.patients() == {"a": "P1", "b": "7"}


def test_the_stamp_is_another_after_each_save_and_only_then(store):
    first = store.scores.stamp()
    label(store, "a")
    assert store.scores.stamp() == first
    store.scores.save([entropy("a", 0.1)])
    second = store.scores.stamp()
    store.scores.save([entropy("a", 0.1)])
    assert len({first, second, store.scores.stamp()}) == 3


def test_images_that_are_gone_are_left_out(store, studies):
    store.scores.save([entropy(name, 0.5) for name in (*NAMES, "never there")])
    assert store.scores.sets()[0].images == 5
    (studies / "b.png").unlink()
    store.refresh()
    store.remove_image("c")
    assert store.scores.sets()[0].images == 3
    assert order(store, count=9) == ["a", "d", "e"]
    store.scores.save([entropy("b", 0.6), entropy("c", 0.7)], features={"network": np.ones(3)})
    assert store.scores.scored("entropy", "segmentation", 1) == {"a", "d", "e"}
    assert store.scores.table("entropy", "segmentation", 1).ids == ("a", "d", "e")
    assert store.scores.features("network", "segmentation", 1)[0] == ()
    assert store.scores.of_image("c") == []


@pytest.mark.parametrize(
    ("score", "features", "said"),
    [
        (entropy("a", "high"), None, "'a' by 'entropy' must be a number"),
        (entropy("a", 1, by_label={"liver": "x"}), None, "'liver' in 'a' by 'entropy'"),
        (entropy("a", 1, info={"made by": object()}), None, "info must be"),
        (entropy("a", 1), {"network": np.zeros(0)}, "features must be a vector"),
        (entropy("a", 1), {"network": ["x"]}, "features must be a vector"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_saved(store, score, features, said):
    with pytest.raises(DatastoreError, match=said):
        store.scores.save([entropy("b", 0.5), score] if features is None else [score], features)
    assert store.scores.sets() == []
    with pytest.raises(DatastoreError, match="saved with a score"):
        store.scores.save([], {"network": np.ones(3)})


def test_another_process_and_the_next_day_have_them_too(local, open_store):
    local.scores.save([entropy("a", 0.5)], features={"network": np.ones(3)})
    other = open_store()
    assert order(other) == ["a"]
    stamp = other.scores.stamp()
    local.scores.save([entropy("b", 0.9)])
    assert order(other) == ["b"]
    assert other.scores.stamp() != stamp
    assert other.scores.features("network", "segmentation", 1)[0] == ("a",)


def test_a_removed_image_takes_its_scores_with_it(local, studies):
    local.scores.save([entropy("a", 0.5)], features={"network": np.ones(3)})
    local.remove_image("a")
    local.add_image(None, studies / "a.png")
    assert local.scores.of_image("a") == []
    assert local.scores.features("network", "segmentation", 1)[0] == ()


def test_an_image_that_is_put_back_has_its_scores_again(local, studies, add):
    local.scores.save([entropy("a", 0.5)])
    (studies / "a.png").unlink()
    local.refresh()
    assert local.scores.of_image("a") == []
    add(studies, "a.png")
    local.refresh()
    assert order(local) == ["a"]


@pytest.mark.sqlite
def test_a_folder_that_cannot_be_written_takes_no_scores(studies, open_store, add, monkeypatch):
    add(studies, "a.png")

    def refuse(name: str, *arguments: object, **options: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(name))

    monkeypatch.setattr(os, "mkdir", refuse)
    store = open_store()
    with pytest.raises(DatastoreError, match="open to read, nothing can be written"):
        store.scores.save([entropy("a", 0.5)])
    assert (store.scores.sets(), order(store), store.scores.stamp()) == ([], [], None)


@pytest.mark.sqlite
def test_a_catalogue_of_version_2_gets_a_place_for_scores(local, studies, open_store):
    label(local, "a")
    local.close()
    with sqlite3.connect(studies / ".jlabel" / "catalogue.sqlite") as raw:
        for table in ("feature", "score", "score_set"):
            raw.execute(f"DROP TABLE {table}")
        raw.execute("UPDATE setting SET value = '2' WHERE key = 'schema_version'")
    raw.close()
    again = open_store()
    assert again.get_labeled_images() == ["a"]
    again.scores.save([entropy("a", 0.5), entropy("b", 0.1)])
    assert again.scores.sets() == [ScoreSet("entropy", "segmentation", 1, images=2, waiting=1)]


HOSTILE = {
    "values of every type": [
        "UPDATE score SET value = 'high', by_label = '[1]', seconds = 'x', time = 1e300 WHERE image_id = 'a'",
        "UPDATE score SET info = x'00', time = 'soon' WHERE image_id = 'c'",
        "UPDATE score SET value = x'ff', image_id = 3 WHERE image_id = 'b'",
        "UPDATE feature SET vector = 'no vector'",
    ],
    "a set of no types": ["UPDATE score_set SET method = x'00', images = 'many'"],
    "images that do not exist": ["PRAGMA foreign_keys = OFF", "UPDATE image SET path = '/etc' WHERE id = 'a'"],
    "other tables of that name": ["DROP TABLE score", "CREATE TABLE score (set_pk INTEGER, anything TEXT)"],
    "a name that leads elsewhere": ["UPDATE score SET image_id = '../../x' WHERE image_id = 'a'"],
}


@pytest.mark.sqlite
@pytest.mark.parametrize("construction", HOSTILE)
def test_rows_of_somebody_else_are_passed_by(local, studies, open_store, construction):
    local.scores.save([entropy("a", 0.9), entropy("b", 0.8), entropy("c", 0.7)], features={"network": np.ones(3)})
    local.close()
    with sqlite3.connect(studies / ".jlabel" / "catalogue.sqlite") as raw:
        for statement in HOSTILE[construction]:
            raw.execute(statement)
    raw.close()
    store = open_store()
    assert set(order(store, count=9)) <= set(NAMES)
    assert {score.image_id for name in NAMES for score in store.scores.of_image(name)} <= set(NAMES)
    store.scores.table("entropy", "segmentation", 1)
    store.scores.features("network", "segmentation", 1)
    label(store, "a", "c")
    store.scores.save([entropy("d", 0.5)], features={"network": np.ones(3)})
    assert "d" in order(store, count=9)
    assert not {"a", "c"} & set(order(store, count=9))


@pytest.mark.sqlite
def test_a_damaged_catalogue_is_set_aside_and_scores_are_made_anew(local, studies, open_store):
    local.scores.save([entropy("a", 0.5)])
    local.close()
    (studies / ".jlabel" / "catalogue.sqlite").write_bytes(b"this is no database at all, " * 100)
    again = open_store()
    assert again.scores.sets() == []
    again.scores.save([entropy("a", 0.6)])
    assert order(again) == ["a"]


actions = st.lists(
    st.tuples(st.sampled_from(["score", "label", "unlabel", "skip", "unskip", "rescore"]), st.sampled_from(NAMES)),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(actions)
def test_what_is_kept_beside_the_scores_is_where_the_images_stand(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("studies")
    for name in NAMES:
        (folder / f"{name}.nii.gz").write_bytes(b"not read here")
    file = folder / "label.nii.gz"
    file.write_bytes(b"a label")
    store = LocalDatastore(folder)
    store.remove_image("label")
    for action, name in steps:
        if action in ("score", "rescore"):
            store.scores.save([entropy(name, 0.5), entropy(name, 0.1, version=2)])
        elif action == "label":
            store.save_label(name, file)
        elif action == "unlabel" and name in store.get_labeled_images():
            store.remove_label(name, "final")
        elif action in ("skip", "unskip"):
            store.update_image_info(name, {"skipped": "now" if action == "skip" else None})
    scored = {name for action, name in steps if action in ("score", "rescore")}
    waiting = scored & set(store.get_unlabeled_images())
    assert set(order(store, count=9)) == waiting
    counted = [(found.images, found.waiting) for found in store.scores.sets()]
    assert counted == ([(len(scored), len(waiting))] * 2 if scored else [])
    with store._catalogue.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT score.queue, image.queue FROM score JOIN image ON image.pk = score.image_pk"
        ).all()
    assert all(own == (LABELED if queue is None else queue) for own, queue in rows)
    store.close()


def test_many_images_that_come_at_once_keep_their_places(studies, open_store, add):
    add(studies, *(f"first/{number}.png" for number in range(4)))
    store = open_store()
    store.scores.save([entropy(f"first/{number}", number) for number in range(4)])
    label(store, "first/3")
    (studies / "first" / "2.png").unlink()
    for number in range(600):
        (studies / f"{number}.nii.gz").write_bytes(b"not read here")
    store.refresh()
    assert order(store, count=9) == ["first/1", "first/0"]
    assert store.scores.sets()[0] == ScoreSet("entropy", "segmentation", 1, images=3, waiting=2)


WORKER = """
import sys
import numpy as np
from jlabel.datastores import LocalDatastore, Score
store, version = LocalDatastore(sys.argv[1], timeout=60), int(sys.argv[2])
for round in range(int(sys.argv[3])):
    for name in "abcde":
        vector = np.full(8, round % 100)
        store.scores.save([Score(name, "entropy", round, "m", version, info={"round": round})], {"network": vector})
        print(name, round, flush=True)
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(local, studies):
    running = []

    def starter(version: int, rounds: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WORKER, str(studies), str(version), str(rounds)]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return running[-1]

    yield starter
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


def test_two_processes_save_at_once(local, start: Start):
    workers = [start(version, 5) for version in (1, 2)]
    for worker in workers:
        worker.communicate(timeout=120)
    assert [worker.returncode for worker in workers] == [0, 0]
    assert local.scores.sets() == [ScoreSet("entropy", "m", version, images=5, waiting=5) for version in (1, 2)]
    assert {score.value for score in local.scores.of_image("c")} == {4.0}


@pytest.mark.sqlite
def test_a_kill_loses_no_score_that_was_written_and_leaves_none_twice(local, studies: Path, start: Start):
    for attempt in range(3):
        worker = start(1, 10_000)
        assert worker.stdout is not None
        said = [worker.stdout.readline() for _ in range(3)]
        time.sleep(0.03 * attempt)
        worker.send_signal(signal.SIGKILL)
        said += worker.communicate()[0].splitlines()
        last = {line.split()[0]: int(line.split()[1]) for line in said if len(line.split()) == 2}
        for name, number in last.items():
            (kept,) = local.scores.of_image(name)
            assert kept.value >= number
            assert kept.info == {"round": kept.value}
        ids, vectors = local.scores.features("network", "m", 1)
        assert [(name, row[0]) for name, row in zip(ids, vectors, strict=True)] == [
            (name, local.scores.of_image(name)[0].value % 100) for name in ids
        ]
        assert local.scores.sets()[0].images == len(ids)
