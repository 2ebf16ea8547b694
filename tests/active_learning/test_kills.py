"""A loop that is killed again and again uploads nothing twice and loses no label."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jlabel
from tests.active_learning.conftest import PROJECT, frames, number_of, spot, spot_of
from tests.active_learning.killed import run_loop
from tests.cvat.annotators import Annotators
from tests.cvat.server import ContractServer

SETTINGS = {"project": PROJECT, "strategy": "first", "top_k": 6, "train": "", "poll": (0.05, 0.1), "segment_size": 3}
_PATIENCE = 300.0


@pytest.fixture
def processes() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["jlabel._public", "jlabel.active_learning", "httpcore", "anyio"])
    return context


def check(studies: Path, server: ContractServer) -> None:
    """Each picture is on the server once, and its label is here once."""
    names = [name for task in server.tasks for name in frames(server, task).values()]
    assert sorted(map(number_of, names)) == list(range(12))
    datastore = jlabel.LocalDatastore(studies)
    manager = jlabel.AppManager(jlabel.LabelApp(datastore, labels=["polyp", "tool"]), device="cpu")
    for number in range(12):
        image_id = f"picture_{number:02}"
        np.testing.assert_array_equal(manager.label(image_id), spot(number))
        assert len(datastore.label_history(image_id)) == 1
        assert "cvat" not in datastore.get_labels_by_image_id(image_id)
    manager.close()


def test_a_kill_between_any_two_requests_uploads_nothing_twice_and_loses_no_label(
    processes: Any, studies: Path, server: ContractServer
) -> None:
    people = Annotators(server, spot_of)
    until = time.monotonic() + _PATIENCE
    for number in range(1, 10_000):
        assert time.monotonic() < until
        # Each life is a request longer than the one before, killed before or after it.
        die_at, after = 3 + number, bool(number % 2)
        life = processes.Process(target=run_loop, args=(str(studies), server.url, die_at, after, SETTINGS))
        life.start()
        while life.is_alive():
            people.look()
            life.join(0.05)
        if life.exitcode == 0:
            break
        assert life.exitcode == -signal.SIGKILL
    assert number > 10
    check(studies, server)


def test_kills_at_any_moment_upload_nothing_twice_and_lose_no_label(
    processes: Any, studies: Path, server: ContractServer
) -> None:
    people = Annotators(server, spot_of)
    rng = random.Random(0)
    until = time.monotonic() + _PATIENCE
    kills = 0
    while True:
        assert time.monotonic() < until
        life = processes.Process(target=run_loop, args=(str(studies), server.url, 0, False, SETTINGS))
        life.start()
        life.join(rng.uniform(0.0, 0.1 * (kills + 1)))
        people.look()
        if life.is_alive():
            os.kill(life.pid, signal.SIGKILL)
            kills += 1
        life.join()
        if life.exitcode == 0:
            break
    assert kills > 3
    check(studies, server)
