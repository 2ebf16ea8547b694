from __future__ import annotations

import threading

import pytest

from jlabel.errors import Cancelled
from jlabel.manager.device_queue import DeviceQueue

WAIT = 10


@pytest.fixture
def queue():
    queue = DeviceQueue("cpu")
    yield queue
    queue.close()


def blocked(queue: DeviceQueue, key=None):
    """Work that holds the device until it is released, once it has begun."""
    begun, release = threading.Event(), threading.Event()

    def work(queued):
        begun.set()
        assert release.wait(WAIT)
        return "first"

    queued = queue.submit(work, key)
    assert begun.wait(WAIT)
    return queued, release


def test_work_runs_off_the_calling_thread(queue):
    name = queue.submit(lambda queued: threading.current_thread().name).future.result(WAIT)
    assert name == "jlabel-cpu"
    assert name != threading.current_thread().name


def test_one_at_a_time_and_in_order(queue):
    first, release = blocked(queue)
    order = []
    later = [queue.submit(lambda queued, i=i: order.append(i)) for i in range(3)]
    assert not any(queued.future.done() for queued in later)
    release.set()
    for queued in later:
        queued.future.result(WAIT)
    assert first.future.result(WAIT) == "first"
    assert order == [0, 1, 2]


def test_a_newer_request_replaces_one_that_waits(queue):
    _, release = blocked(queue)
    old = queue.submit(lambda queued: "old", key="image")
    other = queue.submit(lambda queued: "other", key="another image")
    new = queue.submit(lambda queued: "new", key="image")
    with pytest.raises(Cancelled, match="newer"):
        old.future.result(WAIT)
    release.set()
    assert new.future.result(WAIT) == "new"
    assert other.future.result(WAIT) == "other"


def test_running_work_is_told_that_nobody_waits(queue):
    running, release = blocked(queue, key="image")
    queue.submit(lambda queued: None, key="image")
    assert running.cancelled
    release.set()


def test_an_exception_reaches_whoever_waits_and_the_queue_goes_on(queue):
    def fail(queued):
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        queue.submit(fail).future.result(WAIT)
    assert queue.submit(lambda queued: 1).future.result(WAIT) == 1


def test_cancel(queue):
    running, release = blocked(queue, key=("a", "model"))
    waiting = queue.submit(lambda queued: 1, key=("a", "model 2"))
    assert queue.cancel(lambda key: key[0] == "a") == 2
    assert running.cancelled
    with pytest.raises(Cancelled):
        waiting.future.result(WAIT)
    release.set()


def test_a_closed_queue_takes_nothing():
    queue = DeviceQueue("cpu")
    queue.close()
    with pytest.raises(Cancelled, match="closed"):
        queue.submit(lambda queued: 1)
