"""The process that does the work of a job; :mod:`jlabel.jobs.worker` starts it and waits for its end."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from types import FrameType

from jlabel.errors import Cancelled, JlabelError
from jlabel.jobs.dask.order import Order
from jlabel.jobs.exit_reason import describe_exception, offer_as_first_victim
from jlabel.jobs.folder import JobFolder, with_log
from jlabel.jobs.priority import weigh_session
from jlabel.jobs.record import CANCELLED, DONE, FAILED
from jlabel.jobs.run import JobRun
from jlabel.jobs.work import extend_module_paths, read_work


class _Ended(SystemExit):
    """Someone asked this process to end."""


_POLL = 0.1
_RANKS_PATIENCE = 3.0  # seconds to wait for news of a rank that is gone, which an error here may come of


def main(path: str, devices: str, threads: str, *locks: str) -> int:
    """Do the work and say how it ended.

    Args:
        path: The job's folder.
        devices: Where to work, with commas between several.
        threads: How many each of the job's processes may use.
        locks: The open files that hold the locks of the job and of the devices.
    """
    order = Order.of_this_process(Path(path))
    folder = JobFolder(Path(path)) if order is None else order.job_folder
    run = _job_run(folder, devices, int(threads), [int(lock) for lock in locks], order)
    moved = () if order is None else order.paths
    offer_as_first_victim()
    weigh_session()
    signal.signal(signal.SIGTERM, _end)
    try:
        folder.check_place()
        run.prepare_ranks()
        extend_module_paths(folder, moved)
        result = read_work(folder.work, folder.place, moved)(run) or {}
        json.dumps(result)
    except Cancelled:
        run.end_ranks()
        run.state(CANCELLED)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the person is told
        return _tell(run, folder, error)
    else:
        run.end_ranks()
        run.state(DONE, result=result)
    return 0


def _job_run(folder: JobFolder, devices: str, threads: int, locks: list[int], order: Order | None) -> JobRun:
    names = devices.split(",")
    if order is None:
        return JobRun(folder, names, threads, locks=locks)
    # Another machine does not see the lock: once nobody keeps the lease, nobody may work.
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    if not order.split:
        return JobRun(folder, names, threads, locks=locks)
    from jlabel.jobs.dask.cluster_run import ClusterRun

    return ClusterRun(order, names, threads, locks)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_POLL)
    os._exit(1)


def _tell(run: JobRun, folder: JobFolder, error: BaseException) -> int:
    failure = run.end_ranks(0.0 if run.cancelled else _RANKS_PATIENCE)
    if (failure or isinstance(error, SystemExit | KeyboardInterrupt)) and run.cancelled:
        run.state(CANCELLED)
        return 0
    if failure:
        traceback.print_exception(error)
        sys.stderr.flush()
        run.state(FAILED, error=with_log(failure, folder))
        return 1
    if isinstance(error, _Ended):
        run.state(FAILED, error="its process was ended from outside by SIGTERM")
        return 1
    traceback.print_exception(error)
    sys.stderr.flush()
    # jlabel's own errors say it all; of any other one the lines above it help.
    reason = str(error) if isinstance(error, JlabelError) else describe_exception(error)
    run.state(FAILED, error=reason if isinstance(error, JlabelError) else with_log(reason, folder))
    return 1


def _end(number: int, frame: FrameType | None) -> None:
    raise _Ended(128 + number)


if __name__ == "__main__":
    code = main(*sys.argv[1:])
    if "," not in sys.argv[2]:
        sys.exit(code)
    sys.stdout.flush()
    sys.stderr.flush()
    # Without the clean-up of libraries, which may wait for processes that are gone.
    os._exit(code)
