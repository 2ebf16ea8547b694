"""Jobs in processes that begin with the libraries loaded.

What is forked is the worker of :mod:`jlabel.jobs.worker`, its child and the child's further ranks, with the locks,
sessions, logs, environments and ends that these have when they are started anew. Tests of how jobs are started, such as
those in ``tests/jobs``, do without.
"""

from __future__ import annotations

import faulthandler
import math
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jlabel.files.plain_files import open_plain
from jlabel.jobs.folder import JobFolder
from jlabel.jobs.runners import LocalProcesses, process_environment
from tests.forked import server


class ForkedJobs(LocalProcesses):
    """Starts jobs in processes that are forked from a loaded one."""

    def start(self, folder: JobFolder, lock: int) -> None:
        """Fork the process that works on the job."""
        request = {"folder": str(folder.path), "environment": process_environment(), "place": str(Path.cwd())}
        log = open_plain(folder.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            with server.ask("jobs", request, [lock, log]) as connection:
                if connection.recv(1) != b"!":
                    raise OSError("the process that forks jobs is gone")
        finally:
            os.close(log)


class _Forked:
    """A forked process, as far as those who start it make use of a ``subprocess.Popen``."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code

    def wait(self, timeout: float = math.inf) -> int:
        until = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("the child of a job", timeout)
            time.sleep(0.01)
        return code

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


def work(request: Mapping[str, Any], files: Sequence[int], connection: socket.socket) -> int:
    """Be the worker of a job."""
    from jlabel.jobs import worker

    lock, log = files
    os.setsid()
    connection.sendall(b"!")
    connection.close()
    server.take_place(request["environment"], request["place"], log, log)
    worker._start_child = _fork_child
    return worker.main([request["folder"], "--lock", str(lock)])


def _fork_child(
    folder: JobFolder, devices: Sequence[str], threads: int, locks: tuple[int, ...], order: None = None
) -> Any:
    import torch

    from jlabel.jobs import child, ranks, worker

    pid = os.fork()
    if pid:
        return _Forked(pid)

    def work_on_it() -> int:
        os.setsid()
        os.environ.update(dict.fromkeys(worker._THREADS, str(threads)), PYTHONUNBUFFERED="1")
        torch.set_num_threads(threads)
        faulthandler.enable()
        ranks._start_rank = _fork_rank
        return child.main(str(folder.path), ",".join(devices), str(threads), *map(str, locks))

    return server.end(work_on_it)


def _fork_rank(arguments: Sequence[str], locks: Sequence[int]) -> Any:
    from jlabel.jobs import rank

    pid = os.fork()
    if pid:
        return _Forked(pid)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return server.end(lambda: rank.main(*arguments))
