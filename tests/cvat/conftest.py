"""A CVAT server, and a way to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from jlabel.cvat import connection as connection_module
from jlabel.cvat.account import Account
from jlabel.cvat.connection import Connection
from tests.cvat.server import ContractServer

Connect = Callable[..., Connection]


@pytest.fixture
def server() -> Iterator[ContractServer]:
    """A server of the newest version."""
    with ContractServer() as running:
        yield running


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Makes ways to a server, ann's if not said otherwise; pauses between tries are short."""
    monkeypatch.setattr(connection_module, "_FIRST_PAUSE", 0.01)
    made: list[Connection] = []

    def make(server: ContractServer, **given: str) -> Connection:
        login = given or {"username": "ann", "password": "ann-pass"}
        made.append(Connection(Account(server.url, **login), patience=20))
        return made[-1]

    yield make
    for connection in made:
        connection.close()


@pytest.fixture
def connection(connect: Connect, server: ContractServer) -> Connection:
    """Ann's way to the server."""
    return connect(server)
