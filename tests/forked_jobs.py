"""Jobs whose processes begin with the libraries loaded: a small job spends most of its time on imports.

A process that has imported torch and MONAI waits, and forks itself for every job. What it forks is the worker of
:mod:`jlabel.jobs.worker` and its child, with the locks, sessions, logs, environments and ends that these have when they
are started anew. Tests of how jobs are started, such as those in ``tests/jobs``, do without.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from jlabel.files.plain_files import open_plain
from jlabel.jobs.folder import JobFolder
from jlabel.jobs.runners import LocalProcesses, _environment

ROOT = Path(__file__).resolve().parents[1]
_LENGTH = 8
_servers: list[tuple[socket.socket, subprocess.Popen[bytes]]] = []
_turn = threading.Lock()


class ForkedJobs(LocalProcesses):
    """Starts jobs in processes that are forked from a loaded one; that one ends with the process that began it."""

    def start(self, folder: JobFolder, lock: int) -> None:
        """Fork the process that works on the job."""
        request = json.dumps({"folder": str(folder.path), "environment": _environment(), "place": str(Path.cwd())})
        log = open_plain(folder.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            with _turn:
                server = _connection()
                text = request.encode()
                socket.send_fds(server, [len(text).to_bytes(_LENGTH, "big")], [lock, log])
                server.sendall(text)
                if server.recv(1) != b"!":
                    raise OSError("the process that forks jobs is gone")
        finally:
            os.close(log)


def _connection() -> socket.socket:
    if not _servers or _servers[0][1].poll() is not None:
        ours, theirs = socket.socketpair()
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-P", "-m", "tests.forked_jobs", str(theirs.fileno())]
        number = theirs.fileno()
        process = subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=[number], stdin=subprocess.DEVNULL)
        theirs.close()
        _servers[:] = [(ours, process)]
    return _servers[0][0]


class _Forked:
    """A forked process, as far as :mod:`jlabel.jobs.worker` makes use of a ``subprocess.Popen``."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def wait(self, timeout: float) -> int:
        until = time.monotonic() + timeout
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("the child of a job", timeout)
            time.sleep(0.01)


def serve(connection: socket.socket) -> None:
    """Fork a worker for each request, until the other end is closed."""
    _load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a worker
    while True:
        header, files, *_ = socket.recv_fds(connection, _LENGTH, 2)
        if not header:
            return
        length, text = int.from_bytes(header, "big"), b""
        while len(text) < length:
            text += connection.recv(length - len(text))
        if os.fork() == 0:
            connection.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _end(partial(_work, json.loads(text), *files))
        for file in files:
            os.close(file)
        connection.sendall(b"!")


def _load() -> None:
    import monai.bundle
    import monai.engines  # noqa: F401

    import jlabel.jobs.child
    import jlabel.jobs.worker
    import jlabel.training.execution

    assert jlabel.AppManager


def _work(request: dict[str, Any], lock: int, log: int) -> int:
    from jlabel.jobs import worker

    os.setsid()
    for standard in (1, 2):
        os.dup2(log, standard)
    os.close(log)
    os.chdir(request["place"])
    os.environ.clear()
    os.environ.update(request["environment"])
    tempfile.tempdir = None
    paths = request["environment"].get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [path for path in paths if path and path not in sys.path]
    worker._start_child = _fork_child
    return worker.main([request["folder"], "--lock", str(lock)])


def _fork_child(folder: JobFolder, devices: Sequence[str], locks: tuple[int, ...]) -> Any:
    import torch

    from jlabel.jobs import child
    from jlabel.jobs.devices import threads_for

    pid = os.fork()
    if pid:
        return _Forked(pid)

    def work() -> int:
        os.setsid()
        threads = str(threads_for(devices))
        os.environ.update(OMP_NUM_THREADS=threads, MKL_NUM_THREADS=threads, PYTHONUNBUFFERED="1")
        torch.set_num_threads(int(threads))
        faulthandler.enable()
        return child.main(str(folder.path), ",".join(devices), *map(str, locks))

    return _end(work)


def _end(work: Callable[[], int]) -> None:
    """Do the work, and end this process whatever comes of it."""
    code = 1
    try:
        code = work()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
