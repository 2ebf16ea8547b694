"""People's notes on images as a whole: free text, with who wrote it and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select

from jlabel.datastores.catalogue import Catalogue
from jlabel.datastores.catalogue_leases import moment
from jlabel.datastores.database_time import DatabaseClock
from jlabel.datastores.image_rows import find_image
from jlabel.datastores.safe_names import check_text
from jlabel.datastores.tables import ImageRow
from jlabel.datastores.team_tables import NoteRow
from jlabel.errors import DatastoreError

_MOST_LETTERS = 4000

_NOTES = select(ImageRow.id, NoteRow.author, NoteRow.text, NoteRow.time).join(ImageRow, ImageRow.pk == NoteRow.image_pk)
_OF_IMAGE = _NOTES.where(NoteRow.image_pk == bindparam("image")).order_by(NoteRow.pk)
_ALL = _NOTES.order_by(ImageRow.id, NoteRow.pk)


@dataclass(frozen=True)
class ImageNote:
    """A person's note on an image.

    Attributes:
        image_id: The image.
        text: What it says.
        author: Who wrote it; "" where nobody knows their name.
        time: When (UTC, by the database's clock).

    Examples:
        >>> datastore = jlabel.LocalDatastore(studies, author="mia")
        >>> note = datastore.image_notes.add("case_0", "motion artefact", "mia")
        >>> [(one.author, one.text) for one in datastore.image_notes.of_image("case_0")]
        [('mia', 'motion artefact')]
        >>> datastore.close()
    """

    image_id: str
    text: str
    author: str
    time: datetime


class ImageNotes:
    """Notes on images. This one keeps none: for a datastore that has no place for them."""

    def add(self, image_id: str, text: str, author: str) -> ImageNote:
        """Add a note; those before it stay.

        Raises:
            DatastoreError: There is no such image, the text is empty, or it cannot be written.
        """
        raise DatastoreError("this datastore keeps no notes on images")

    def of_image(self, image_id: str) -> list[ImageNote]:
        """The notes on an image, the oldest first."""
        return []

    def all(self) -> list[ImageNote]:
        """All notes, by image."""
        return []


class CatalogueNotes(ImageNotes):
    """The notes on a catalogue's images.

    Args:
        catalogue: The catalogue.
        clock: The time of notes.
    """

    def __init__(self, catalogue: Catalogue, clock: DatabaseClock) -> None:
        self._catalogue = catalogue
        self._clock = clock

    def add(self, image_id: str, text: str, author: str) -> ImageNote:
        """See :class:`ImageNotes`."""
        said = check_text(text, "a note").strip()[:_MOST_LETTERS]
        if not said:
            raise DatastoreError("a note is a text that says something, and this one is empty")
        with self._catalogue.write() as connection:
            image = find_image(connection, image_id)
            if image is None:
                raise DatastoreError(f"there is no image {image_id!r}")
            now = self._clock.now(connection)
            connection.execute(insert(NoteRow), {"image_pk": image.pk, "author": author, "text": said, "time": now})
        return ImageNote(image.id, said, author, moment(now))

    def of_image(self, image_id: str) -> list[ImageNote]:
        """See :class:`ImageNotes`."""
        with self._catalogue.read() as connection:
            image = find_image(connection, image_id)
            rows = [] if image is None else connection.execute(_OF_IMAGE, {"image": image.pk}).all()
        return [ImageNote(row.id, row.text, row.author, moment(row.time)) for row in rows]

    def all(self) -> list[ImageNote]:
        """See :class:`ImageNotes`."""
        with self._catalogue.read() as connection:
            return [ImageNote(row.id, row.text, row.author, moment(row.time)) for row in connection.execute(_ALL)]
