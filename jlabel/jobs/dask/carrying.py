"""The task of a job, on a worker: sees to it that exactly one process works on the job until it has ended."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from jlabel.errors import JobError
from jlabel.files.plain_files import open_plain
from jlabel.files.presence import is_locked
from jlabel.jobs.dask.checks import what_is_wrong
from jlabel.jobs.dask.order import Order
from jlabel.jobs.events import append_event
from jlabel.jobs.exit_reason import describe_exit
from jlabel.jobs.folder import with_log
from jlabel.jobs.lease import LeaseWatch, read_attempt
from jlabel.jobs.locks import take_lock
from jlabel.jobs.record import FAILED, JobRecord
from jlabel.jobs.runners import process_environment

_POLL = 0.2
_PATIENCE = 30.0  # seconds that the processes of a job whose first one was killed may take to be gone
_NOT_OURS = 3


def carry_out(text: str) -> str:
    """Carry a job out; Dask calls it again elsewhere where its worker was lost. Returns the state that it came to.

    Where a process of an earlier worker still works on the job, its end is waited for.

    Args:
        text: The job, see :class:`jlabel.jobs.dask.order.Order`.

    Raises:
        JobError: This worker does not see the job.
    """
    from distributed import get_worker, secede

    order = Order.from_json(text)
    order = order.with_threads(get_worker().state.nthreads)
    problem = what_is_wrong(text)
    if problem:
        raise JobError(f"worker {get_worker().address}: {problem}")
    if order.split:
        # It waits for its parts, which this thread is needed for.
        secede()
    folder = order.job_folder
    watch = LeaseWatch(folder)
    while True:
        record = JobRecord.of(folder.events)
        if record.ended or read_attempt(folder) != order.attempt:
            return record.state
        if is_locked(folder.lock) or watch.is_held():
            time.sleep(_POLL)
            continue
        code = _run(order)
        if code != _NOT_OURS and not JobRecord.of(folder.events).ended:
            _tell(order, code)
        time.sleep(_POLL)


def _run(order: Order) -> int:
    """Start the process that works on the job, and wait for its end."""
    folder = order.job_folder
    command = [sys.executable, "-P", "-m", "jlabel.jobs.worker", str(folder.path), "--order", order.to_json()]
    with os.fdopen(open_plain(folder.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=process_environment(),
            start_new_session=True,
        )
    return process.wait()


def _tell(order: Order, code: int) -> None:
    """Say of a job whose process was killed that it was."""
    folder = order.job_folder
    # Its child ends with it, and may tell an end of its own until then.
    descriptor = take_lock(folder.lock, _PATIENCE)
    if descriptor is None:
        return
    try:
        if not JobRecord.of(folder.events).ended:
            reason = describe_exit(code, killed_for_memory=False)
            append_event(folder.events, {"state": FAILED, "error": with_log(reason, folder)})
    finally:
        os.close(descriptor)
