"""Images that several people read, blind to each other: each reader's label has a tag of its own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from jlabel.errors import DatastoreError

READERS_KEY = "readers"
"""Where the info of an image says by how many people it is read."""

_PREFIX = "reader-"
_UNSAFE = re.compile(r"[^\w.-]+|^\.+")
_LONGEST = 60


@dataclass(frozen=True)
class Reading:
    """One of the readings of an image.

    Attributes:
        image_id: The image.
        place: The number of the reading, from 1.
        reader: Who has saved it; None while nobody has.

    Examples:
        >>> datastore = jlabel.LocalDatastore(studies, author="mia")
        >>> datastore.readings.ask(["case_0"], readers=2)
        1
        >>> [(one.place, one.reader) for one in datastore.readings.of_image("case_0")]
        [(1, None), (2, None)]
        >>> datastore.close()
    """

    image_id: str
    place: int
    reader: str | None = None


class Readings:
    """Which images several people read. This one keeps none: for a datastore that has no place for them."""

    def ask(self, image_ids: Iterable[str], readers: int) -> int:
        """Have images read by so many different people; readings that were saved stay.

        Args:
            image_ids: The images.
            readers: How many people are to read each; 0 takes back what nobody has read yet.

        Returns:
            How many images are read by several now that were not before, or by another number.

        Raises:
            DatastoreError: There is no such image, or it cannot be written.
        """
        raise DatastoreError("this datastore keeps no readings")

    def note(self, image_id: str, reader: str) -> bool:
        """Note that a person has saved their reading; False where it is none of those that were asked for."""
        return False

    def of_image(self, image_id: str) -> list[Reading]:
        """The readings of an image; none where one person labels it."""
        return []

    def waiting(self, reader: str, exclude: Collection[str] = (), limit: int = 8) -> list[str]:
        """Images of which a person can have a reading now: they have not read them, and one is free."""
        return []

    def read(self, image_ids: Iterable[str] | None = None) -> dict[str, list[Reading]]:
        """The images of which at least one reading was saved, with all their readings, by id."""
        return {}

    def counts(self) -> tuple[int, int, int]:
        """How many images are read by several, how many of these all have read, and how many readings are saved."""
        return 0, 0, 0


def reader_tag(reader: str) -> str:
    """The tag of the labels that a reader saves: safe as the name of a folder, and another one for each name.

    Examples:
        >>> reader_tag("mia")
        'reader-mia'
        >>> reader_tag("Dr. Who") == reader_tag("Dr- Who"), reader_tag("../a").count("/")
        (False, 0)
    """
    safe = _UNSAFE.sub("-", reader)[:_LONGEST]
    if safe and safe == reader:
        return _PREFIX + safe
    return f"{_PREFIX}{safe}-{hashlib.sha256(reader.encode()).hexdigest()[:8]}"


def is_reader_tag(tag: str) -> bool:
    """Whether labels of this tag are those of one reader."""
    return tag.startswith(_PREFIX)
