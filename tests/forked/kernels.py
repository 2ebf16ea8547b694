"""Kernels that begin with the libraries loaded, for notebooks that tests open.

JupyterLab starts :mod:`tests.forked.kernel_client` in a kernel's place, which ends as the kernel does and passes
signals on to it; a kernel ends with its client.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpecManager

from tests.forked import kernel_client, server


def write_kernel_spec(folder: Path) -> None:
    """Write the specification of Python kernels that are forked into a folder of ``JUPYTER_PATH``."""
    usual = KernelSpecManager().get_kernel_spec(NATIVE_KERNEL_NAME).to_dict()
    client = [sys.executable, "-I", "-S", kernel_client.__file__, str(server.address()), "{connection_file}"]
    place = folder / "kernels" / NATIVE_KERNEL_NAME
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(json.dumps({**usual, "argv": client}), encoding="utf-8")


def work(request: Mapping[str, Any], files: Sequence[int], connection: socket.socket) -> int:
    """Fork a kernel, pass the signals on that its client gets, and tell how the kernel ended."""
    os.setsid()
    pid = os.fork()
    if pid == 0:
        connection.close()
        server.end(lambda: _kernel(request, *files))
    for file in files:
        os.close(file)
    threading.Thread(target=_pass_on, args=(connection, pid), daemon=True).start()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with contextlib.suppress(OSError):
        connection.sendall(code.to_bytes(4, "big", signed=True))
    return 0


def _pass_on(connection: socket.socket, pid: int) -> None:
    number: int = signal.SIGCONT
    while number != signal.SIGKILL:
        content = connection.recv(1)
        number = content[0] if content else signal.SIGKILL
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, number)


def _kernel(request: Mapping[str, Any], out: int, error: int) -> int:
    from ipykernel import kernelapp

    from jlabel.jobs import runners
    from tests.forked.jobs import ForkedJobs

    os.setsid()
    server.take_place(request["environment"], request["place"], out, error)
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    runners.LocalProcesses.start = ForkedJobs.start  # type: ignore[method-assign]
    sys.argv = ["ipykernel_launcher", "-f", request["connection_file"]]
    kernelapp.launch_new_instance()
    return 0
