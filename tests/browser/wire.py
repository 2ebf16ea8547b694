"""The wire between page and server, which a test may cut as a bad network or a proxy does."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

_HEAD_BYTES = 1 << 16


class Wire:
    """Hands bytes on to a server. Cut, it has no websockets, neither old nor new; pages and files still come.

    Attributes:
        url: The address of this end, without a slash at the end.
    """

    def __init__(self, server: str) -> None:
        address = urlsplit(server)
        self._server = (address.hostname or "", address.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._lock = threading.Lock()
        self._cut = False
        self._open: set[socket.socket] = set()
        self._websockets: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Lose every websocket, and let no new one through."""
        with self._lock:
            self._cut = True
            for end in self._websockets:
                _hang_up(end)

    def mend(self) -> None:
        """Let websockets through again."""
        with self._lock:
            self._cut = False

    def close(self) -> None:
        """Let go of everything."""
        _hang_up(self._listener)
        self._listener.close()
        with self._lock:
            for end in self._open:
                _hang_up(end)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                page, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=[page], daemon=True).start()

    def _serve(self, page: socket.socket) -> None:
        with contextlib.suppress(OSError), page:
            head = page.recv(_HEAD_BYTES)
            server = socket.create_connection(self._server)
            with server, self._known(page, server, websocket=b"upgrade: websocket" in head.lower()) as alive:
                if alive:
                    server.sendall(head)
                    back = threading.Thread(target=_pump, args=[server, page], daemon=True)
                    back.start()
                    _pump(page, server)
                    back.join()

    @contextmanager
    def _known(self, *ends: socket.socket, websocket: bool) -> Iterator[bool]:
        with self._lock:
            alive = not (websocket and self._cut)
            self._open.update(ends)
            if websocket:
                self._websockets.update(ends)
        try:
            yield alive
        finally:
            with self._lock:
                self._open.difference_update(ends)
                self._websockets.difference_update(ends)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(1 << 18):
            target.sendall(chunk)
    _hang_up(source)
    _hang_up(target)


def _hang_up(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
