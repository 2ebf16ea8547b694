"""The project on the server that a loop works on, and what its labels are here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jlabel.cvat import projects
from jlabel.cvat.connection import Connection
from jlabel.cvat.frame_tags import TagClass, classes_of_labels, tag_label_names
from jlabel.cvat.received import LabelValues
from jlabel.labels.classification import Classification
from jlabel.labels.label_set import LabelSet


@dataclass(frozen=True)
class LoopProject:
    """A project that is there, with all labels of the studies.

    Attributes:
        id: Its number on the server.
        name: Its name.
        place: The server, the organization and the project, as the catalogue names them.
        labels: The numbers of its labels, by their names.
        classes: The numbers of the labels that frames are tagged with, by what they stand for.
    """

    id: int
    name: str
    place: str
    labels: dict[str, int]
    classes: dict[TagClass, int]


def place_of(connection: Connection, name: str) -> str:
    """How the catalogue names a project of that name."""
    account = connection.account
    return "\n".join((account.url, account.organization, name))


def open_project(
    connection: Connection, name: str, labels: LabelSet, tags: Sequence[Classification] = ()
) -> LoopProject:
    """The project of that name with the labels and tags of the studies; what is missing is made.

    Raises:
        CvatError: The server refuses.
    """
    called = tag_label_names(tags, [label.name for label in labels.named])
    found = projects.project_with_labels(connection, name, labels.named, called.values())
    classes = {one: found.tags[label] for one, label in called.items() if label in found.tags}
    return LoopProject(found.id, name, place_of(connection, name), dict(found.labels), classes)


def values_here(
    connection: Connection, project: int, labels: LabelSet, tags: Sequence[Classification] = ()
) -> LabelValues:
    """What a project's labels are here: by name, whatever their colours.

    Raises:
        CvatError: The server cannot be asked.
    """
    names = projects.label_names(connection, project_id=project)
    here = {label.name: label.value for label in labels.named}
    return LabelValues(
        {key: here[name] for key, name in names.items() if name in here},
        names,
        labels.objects,
        classes_of_labels(names, tags, here),
    )
