"""What labels have cost, as it was saved with their versions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from jlabel.datastores import Datastore
from jlabel.datastores.version_notes import VersionNote
from jlabel.effort.effort_record import KEY, EffortRecord


@dataclass(frozen=True)
class LoggedEffort:
    """What one saved label has cost.

    Attributes:
        image_id: The image.
        tag: The label's tag.
        version: The number of the version that it was saved with.
        time: When it was saved (UTC).
        author: Who saved it, where that is known.
        effort: What it has cost.
    """

    image_id: str
    tag: str
    version: int
    time: datetime
    author: str | None
    effort: EffortRecord


def logged_effort(datastore: Datastore) -> list[LoggedEffort]:
    """What all labels of a datastore have cost, in the order in which they were saved.

    Labels that were saved without it, and entries that make no sense, are passed by. An entry that was copied with a
    label, as by going back to an earlier version, counts once.
    """
    return once_each(datastore.version_notes(KEY))


def once_each(notes: Iterable[VersionNote]) -> list[LoggedEffort]:
    """The entries that make sense, in the order of time; of copies the one that counted most, else the first."""
    kept: dict[str, LoggedEffort] = {}
    for note in sorted(notes, key=lambda note: note.time):
        effort = EffortRecord.from_json(note.value)
        if effort is None:
            continue
        before = kept.get(effort.id)
        if before is None or effort.seconds > before.effort.seconds:
            one = LoggedEffort(note.image_id, note.tag, note.number, note.time, note.author, effort)
            kept[effort.id] = one
    return sorted(kept.values(), key=lambda one: one.time)
