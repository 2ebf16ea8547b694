"""Projects of a CVAT server and their labels: found by name, made or completed; nothing there is renamed or removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jlabel.cvat.answers import number, text
from jlabel.cvat.connection import Connection
from jlabel.errors import CvatError
from jlabel.labels.label import Label

_MASK, _ANY = "mask", "any"


@dataclass(frozen=True)
class Project:
    """A project.

    Attributes:
        id: Its number on the server.
        name: Its name.
        labels: The numbers of its labels, by their names.
    """

    id: int
    name: str
    labels: Mapping[str, int]


def find_project(connection: Connection, name: str) -> int | None:
    """The number of the project of that name that the user can see; of several the first that was made.

    Raises:
        CvatError: The server cannot be asked.
    """
    # The filter spares pages; a server that does not know it lists all.
    found = [
        number(entry, "id", connection.account.url)
        for entry in connection.pages("projects", name=name)
        if entry.get("name") == name
    ]
    return min(found, default=None)


def project_with_labels(connection: Connection, name: str, labels: Iterable[Label]) -> Project:
    """The project of that name, with a label for each of these; it is made where there is none.

    Args:
        connection: To the server.
        name: Of the project.
        labels: Its labels are found by name, whatever their colour; those that it lacks are added.

    Raises:
        CvatError: The server refuses, or a label of that name takes no masks.
    """
    wanted = list(labels)
    key = connection.make_once(
        lambda: find_project(connection, name),
        lambda: number(
            connection.post("projects", {"name": name, "labels": [_new(one) for one in wanted]}),
            "id",
            connection.account.url,
        ),
    )
    there: dict[str, int] = {}

    # Looked up before each try: a label that was added already would be a second one of its name.
    def find() -> dict[str, int] | None:
        there.update(project_labels(connection, key))
        return there if all(one.name in there for one in wanted) else None

    def add() -> dict[str, int]:
        new = [_new(one) for one in wanted if one.name not in there]
        connection.send("PATCH", f"projects/{key}", {"json": {"labels": new}})
        return project_labels(connection, key)

    known = connection.make_once(find, add)
    return Project(key, name, {one.name: known[one.name] for one in wanted})


def project_labels(connection: Connection, project: int) -> dict[str, int]:
    """The numbers of a project's labels by their names, of those that take masks.

    Raises:
        CvatError: The server cannot be asked.
    """
    found: dict[str, int] = {}
    for entry in connection.pages("labels", project_id=project):
        if text(entry, "type") in ("", _MASK, _ANY):
            found.setdefault(text(entry, "name"), number(entry, "id", connection.account.url))
    return found


def label_names(connection: Connection, **of: int) -> dict[int, str]:
    """The names of labels by their numbers, of ``project_id=`` or ``task_id=``, whatever they take.

    Raises:
        CvatError: The server cannot be asked.
    """
    return {
        number(entry, "id", connection.account.url): text(entry, "name") for entry in connection.pages("labels", **of)
    }


def _new(label: Label) -> dict[str, object]:
    if not label.name.strip():
        raise CvatError("a label without a name cannot be made in CVAT")
    return {"name": label.name, "color": label.color, "type": _ANY, "attributes": []}
