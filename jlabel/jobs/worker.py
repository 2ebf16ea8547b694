"""The process of a job, ``python -m jlabel.jobs.worker FOLDER``: waits for its turn, then sees to the work.

It does the work in a child, so that somebody is there to say why the child died and to end it when it does not stop,
whatever has become of the kernel. All processes of a job hold its lock and those of its devices.

On a cluster a task starts it (:mod:`jlabel.jobs.dask`). It holds the job's lease then, waits for no CPU, which Dask
gives out, and ends without a word once the task's process is gone or another attempt counts: whoever goes on with the
job, or looks at it, says what became of it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from jlabel.errors import JobError
from jlabel.jobs.dask.order import Order
from jlabel.jobs.devices import device_lock, resolve_devices, threads_for
from jlabel.jobs.events import EventReader, append_event
from jlabel.jobs.exit_reason import describe_exit, memory_kills
from jlabel.jobs.folder import JobFolder, JobRequest, with_log
from jlabel.jobs.lease import Lease
from jlabel.jobs.locks import take_lock
from jlabel.jobs.priority import step_back
from jlabel.jobs.record import CANCELLED, ENDED, FAILED, RUNNING
from jlabel.jobs.retention import tidy
from jlabel.jobs.turns import is_first
from jlabel.jobs.work import check_own

_POLL = 0.1
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
#: The exit status where another process works on the job, or will.
NOT_OURS = 3

_LAST_WORDS = 3.0  # seconds between asking the child to end and ending it


def main(arguments: list[str] | None = None) -> int:
    """Work on the job; 0 where nothing went wrong with the machinery itself."""
    parser = argparse.ArgumentParser(prog="python -m jlabel.jobs.worker", description="Work on a job of jlabel.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lock", type=int, help="the open file that holds the job's lock")
    parser.add_argument("--order", help="what a cluster was told of the job, as JSON")
    given = parser.parse_args(arguments)
    order = None if given.order is None else Order.from_json(given.order)
    folder = JobFolder(given.folder) if order is None else order.job_folder
    lock = given.lock if given.lock is not None else take_lock(folder.lock)
    if lock is None:
        print(f"{folder.path}: another process works on this job", file=sys.stderr)  # noqa: T201 - a command's answer
        return 1 if order is None else NOT_OURS
    ours = True
    try:
        check_own(folder)
        if order is None:
            _supervise(folder, folder.read_request(), lock)
        else:
            ours = _supervise_on_cluster(order, lock)
    except (JobError, OSError) as error:
        with contextlib.suppress(OSError):  # the folder may be what is gone
            append_event(folder.events, {"state": FAILED, "error": str(error)})
        return 1
    finally:
        if ours:
            tidy(folder)
    return 0 if ours else NOT_OURS


def _supervise(folder: JobFolder, request: JobRequest, lock: int) -> None:
    step_back(request.nice)
    devices = resolve_devices(request.device)
    append_event(folder.events, {"device": ",".join(devices)})
    turn = _wait_for_turn(folder, devices)
    if turn is None:
        append_event(folder.events, {"state": CANCELLED})
    else:
        _work(folder, request, devices, threads_for(devices, request.threads), (lock, *turn))


def _supervise_on_cluster(order: Order, lock: int) -> bool:
    """The same on a cluster; returns whether the job came to an end here."""
    folder, task = order.job_folder, os.getppid()
    request = folder.read_request()
    with Lease(folder, order.attempt, order.lease) as lease:

        def is_over() -> bool:
            return lease.lost.is_set() or os.getppid() != task

        devices = resolve_devices(order.device)
        append_event(folder.events, {"device": order.device})
        gpus = [device for device in devices if device != "cpu"]
        turn = _wait_for_turn(folder, gpus, lambda: True, is_over)
        if turn is None:
            if not is_over():
                append_event(folder.events, {"state": CANCELLED})
            return not is_over()
        threads = max(1, (request.threads or order.threads) // len(devices))
        return _work(folder, request, devices, threads, (lock, *turn), order, is_over)


def _work(
    folder: JobFolder,
    request: JobRequest,
    devices: Sequence[str],
    threads: int,
    locks: tuple[int, ...],
    order: Order | None = None,
    is_over: Callable[[], bool] = lambda: False,
) -> bool:
    """Have the work done and see to it that its end is told; False where it is not for this process to tell."""
    append_event(folder.events, {"state": RUNNING, "device": ",".join(devices)})
    ends_before = _count_ends(folder)
    kills_before = memory_kills()
    child = _start_child(folder, devices, threads, locks, order)
    code = _watch(child, folder, request.grace, is_over)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)  # what the child itself had started
    if _count_ends(folder) > ends_before:
        return True
    if is_over():
        return False
    if folder.is_cancelled:
        append_event(folder.events, {"state": CANCELLED})
        return True
    reason = describe_exit(code, killed_for_memory=code == -signal.SIGKILL and memory_kills() > kills_before)
    append_event(folder.events, {"state": FAILED, "error": with_log(reason, folder)})
    return True


def _wait_for_turn(
    folder: JobFolder,
    devices: Sequence[str],
    is_next: Callable[[], bool] | None = None,
    is_over: Callable[[], bool] = lambda: False,
) -> list[int] | None:
    """The locks of the devices, once it is this job's turn on all; None where the job was cancelled before."""
    # All or none of them, so that two jobs never wait for each other.
    files = sorted({device_lock(device) for device in devices})
    while not folder.is_cancelled and not is_over():
        held: list[int] = []
        for file in files:
            descriptor = take_lock(file)
            if descriptor is None:
                break
            held.append(descriptor)
        if len(held) == len(files) and (is_first(folder, devices) if is_next is None else is_next()):
            return held
        for descriptor in held:
            os.close(descriptor)
        time.sleep(_POLL)
    return None


def _start_child(
    folder: JobFolder, devices: Sequence[str], threads: int, locks: tuple[int, ...], order: Order | None = None
) -> subprocess.Popen[bytes]:
    # Read when the libraries are loaded; what comes later would be too late for some of them.
    environment = {**os.environ, **dict.fromkeys(_THREADS, str(threads)), "PYTHONUNBUFFERED": "1"}
    environment |= {} if order is None else order.environment()
    command = [sys.executable, "-P", "-X", "faulthandler", "-m", "jlabel.jobs.child", str(folder.path)]
    command += [",".join(devices), str(threads), *map(str, locks)]
    return subprocess.Popen(command, pass_fds=locks, env=environment, start_new_session=True)


def _watch(child: subprocess.Popen[bytes], folder: JobFolder, grace: float, is_over: Callable[[], bool]) -> int:
    """Wait for the child's end, and end it where it does not stop by itself; returns its exit status."""
    cancelled_at: float | None = None
    asked_at: float | None = None
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(_POLL)
        if is_over():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            return child.wait()
        now = time.monotonic()
        if cancelled_at is None and folder.is_cancelled:
            cancelled_at = now
        if cancelled_at is not None and now - cancelled_at > grace:
            _signal_group(child, signal.SIGTERM if asked_at is None else signal.SIGKILL, asked_at)
            asked_at = asked_at or now


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals, asked_at: float | None) -> None:
    if asked_at is None or time.monotonic() - asked_at > _LAST_WORDS:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, number)


def _count_ends(folder: JobFolder) -> int:
    return sum(event.get("state") in ENDED for event in EventReader(folder.events).read())


if __name__ == "__main__":
    sys.exit(main())
