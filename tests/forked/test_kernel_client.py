"""What stands in a kernel's place ends with the server that began it, as kernels do by themselves."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from tests.forked import kernel_client

BEGIN = "import subprocess, sys; subprocess.Popen(sys.argv[1:]).wait()"


def test_it_ends_when_the_server_is_killed(tmp_path: Path) -> None:
    address = tmp_path / "forks"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()
        client = [sys.executable, "-I", "-S", kernel_client.__file__, str(address), "kernel.json"]
        server = subprocess.Popen([sys.executable, "-c", BEGIN, *client])
        connection, _ = listener.accept()
    connection.settimeout(60)
    asked = b""
    while b"kernel.json" not in asked:
        asked += connection.recv(1 << 20)
    server.kill()
    server.wait()
    while connection.recv(1 << 20):
        pass
    connection.close()
