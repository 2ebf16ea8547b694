"""Every answer of the server is checked, what may be asked again is, and errors say what CVAT said."""

from __future__ import annotations

import pytest

from jlabel.cvat import connection as connection_module
from jlabel.cvat.connection import Connection, Unsure
from jlabel.cvat.projects import find_project
from jlabel.errors import Cancelled, CvatError
from tests.cvat.conftest import Connect
from tests.cvat.server import ContractServer, Fault


@pytest.mark.parametrize("version", ["2.15.0", "2.30.0", "2.48.0", "2.80.0"])
def test_servers_of_many_versions_let_a_user_in(version: str, connect: Connect) -> None:
    with ContractServer(version) as server:
        connection = connect(server)
        assert str(connection.version) == version
        assert connection.get("users/self")["username"] == "ann"


def test_a_personal_access_token_lets_its_owner_in(server: ContractServer, connect: Connect) -> None:
    token = server.add_access_token("bob")
    assert connect(server, token=token).get("users/self")["username"] == "bob"


def test_a_wrong_password_is_told_without_it(server: ContractServer, connect: Connect) -> None:
    with pytest.raises(CvatError, match="does not let ann in") as told:
        connect(server, username="ann", password="s3cret").get("users/self")
    assert "s3cret" not in str(told.value)
    with pytest.raises(CvatError, match="does not let the owner of the access token in"):
        connect(server, token="s3cret").get("users/self")


def test_a_server_that_is_too_old_or_none_of_cvat_is_refused(server: ContractServer, connection: Connection) -> None:
    server.upgrade("2.14.0")
    with pytest.raises(CvatError, match=r"is CVAT 2\.14\.0; jlabel works with 2\.15\.0 and newer"):
        _ = connection.version
    server.faults.add(Fault(path="about", status=200, body=b"<h1>Hello</h1>"))
    with pytest.raises(CvatError, match="does not answer as a CVAT server does: with text/html instead of JSON"):
        _ = connection.version


def test_every_list_is_read_to_its_end(server: ContractServer, connection: Connection) -> None:
    for number in range(211):
        connection.post("projects", {"name": f"project {number}", "labels": []})
    assert len(list(connection.pages("projects"))) == 211
    assert find_project(connection, "project 10") is not None
    assert find_project(connection, "project") is None


def test_what_cvat_says_is_told(connection: Connection) -> None:
    with pytest.raises(CvatError, match=r"CVAT refused POST projects \(400\): name: ") as told:
        connection.post("projects", {"labels": []})
    assert told.value.status == 400


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "cut_answer"])
def test_reading_is_repeated_after_a_cut_connection(kind: str, server: ContractServer, connection: Connection) -> None:
    server.faults.add(Fault(path="users/self", kind=kind, times=2))
    assert connection.get("users/self")["username"] == "ann"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_reading_is_repeated_after_an_error_of_the_server(
    status: int, server: ContractServer, connection: Connection
) -> None:
    server.faults.add(Fault(path="users/self", status=status, retry_after=0 if status == 429 else None, times=2))
    assert connection.get("users/self")["username"] == "ann"


def test_a_session_that_has_ended_is_begun_again(server: ContractServer, connection: Connection) -> None:
    connection.get("users/self")
    server.faults.add(Fault(path="users/self", kind="forget_sessions"))
    assert connection.get("users/self")["username"] == "ann"


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "cut_answer", "status"])
def test_what_is_made_is_made_once(kind: str, server: ContractServer, connection: Connection) -> None:
    server.faults.add(Fault("POST", "projects$", kind, times=1))

    def make() -> int:
        return int(connection.post("projects", {"name": "polyps", "labels": []})["id"])

    made = connection.make_once(lambda: find_project(connection, "polyps"), make)
    assert [entry["id"] for entry in connection.pages("projects")] == [made]


def test_nothing_that_makes_something_is_repeated_blindly(server: ContractServer, connection: Connection) -> None:
    server.faults.add(Fault("POST", "projects$", "cut_after"))
    with pytest.raises(Unsure, match="cannot be reached"):
        connection.post("projects", {"name": "polyps", "labels": []})
    assert len(list(connection.pages("projects"))) == 1


def test_a_server_that_is_away_is_waited_for_and_then_told(connect: Connect) -> None:
    with ContractServer() as server:
        connection = connect(server)
        assert connection.get("users/self")
        server.restart()
        assert connection.get("users/self")
    connection._patience = 0.1
    with pytest.raises(CvatError, match="cannot be reached"):
        connection.get("users/self")


def test_no_password_and_no_token_is_in_an_address_or_an_error(server: ContractServer, connect: Connect) -> None:
    connection = connect(server)
    connection.get("users/self")
    assert not any("ann-pass" in entry.path for entry in server.requests)
    server.faults.add(Fault(path="users/self", status=400, body={"detail": "no"}))
    with pytest.raises(CvatError) as told:
        connection.get("users/self")
    assert "ann-pass" not in str(told.value)
    assert "Token" not in str(told.value)


def test_the_organization_is_asked_for(server: ContractServer, connect: Connect) -> None:
    server.add_organization("lab", "ann")
    connection = connect(server, username="ann", password="ann-pass", organization="lab")
    connection.post("projects", {"name": "shared", "labels": []})
    assert [one["name"] for one in connection.pages("projects")] == ["shared"]
    assert list(connect(server).pages("projects")) == []


def test_a_server_that_was_never_there_is_told_soon(connect: Connect) -> None:
    with ContractServer() as server:
        connection = connect(server)
    with pytest.raises(CvatError, match="Is the address right, and the server up"):
        connection.get("users/self")


def test_a_wait_ends_where_nobody_waits_any_more(server: ContractServer, connection: Connection) -> None:
    connection.get("users/self")
    server.faults.add(Fault(path="users/self", status=503, retry_after=15, times=None))

    def gone() -> None:
        raise Cancelled("nobody waits")

    connection.check = gone
    with pytest.raises(Cancelled):
        connection.get("users/self")


def test_a_server_that_hangs_is_asked_again(
    server: ContractServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "_TIMEOUT", 0.5)
    connection = connect(server)
    connection.get("users/self")
    server.faults.add(Fault(path="users/self", kind="hang", seconds=1.5))
    assert connection.get("users/self")["username"] == "ann"
