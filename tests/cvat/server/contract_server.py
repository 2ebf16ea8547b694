"""The server as tests hold it."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Mapping
from types import TracebackType

from tests.cvat.server.faults import Faults
from tests.cvat.server.page import Page
from tests.cvat.server.transport import Listener, Logged

# Their functions answer requests from the moment that they are imported.
for _name in ("annotations", "background", "credentials", "issues", "jobs", "labels", "media", "people", "projects"):
    importlib.import_module(f"tests.cvat.server.{_name}")
for _name in ("tasks", "uploads"):
    importlib.import_module(f"tests.cvat.server.{_name}")


class ContractServer(Page):
    """A small server that behaves as CVAT does, on a free port of this machine.

    It is a context manager; on leaving, an error within the server that a client saw as 500 is raised.

    Args:
        version: Of CVAT, from 2.15 on: older ones have no access tokens, no requests, fewer fields.
        users: Passwords by name; left out: admin, ann and bob, with passwords such as ``"ann-pass"``.
        port: To listen on; 0: a free one.

    Attributes:
        url: The address, without a slash at the end.
        requests: The requests that arrived, oldest first.
        faults: What goes wrong on demand.
        crashes: Errors within the server.
    """

    def __init__(self, version: str = "2.80.0", users: Mapping[str, str] | None = None, port: int = 0) -> None:
        super().__init__(version, users)
        self.requests: list[Logged] = []
        self.faults = Faults()
        self.crashes: list[str] = []
        self.port = port
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> ContractServer:
        """Begin to listen; from the second time on at the port of the first."""
        self._listener = Listener(self.port, self)
        self.port = self._listener.server_address[1]
        self._thread = threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def stop(self) -> None:
        """Cut all connections and listen no more. The memory stays."""
        if self._listener is not None and self._thread is not None:
            self._listener.close()
            self._thread.join()
        self._listener = self._thread = None

    def restart(self) -> None:
        """Stop and begin again at the same port, with the same memory."""
        self.stop()
        self.start()

    def __enter__(self) -> ContractServer:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        if kind is None and self.crashes:
            raise AssertionError(f"the contract server broke:\n{self.crashes[0]}")
