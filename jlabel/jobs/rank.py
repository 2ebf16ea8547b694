"""One of the further processes of a job on several devices; :mod:`jlabel.jobs.ranks` starts it and hears of it."""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from jlabel.errors import Cancelled, JlabelError
from jlabel.jobs.dask.order import Order
from jlabel.jobs.exit_reason import describe_exception, offer_as_first_victim
from jlabel.jobs.folder import JobFolder
from jlabel.jobs.moved_paths import MovedPaths
from jlabel.jobs.ranks import WORK, rank_place
from jlabel.jobs.record import CANCELLED, DONE, FAILED
from jlabel.jobs.run import JobRun
from jlabel.jobs.work import Work, extend_module_paths, read_work

_POLL = 0.1
# Nearly all of what a training imports, which takes seconds; rank 0 does so at the same time.
_IMPORTED = "jlabel.training.execution"


class RankRun(JobRun):
    """What the work sees of the job in a further process: it tells of nothing but what its own part met.

    Args:
        folder: The job's folder.
        devices: Those of all processes.
        rank: Which of them this is, from 1 on.
        threads: How many this process may use.
    """

    def __init__(self, folder: JobFolder, devices: Sequence[str], rank: int, threads: int) -> None:
        super().__init__(folder, devices, threads, rank=rank)

    def progress(self, fraction: float, left: float | None = None) -> None:
        """Nothing: rank 0 tells how far the work is."""

    def metrics(self, epoch: int, **values: float | None) -> None:
        """Nothing: rank 0 tells the metrics."""


def main(path: str, devices: str, rank: str, threads: str, parent: str) -> int:
    """Do this process's part of the work and say how it ended; returns the exit status."""
    order = Order.of_this_process(Path(path))
    folder, moved = (JobFolder(Path(path)), ()) if order is None else (order.job_folder, order.paths)
    run = RankRun(folder, devices.split(","), int(rank), int(threads))
    offer_as_first_victim()
    threading.Thread(target=_end_with, args=(int(parent),), daemon=True).start()
    try:
        extend_module_paths(folder, moved)
        result = _wait_for_work(folder, moved)(run) or {}
        json.dumps(result)
    except Cancelled:
        run.state(CANCELLED)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the person is told
        traceback.print_exception(error)
        run.state(FAILED, error=str(error) if isinstance(error, JlabelError) else describe_exception(error))
        return 1
    else:
        run.state(DONE, result=result)
    return 0


def _wait_for_work(folder: JobFolder, moved: MovedPaths) -> Work:
    importlib.import_module(_IMPORTED)
    while not (folder.ranks / WORK).exists():
        time.sleep(_POLL)
    return read_work(folder.ranks / WORK, rank_place(folder), moved)


def _end_with(parent: int) -> None:
    """Leave nothing behind: end this process once the one that began it is gone, however that ended."""
    while os.getppid() == parent:
        time.sleep(_POLL)
    os._exit(1)


if __name__ == "__main__":
    code = main(*sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # Without the clean-up of libraries, which may wait for processes that are gone.
    os._exit(code)
