"""The process that does the work of a job; :mod:`jlabel.jobs.worker` starts it and waits for its end."""

from __future__ import annotations

import json
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType

from jlabel.errors import Cancelled, JlabelError
from jlabel.jobs.devices import threads_for
from jlabel.jobs.ending import describe_exception, offer_as_first_victim
from jlabel.jobs.folder import JobFolder
from jlabel.jobs.job import with_log
from jlabel.jobs.record import CANCELLED, DONE, FAILED
from jlabel.jobs.run import JobRun
from jlabel.jobs.work import read_work


class _Ended(SystemExit):
    """Someone asked this process to end."""


def main(path: str, device: str) -> int:
    """Do the work and say how it ended."""
    folder = JobFolder(Path(path))
    run = JobRun(folder, device, threads_for(device))
    offer_as_first_victim()
    signal.signal(signal.SIGTERM, _end)
    try:
        _extend_module_paths(folder)
        result = read_work(folder.work)(run) or {}
        json.dumps(result)
    except Cancelled:
        run.state(CANCELLED)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the person is told
        return _tell(run, folder, error)
    else:
        run.state(DONE, result=result)
    return 0


def _tell(run: JobRun, folder: JobFolder, error: BaseException) -> int:
    if isinstance(error, SystemExit | KeyboardInterrupt) and run.cancelled:
        run.state(CANCELLED)
        return 0
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


def _extend_module_paths(folder: JobFolder) -> None:
    # Modules that lie beside the notebook are found as the kernel found them.
    known = {str(Path(path).resolve()) for path in sys.path}
    sys.path.extend(path for path in folder.read_request().paths if path not in known)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
