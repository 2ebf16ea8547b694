"""Projects of a CVAT server and their labels: found by name, made or completed; nothing there is renamed or removed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from jlabel.cvat.answers import number, text
from jlabel.cvat.connection import Connection
from jlabel.errors import CvatError
from jlabel.labels.label import Label

_MASK, _ANY, _TAG = "mask", "any", "tag"
# Types of labels that take masks, and that frames can be tagged with; old servers have none.
_MASKS, _TAGS = ("", _MASK, _ANY), ("", _TAG, _ANY)


@dataclass(frozen=True)
class Project:
    """A project.

    Attributes:
        id: Its number on the server.
        name: Its name.
        labels: The numbers of the labels that were asked for, by their names.
        tags: The same of those that frames are tagged with.
    """

    id: int
    name: str
    labels: Mapping[str, int]
    tags: Mapping[str, int] = field(default_factory=dict)


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


def project_with_labels(
    connection: Connection, name: str, labels: Iterable[Label], tags: Collection[str] = ()
) -> Project:
    """The project of that name, with a label for each of these; it is made where there is none.

    Args:
        connection: To the server.
        name: Of the project.
        labels: Its labels are found by name, whatever their colour; those that it lacks are added.
        tags: Names of labels that frames are tagged with. Of one that is there as another kind of label none is added.

    Raises:
        CvatError: The server refuses, or a label of that name takes no masks.
    """
    new = {**{one.name: _new(one) for one in labels}, **{one: _new_tag(one) for one in tags}}
    key = connection.make_once(
        lambda: find_project(connection, name),
        lambda: number(
            connection.post("projects", {"name": name, "labels": [*new.values()]}),
            "id",
            connection.account.url,
        ),
    )

    def lacking(there: _Labels) -> list[str]:
        return [one for one in new if one not in (there.names if one in tags else there.masks)]

    # Looked up before each try: a label that was added already would be a second one of its name.
    def find() -> _Labels | None:
        there = _labels(connection, key)
        return None if lacking(there) else there

    def add() -> _Labels:
        more = [new[one] for one in lacking(_labels(connection, key))]
        connection.send("PATCH", f"projects/{key}", {"json": {"labels": more}})
        return _labels(connection, key)

    known = connection.make_once(find, add)
    return Project(
        key,
        name,
        {one: known.masks[one] for one in new if one not in tags},
        {one: known.tags[one] for one in tags if one in known.tags},
    )


def label_names(connection: Connection, **of: int) -> dict[int, str]:
    """The names of labels by their numbers, of ``project_id=`` or ``task_id=``, whatever they take.

    Raises:
        CvatError: The server cannot be asked.
    """
    return {
        number(entry, "id", connection.account.url): text(entry, "name") for entry in connection.pages("labels", **of)
    }


class _Labels(NamedTuple):
    """The labels of a project: numbers by name of those that take masks and that tag frames, and the names of all."""

    masks: dict[str, int]
    tags: dict[str, int]
    names: set[str]


def _labels(connection: Connection, project: int) -> _Labels:
    found = _Labels({}, {}, set())
    for entry in connection.pages("labels", project_id=project):
        name, kind = text(entry, "name"), text(entry, "type")
        found.names.add(name)
        for numbers, kinds in ((found.masks, _MASKS), (found.tags, _TAGS)):
            if kind in kinds:
                numbers.setdefault(name, number(entry, "id", connection.account.url))
    return found


def _new_tag(name: str) -> dict[str, object]:
    return {"name": name, "type": _TAG, "attributes": []}


def _new(label: Label) -> dict[str, object]:
    if not label.name.strip():
        raise CvatError("a label without a name cannot be made in CVAT")
    return {"name": label.name, "color": label.color, "type": _ANY, "attributes": []}
