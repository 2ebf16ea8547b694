"""Two loops on one project keep out of each other's way."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

import jlabel
from jlabel.active_learning.lease import Lease
from jlabel.datastores import Datastore
from jlabel.manager import AppManager

PLACE = "http://cvat\n\npolyps"


@pytest.fixture
def datastore(manager: AppManager) -> Datastore:
    return manager.datastore


@pytest.fixture
def another() -> Iterator[int]:
    """The number of another process that lives."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid


def held_by(datastore: Datastore, host: str, process: int, until: float) -> None:
    datastore.change_setting(f"lease {PLACE}", lambda _: {"holder": f"{host}:{process}:abc", "until": until})


def test_a_process_that_lives_keeps_others_out(datastore: Datastore, another: int) -> None:
    held_by(datastore, socket.gethostname(), another, time.time() + 60)
    with pytest.raises(jlabel.TaskError, match=f"another loop works on this project .* process {another}"):
        Lease(datastore, PLACE).hold()


def test_one_that_is_gone_does_not(datastore: Datastore) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    held_by(datastore, socket.gethostname(), process.pid, time.time() + 60)
    Lease(datastore, PLACE).hold()
    assert datastore.setting(f"lease {PLACE}")["holder"].startswith(f"{socket.gethostname()}:{os.getpid()}:")


def test_a_holder_on_another_machine_is_given_up_after_a_while(datastore: Datastore) -> None:
    held_by(datastore, "elsewhere", 1, time.time() + 60)
    with pytest.raises(jlabel.TaskError, match="on elsewhere"):
        Lease(datastore, PLACE).hold()
    held_by(datastore, "elsewhere", 1, time.time() - 1)
    Lease(datastore, PLACE).hold()


@pytest.mark.parametrize("until", [1e300, "soon", None, float("nan")])
def test_a_lease_that_makes_no_sense_binds_nobody(until: object, datastore: Datastore) -> None:
    datastore.change_setting(f"lease {PLACE}", lambda _: {"holder": "elsewhere:1:abc", "until": str(until)})
    Lease(datastore, PLACE).hold()


def test_the_newest_loop_of_a_process_works(datastore: Datastore) -> None:
    first = Lease(datastore, PLACE)
    first.hold()
    second = Lease(datastore, PLACE)
    second.hold()
    with pytest.raises(jlabel.TaskError, match="a newer loop of this process"):
        first.hold()
    Lease(datastore, "another project").hold()


def test_a_lease_that_was_given_up_is_free(datastore: Datastore) -> None:
    lease = Lease(datastore, PLACE)
    lease.hold()
    lease.give_up()
    assert datastore.setting(f"lease {PLACE}") is None
    lease.hold()
