"""What JupyterLab starts in the place of a kernel: asks for one to be forked, and ends as it does.

It begins in a few milliseconds, since it imports nothing but parts of the standard library.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys

TYPE_CHECKING = False  # as typing has it, which takes as long to import as all else
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


LENGTH = 8
"""Bytes in front of a request that say how many it has."""

_LOOK_EVERY = 1.0  # second, whether the server that began the kernel is still there


def send_request(address: str, request: dict[str, Any], files: Sequence[int]) -> socket.socket:
    """The connection to a process that is forked by the server at the address, and has been told the request."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
    text = json.dumps(request).encode()
    socket.send_fds(connection, [len(text).to_bytes(LENGTH, "big")], files)
    connection.sendall(text)
    return connection


def main(address: str, connection_file: str) -> int:
    """Have a kernel forked by the server at the address; its exit status, or 1 once nobody waits for it any more."""
    parent = os.getppid()
    request = {
        "kind": "kernels",
        "connection_file": connection_file,
        "environment": dict(os.environ),
        "place": os.getcwd(),  # noqa: PTH109 - pathlib takes as long to import as all else
    }
    connection = send_request(address, request, [1, 2])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: connection.sendall(bytes([number])))
    while not select.select([connection], [], [], _LOOK_EVERY)[0]:
        # As kernels do by themselves: whoever began it was killed, and could not end it.
        if os.getppid() != parent:
            return 1
    status = connection.recv(4)
    return int.from_bytes(status, "big", signed=True) if len(status) == 4 else 1


if __name__ == "__main__":
    code = main(*sys.argv[1:3])
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)
