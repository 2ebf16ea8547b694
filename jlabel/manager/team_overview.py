"""A team's work at a glance: who works on what, what waits for a review, and how well readers agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from jlabel.datastores import ImageNote
from jlabel.display.html import facts_html, table_html
from jlabel.display.table import Listing
from jlabel.manager.several_readers import SeveralReaders
from jlabel.metrics import PairAgreement

PERSON_COLUMNS = ("who", "working on", "since", "labelled", "accepted", "sent back")
AGREEMENT_COLUMNS = ("label", "images", "pairs", "dice", "nsd", "lowest dice")


@dataclass(frozen=True)
class TeamMember:
    """One person of a team.

    Attributes:
        name: Who; "" where nobody knows their name.
        images: What they work on now.
        since: Since when, for the image that they have had longest; None where they work on none.
        labelled: How many current final labels they have saved.
        accepted: How many of these a reviewer has accepted.
        sent_back: How many of these were sent back, and wait for them.
    """

    name: str
    images: tuple[str, ...] = ()
    since: datetime | None = None
    labelled: int = 0
    accepted: int = 0
    sent_back: int = 0

    def row(self) -> dict[str, Any]:
        """The row of a table."""
        counts = {"labelled": self.labelled, "accepted": self.accepted, "sent back": self.sent_back}
        return {"who": self.name or "somebody", "working on": self.images, "since": self.since, **counts}


@dataclass(frozen=True)
class LabelAgreement:
    """How well readers agree in one label.

    Attributes:
        label: Its name.
        images: In how many images.
        pairs: Of how many pairs of readers.
        dice: The mean Dice coefficient.
        nsd: The mean normalised surface distance.
        lowest_dice: The lowest Dice coefficient.
    """

    label: str
    images: int
    pairs: int
    dice: float
    nsd: float
    lowest_dice: float

    def row(self) -> dict[str, Any]:
        """The row of a table."""
        values = {"dice": self.dice, "nsd": self.nsd, "lowest dice": self.lowest_dice}
        return {"label": self.label, "images": self.images, "pairs": self.pairs, **values}


@dataclass(frozen=True)
class Team:
    """A team's work, as :meth:`jlabel.AppManager.team` found it; a notebook shows tables.

    Attributes:
        members: Everyone who has saved a final label or works on an image, by name.
        to_do: How many images have no final label.
        waiting: How many final labels wait for a verdict.
        accepted: How many final labels were accepted.
        sent_back: How many were sent back.
        read_by_several: How many images several people read.
        read_by_all: How many of these all their readers have read.
        agreement: How well readers agree, for each label.
    """

    members: tuple[TeamMember, ...]
    to_do: int
    waiting: int
    accepted: int
    sent_back: int
    read_by_several: int
    read_by_all: int
    agreement: tuple[LabelAgreement, ...]

    def facts(self) -> dict[str, Any]:
        """The numbers, by what they count."""
        read = {"read by several": self.read_by_several, "read by all of them": self.read_by_all}
        return {
            "to do": self.to_do,
            "wait for a review": self.waiting,
            "accepted": self.accepted,
            "sent back": self.sent_back,
            **(read if self.read_by_several else {}),
        }

    def __repr__(self) -> str:
        facts = ", ".join(f"{count} {name}" for name, count in self.facts().items())
        return f"Team: {len(self.members)} people; {facts}"

    def _repr_html_(self) -> str:
        people = table_html("People", PERSON_COLUMNS, _cells([one.row() for one in self.members], PERSON_COLUMNS))
        rows = _cells([one.row() for one in self.agreement], AGREEMENT_COLUMNS)
        agreement = table_html("Agreement of readers", AGREEMENT_COLUMNS, rows) if rows else ""
        return facts_html("Team", self.facts()) + people + agreement


class TeamOverview(SeveralReaders):
    """What a team does, and its notes; see :class:`jlabel.AppManager`."""

    def team(self, agreement: bool = True, tolerance: float = 2.0) -> Team:
        """Who works on what, what waits for a review, and how well readers agree; a notebook shows tables.

        Args:
            agreement: Whether the labels of readers are compared, for which they are read. Of images that you still
                read nothing is told.
            tolerance: As for :meth:`agreement`.

        Raises:
            DatastoreError: The catalogue cannot be used.
            LabelError: As for :meth:`agreement`.

        Examples:
            >>> folder = jlabel.LocalDatastore(studies, author="mia")
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(folder, ["liver"]), device="cpu")
            >>> manager.save_label("case_0", manager.image("case_0").array > 70)
            'case_0'
            >>> manager.team()
            Team: 1 people; 2 to do, 1 wait for a review, 0 accepted, 0 sent back
            >>> [(one.name, one.labelled) for one in manager.team().members]
            [('mia', 1)]
            >>> manager.close()
        """
        datastore = self.datastore
        verdicts = datastore.reviews.counts()
        saved, leases = datastore.labels_by_author(), datastore.leases.all()
        names = {*saved, *(lease.holder for lease in leases), *(name for name, _ in verdicts)}
        members = []
        for name in sorted(names, key=str.casefold):
            mine = [lease for lease in leases if lease.holder == name]
            members.append(
                TeamMember(
                    name,
                    tuple(lease.image_id for lease in mine),
                    min((lease.since for lease in mine), default=None),
                    saved.get(name, 0),
                    verdicts.get((name, "accepted"), 0),
                    verdicts.get((name, "sent_back"), 0),
                )
            )
        accepted = sum(one.accepted for one in members)
        sent_back = sum(one.sent_back for one in members)
        several, complete, _ = datastore.readings.counts()
        return Team(
            members=tuple(members),
            to_do=datastore.count_images() - datastore.count_labeled(),
            waiting=sum(saved.values()) - accepted - sent_back,
            accepted=accepted,
            sent_back=sent_back,
            read_by_several=several,
            read_by_all=complete,
            agreement=tuple(_by_label(self.agreement(tolerance))) if agreement else (),
        )

    def note_image(self, image_id: str, text: str) -> ImageNote:
        """Add a note to an image, with your name and the time; notes before it stay.

        Args:
            image_id: The image.
            text: What it says.

        Raises:
            DatastoreError: There is no such image, the text is empty, or it cannot be written.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> _ = manager.note_image("case_0", "motion artefact")
            >>> [one.text for one in manager.image_notes("case_0")]
            ['motion artefact']
            >>> manager.close()
        """
        return self.datastore.image_notes.add(image_id, text, self.who)

    def image_notes(self, image_id: str | None = None) -> Listing[ImageNote]:
        """The notes on an image, or on all images; a notebook shows a table.

        Args:
            image_id: Only of this image.

        Raises:
            DatastoreError: The catalogue cannot be used.
        """
        notes = self.datastore.image_notes
        found = notes.all() if image_id is None else notes.of_image(image_id)
        return Listing(found, "Notes", _note_row, ("image", "note", "by", "time"))


def _by_label(found: Iterable[PairAgreement]) -> list[LabelAgreement]:
    groups: dict[str, list[PairAgreement]] = {}
    for one in found:
        groups.setdefault(one.label, []).append(one)
    return [
        LabelAgreement(
            label=label,
            images=len({one.image_id for one in group}),
            pairs=len(group),
            dice=float(np.mean([one.dice for one in group])),
            nsd=float(np.mean([one.nsd for one in group])),
            lowest_dice=min(one.dice for one in group),
        )
        for label, group in groups.items()
    ]


def _cells(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> list[list[Any]]:
    return [[row[name] for name in columns] for row in rows]


def _note_row(note: ImageNote) -> dict[str, Any]:
    return {"image": note.image_id, "note": note.text, "by": note.author or "somebody", "time": note.time}
