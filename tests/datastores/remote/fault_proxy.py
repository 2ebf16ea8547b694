"""A proxy that stands before a server, and cuts or answers requests as a test wants it."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

_HEAD = re.compile(rb"(?P<method>[A-Z]+) (?P<path>\S+) HTTP/1\.1\r\n")
_DENIED = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'


@dataclass
class _Fault:
    method: str
    path: str
    times: int
    do: str
    after: int = 0
    reached: Callable[[], None] | None = None


class FaultProxy:
    """Passes on what comes, but for requests that a fault was asked for. One request goes over each connection.

    Attributes:
        requests: Method and path of each request.
    """

    def __init__(self, server: str) -> None:
        parts = urlsplit(server)
        self._server = (parts.hostname or "", parts.port or 80)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.requests: list[tuple[str, str]] = []
        self._faults: list[_Fault] = []
        self._lock = threading.Lock()

    def __enter__(self) -> FaultProxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def cut_answer(self, path: str, after: int, times: int = 1, method: str = "GET") -> None:
        """Cut the answer to requests whose path ends so, after that many bytes."""
        self._faults.append(_Fault(method, path, times, "cut answer", after))

    def cut_upload(self, path: str, times: int = 1) -> None:
        """Cut the connection when an upload has begun: the server does not get it as a whole."""
        self._faults.append(_Fault("PUT", path, times, "cut upload"))

    def lose_answer(self, path: str, times: int = 1) -> None:
        """Let the server do what an upload asks, and cut before it can say so."""
        self._faults.append(_Fault("PUT", path, times, "lose answer"))

    def deny(self, method: str, path: str = "", times: int = 1_000_000) -> None:
        """Answer such requests that access is denied."""
        self._faults.append(_Fault(method, path, times, "deny"))

    def when(self, method: str, path: str, reached: Callable[[], None]) -> None:
        """Call something before the next such request is passed on."""
        self._faults.append(_Fault(method, path, 1, "call", reached=reached))

    def stop(self) -> None:
        """Nobody is reached any more."""
        self._faults.append(_Fault("", "", 1_000_000, "cut answer"))

    def heal(self) -> None:
        """All requests are passed on from now on."""
        with self._lock:
            self._faults.clear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = self._listening.accept()[0]
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError), _ended(client):
            head = client.recv(65536)
            found = _HEAD.match(head)
            if found is None:
                return
            method, path = found["method"].decode(), found["path"].decode()
            self.requests.append((method, path))
            fault = self._fault(method, path.partition("?")[0])
            kind = "" if fault is None else fault.do
            if fault is not None and fault.reached is not None:
                fault.reached()
            if kind == "deny":
                self._drain(client, head)
                answer = b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/xml\r\nConnection: close\r\n"
                body = b"" if method == "HEAD" else _DENIED
                client.sendall(answer + b"Content-Length: %d\r\n\r\n" % len(_DENIED) + body)
                return
            with socket.create_connection(self._server) as server, _ended(server):
                if kind == "cut upload":
                    server.sendall(head[: len(head) // 2])
                    return
                # One request over each connection, so that a fault meets what it was meant for.
                server.sendall(head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
                threading.Thread(target=_pump, args=(client, server), daemon=True).start()
                _pump(server, client, fault.after if fault and kind == "cut answer" else None, kind == "lose answer")

    def _drain(self, client: socket.socket, head: bytes) -> None:
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        left = int(length[1]) - len(head.partition(b"\r\n\r\n")[2]) if length else 0
        if b"100-continue" in head.lower():
            return
        while left > 0 and (data := client.recv(min(left, 65536))):
            left -= len(data)

    def _fault(self, method: str, path: str) -> _Fault | None:
        with self._lock:
            for fault in self._faults:
                if fault.times and (not fault.method or fault.method == method) and path.endswith(fault.path):
                    fault.times -= 1
                    return fault
        return None


@contextlib.contextmanager
def _ended(connection: socket.socket) -> Iterator[None]:
    """At the end of the block both sides know that nothing comes any more, whoever still waits."""
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _pump(source: socket.socket, target: socket.socket, most: int | None = None, silent: bool = False) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            if most is not None:
                data, most = data[:most], most - len(data)
            if not silent or data.startswith(b"HTTP/1.1 100 "):  # an upload waits for this
                target.sendall(data)
            if most is not None and most <= 0:
                return
