"""Jobs on one thread: in the order in which they come, waited for, and to their end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.labeler.background.serial_worker import SerialWorker


def named(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == name]


def ended(name: str) -> bool:
    for thread in named(name):
        thread.join(60)
    return named(name) == []


@settings(max_examples=30)
@given(st.lists(st.one_of(st.integers(0, 9), st.just("flush")), max_size=30))
def test_jobs_are_done_in_order_and_all_before_flush_returns(asked: list[int | str]) -> None:
    worker, done, expected = SerialWorker("test-order"), [], []
    for one in asked:
        if one == "flush":
            worker.flush()
            assert done == expected
        else:
            expected.append(one)
            worker.do(lambda one=one: done.append(one))  # type: ignore[misc]
    worker.close()
    assert ended("test-order")
    assert done == expected


def test_jobs_run_on_one_thread_of_that_name() -> None:
    worker, threads = SerialWorker("test-thread"), []
    assert named("test-thread") == []
    for _ in range(3):
        worker.do(lambda: threads.append(threading.current_thread()))
    worker.flush()
    assert set(threads) == set(named("test-thread"))
    assert len(set(threads)) == 1
    # A kernel that ends does not wait for it.
    assert threads[0].daemon
    worker.close()
    assert ended("test-thread")


def test_who_asks_does_not_wait() -> None:
    worker, gate, done = SerialWorker("test-gate"), threading.Event(), threading.Event()
    worker.do(lambda: gate.wait(60))
    worker.do(done.set)
    assert not done.is_set()
    gate.set()
    worker.flush()
    assert done.is_set()
    worker.close()


def test_a_job_may_ask_for_another_which_comes_after_what_waits() -> None:
    worker, done, gate = SerialWorker("test-later"), [], threading.Event()

    def first() -> None:
        gate.wait(60)
        done.append("first")
        worker.do(lambda: done.append("asked by the first"))

    worker.do(first)
    worker.do(lambda: done.append("second"))
    gate.set()
    worker.flush()
    worker.flush()
    assert done == ["first", "second", "asked by the first"]
    worker.close()


def test_closing_lets_finish_what_is_queued() -> None:
    worker, done, gate = SerialWorker("test-close"), [], threading.Event()
    worker.do(lambda: gate.wait(60))
    jobs: list[Callable[[], None]] = [lambda n=n: done.append(n) for n in range(5)]  # type: ignore[misc]
    for job in jobs:
        worker.do(job)
    worker.close()
    worker.close()
    assert done == []
    gate.set()
    assert ended("test-close")
    assert done == [0, 1, 2, 3, 4]


def test_closing_waits_for_what_is_queued_where_it_shall() -> None:
    worker, done = SerialWorker("test-wait"), list[int]()

    def slow() -> None:
        time.sleep(0.3)
        done.append(1)

    worker.do(slow)
    worker.close(wait=60)
    assert done == [1]
    SerialWorker("test-idle").close(wait=60)


def test_one_that_never_had_a_job_has_no_thread_to_end() -> None:
    SerialWorker("test-idle").close()
    assert named("test-idle") == []


def test_after_its_end_it_begins_again_behind_what_was_queued_before() -> None:
    worker, done, gate = SerialWorker("test"), [], threading.Event()
    worker.do(gate.wait)
    worker.do(lambda: done.append("before"))
    worker.close()
    worker.do(lambda: done.append("after"))
    gate.set()
    worker.flush()
    assert done == ["before", "after"]
    worker.close()
