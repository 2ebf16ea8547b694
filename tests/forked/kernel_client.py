"""What JupyterLab starts in the place of a kernel: asks for one to be forked, and ends as it does.

It begins in a few milliseconds, since it imports nothing but parts of the standard library.
"""

import json
import os
import signal
import socket
import sys


def main(address: str, connection_file: str) -> int:
    """Have a kernel forked by the server at the address; its exit status."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
    request = {
        "kind": "kernels",
        "connection_file": connection_file,
        "environment": dict(os.environ),
        "place": os.getcwd(),  # noqa: PTH109 - pathlib takes as long to import as all else
    }
    text = json.dumps(request).encode()
    socket.send_fds(connection, [len(text).to_bytes(8, "big")], [1, 2])
    connection.sendall(text)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: connection.sendall(bytes([number])))
    status = connection.recv(4)
    return int.from_bytes(status, "big", signed=True) if len(status) == 4 else 1


if __name__ == "__main__":
    code = main(*sys.argv[1:3])
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)
