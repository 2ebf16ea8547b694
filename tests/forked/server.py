"""A process with torch, MONAI and jlabel loaded, which forks itself for every process that tests ask for.

A small job, or a kernel that shows a labeler, spends most of its time on imports. A process that is forked has the
session, logs, environment and ends that it has when it is started anew; see :mod:`tests.forked.jobs` and
:mod:`tests.forked.kernels`. The server ends with the process that began it.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tests.forked.kernel_client import LENGTH, send_request

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "JLABEL_TEST_FORKS"
"""The variable of the environment that names the socket of the server, in processes that it has forked."""

_MOST_FILES = 4
_begun: list[tuple[Path, socket.socket, subprocess.Popen[bytes]]] = []
_turn = threading.Lock()
# Tests give themselves folders for temporary files whose names are too long for a socket.
_TEMPORARY = tempfile.gettempdir()


def address() -> Path:
    """Where the server is asked; begins one where this process was not forked by one and has none yet."""
    if ADDRESS in os.environ:
        return Path(os.environ[ADDRESS])
    with _turn:
        if not _begun or _begun[0][2].poll() is not None:
            _begun[:] = [_begin()]
            atexit.register(_end_server, *_begun[0])
        return _begun[0][0]


def ask(kind: str, request: Mapping[str, Any], files: Sequence[int]) -> socket.socket:
    """Have a process forked.

    Args:
        kind: A module of this package, whose ``work(request, files, connection)`` it calls.
        request: What it is told.
        files: Open files that it gets.

    Returns:
        The connection to it.
    """
    return send_request(str(address()), {**request, "kind": kind}, files)


def end(work: Callable[[], int]) -> None:
    """Do the work, and end this process whatever comes of it."""
    code = 1
    try:
        code = work()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def take_place(environment: Mapping[str, str], place: str, out: int, error: int) -> None:
    """Give this process what a process that is started anew gets: environment, folder, output and module paths."""
    for file, standard in ((out, 1), (error, 2)):
        os.dup2(file, standard)
    for file in {out, error}:
        os.close(file)
    os.chdir(place)
    where = str(address())
    os.environ.clear()
    os.environ.update(environment)
    os.environ[ADDRESS] = where
    tempfile.tempdir = None
    paths = environment.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [path for path in paths if path and path not in sys.path]


def serve(listener: socket.socket, lifetime: socket.socket) -> None:
    """Fork a process for each connection, until the other end of ``lifetime`` is closed."""
    _load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them here
    while True:
        ready, _, _ = select.select([listener, lifetime], [], [])
        if lifetime in ready:
            return
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            lifetime.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            end(partial(_answer, connection))
        connection.close()


def _answer(connection: socket.socket) -> int:
    header, files, *_ = socket.recv_fds(connection, LENGTH, _MOST_FILES)
    length, text = int.from_bytes(header, "big"), b""
    while len(text) < length:
        text += connection.recv(length - len(text))
    request = json.loads(text)
    module = importlib.import_module(f"tests.forked.{request['kind']}")
    return int(module.work(request, files, connection))


def _begin() -> tuple[Path, socket.socket, subprocess.Popen[bytes]]:
    # Whoever asks before the server has loaded all waits for it in the queue of the socket.
    path = Path(tempfile.mkdtemp(prefix="jlabel-", dir=_TEMPORARY)) / "forks"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(64)
        ours, theirs = socket.socketpair()
        numbers = [listener.fileno(), theirs.fileno()]
        command = [sys.executable, "-P", "-m", "tests.forked.server", *map(str, numbers)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), ADDRESS: str(path)}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=numbers, stdin=subprocess.DEVNULL)
        theirs.close()
    return path, ours, process


def _end_server(path: Path, lifetime: socket.socket, process: subprocess.Popen[bytes]) -> None:
    lifetime.close()
    process.wait()
    shutil.rmtree(path.parent, ignore_errors=True)


def _load() -> None:
    for name in ("ipykernel.kernelapp", "ipykernel.ipkernel", "monai.bundle", "monai.engines", "tests.forked.jobs"):
        importlib.import_module(name)
    jlabel = importlib.import_module("jlabel")
    for module in pkgutil.walk_packages(jlabel.__path__, "jlabel."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    # What is never looked at by the garbage collection again stays in the memory that all share.
    gc.freeze()


if __name__ == "__main__":
    serve(*(socket.socket(fileno=int(number)) for number in sys.argv[1:3]))
