"""The loop goes on by itself: it trains on what came back, scores what waits, and sends the next round."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import jlabel
from jlabel.active_learning import AnnotationLoop
from jlabel.manager import AppManager
from tests.active_learning.conftest import Begin, annotate, finish, frames, number_of, spot, spot_of
from tests.active_learning.small_app import SpotsApp
from tests.cvat.annotators import Annotators
from tests.cvat.server import ContractServer, Fault

_PATIENCE = 120.0


@pytest.fixture
def spots(studies: Path, own_locks: Path) -> Iterator[AppManager]:
    made = AppManager(SpotsApp(studies), device="cpu")
    yield made
    made.close()


def step_until(loop: AnnotationLoop, what) -> None:
    """Take turns until something is so."""
    until = time.monotonic() + _PATIENCE
    while not what():
        assert time.monotonic() < until, loop.status()
        loop.step()
        time.sleep(0.02)


def test_rounds_go_on_until_all_is_labelled(begin: Begin, spots: AppManager, server: ContractServer, cvat) -> None:
    loop = begin(spots, cvat, strategy="doubt", train="spots", top_k=5)
    seen: list[str] = []
    with Annotators(server, spot_of):
        status = loop.run(tell=lambda now: seen.append(now.next_step))
    assert (status.labelled, status.waiting, status.out, status.next_step) == (12, 0, 0, "all is done")
    assert [task.images for task in status.tasks] == [2, 5, 5]
    # Each training has learnt from more, and none from the same.
    assert [point.images for point in status.curve] == [5, 10, 12]
    assert sum(job.kind == "train" for job in spots.jobs()) == 3
    assert any("the model learns" in one for one in seen)
    for number in range(12):
        np.testing.assert_array_equal(spots.label(f"picture_{number:02}"), spot(number))


def test_the_highest_scores_go_out_exactly(begin: Begin, spots: AppManager, server: ContractServer, cvat) -> None:
    loop = begin(spots, cvat, strategy="doubt", train="spots", top_k=5)
    first = loop.send()
    annotate(server, first.tasks[0])
    step_until(loop, lambda: loop.round == 2)
    waiting = set(range(12)) - {int(one[-2:]) for one in first.images}
    (second,) = [task for task in server.tasks.values() if task.id not in first.tasks]
    assert {number_of(frame.name) for frame in second.frames} == set(sorted(waiting)[-5:])


def test_masks_of_the_model_go_along(begin: Begin, spots: AppManager, server: ContractServer, cvat) -> None:
    loop = begin(spots, cvat, strategy="doubt", train="spots", top_k=5)
    (first,) = loop.send().tasks
    assert all(server.masks(first, frame) == [] for frame in frames(server, first))
    annotate(server, first)
    step_until(loop, lambda: loop.round == 2)
    second = max(server.tasks)
    for frame, name in frames(server, second).items():
        ((label, mask),) = server.masks(second, frame)
        assert label == "polyp"
        np.testing.assert_array_equal(mask, spot(number_of(name)))
    # A mask that nobody has looked at is no label.
    assert loop.pull().saved == []
    finish(server, second)
    assert len(loop.pull().saved) == 5


def test_pre_annotations_come_later_where_nobody_has_begun(
    begin: Begin, spots: AppManager, server: ContractServer, cvat: jlabel.Cvat
) -> None:
    loop = begin(spots, cvat, strategy="first", train="spots", top_k=4, rounds_out=2, segment_size=1)
    (first,), (second,) = loop.send().tasks, loop.send().tasks
    annotate(server, first)
    step_until(loop, lambda: bool(loop.status().curve))
    mine = spot(3)
    server.draw(second, 0, "polyp", mine, "bob")
    assert cvat.upload_pre_annotations() == 3
    ((_, drawn),) = server.masks(second, 0)
    np.testing.assert_array_equal(drawn, mine)
    assert cvat.upload_pre_annotations() == 0


def test_the_model_learns_while_people_annotate(begin: Begin, spots: AppManager, server: ContractServer, cvat) -> None:
    loop = begin(spots, cvat, strategy="first", train="spots", top_k=4, rounds_out=2)
    loop.send()
    loop.send()
    annotate(server, 101 if 101 in server.tasks else min(server.tasks))
    step_until(loop, lambda: bool(loop.status().curve))
    assert loop.status().out == 4 or loop.round == 3


def test_labels_are_learnt_from_once(begin: Begin, spots: AppManager, server: ContractServer, cvat) -> None:
    loop = begin(spots, cvat, strategy="first", train="spots", top_k=12)
    annotate(server, loop.send().tasks[0])
    step_until(loop, lambda: bool(loop.status().curve))
    again = begin(AppManager(SpotsApp(Path(spots.datastore.status()["folder"])), device="cpu"), cvat, train="spots")
    for _ in range(3):
        again.step()
    assert len(spots.models("spots")) == 1


def test_a_server_that_goes_away_is_waited_for(begin: Begin, spots: AppManager, server: ContractServer, cvat) -> None:
    loop = begin(spots, cvat, strategy="first", top_k=6)
    cvat.connection._patience = 0.1
    server.stop()
    loop.start()
    until = time.monotonic() + _PATIENCE
    while not loop.status().problem and time.monotonic() < until:
        time.sleep(0.05)
    assert "cannot be reached" in loop.status().problem
    server.start()
    server.upgrade("2.81.0")
    while not server.tasks and time.monotonic() < until:
        time.sleep(0.05)
    while loop.status().problem and time.monotonic() < until:
        time.sleep(0.05)
    assert loop.status().problem == ""
    assert loop.running
    loop.stop()
    assert not loop.running


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "cut_answer", "status"])
def test_faults_at_every_kind_of_request_lose_nothing(
    kind: str, begin: Begin, manager: AppManager, server: ContractServer
) -> None:
    loop = begin(top_k=3, segment_size=1)
    for path in ("projects", "labels", r"tasks$", r"data$", r"meta$", "requests", "annotations", "jobs"):
        server.faults.add(Fault(path=path, kind=kind, times=1))
    sent = loop.send()
    assert len(server.tasks) == 1
    annotate(server, sent.tasks[0])
    for path in ("labels", r"jobs$", r"meta$", "annotations"):
        server.faults.add(Fault(path=path, kind=kind, times=1))
    assert sorted(loop.pull().saved) == sent.images
    for number, image_id in enumerate(sent.images):
        np.testing.assert_array_equal(manager.label(image_id), spot(number))
        assert len(manager.datastore.label_history(image_id)) == 1


def test_a_loop_that_is_woken_looks_at_once(begin: Begin, manager: AppManager, server: ContractServer) -> None:
    loop = begin(top_k=12, poll=(200.0, 300.0))
    loop.start()
    until = time.monotonic() + _PATIENCE
    while [task.state for task in loop.status().tasks] != ["out"] and time.monotonic() < until:
        time.sleep(0.05)
    annotate(server, max(server.tasks))
    while manager.datastore.count_labeled() < 12 and time.monotonic() < until:
        loop.wake()
        time.sleep(0.1)
    assert manager.datastore.count_labeled() == 12
