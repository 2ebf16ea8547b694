"""Who works on which image: a lease gives an image to one person until it is given back or its time runs out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Purpose = Literal["label", "review", "reading"]
"""What a person has an image for: to label it, to review its label, or as one of several readers."""

SECONDS = 600.0
"""How long a lease lasts that nobody renews."""


@dataclass(frozen=True)
class Lease:
    """An image that a person works on.

    Attributes:
        image_id: The image.
        holder: Who works on it; "" where nobody knows their name.
        purpose: ``"label"``, ``"review"`` or ``"reading"``.
        since: Since when (UTC, by the database's clock).
        until: When it runs out unless it is renewed.
        place: Of several readings of the image, the number of this one, from 1; else 0.

    Examples:
        >>> datastore = jlabel.LocalDatastore(studies, author="mia")
        >>> lease = datastore.leases.take("case_0", "mia", session="notebook")
        >>> lease.holder, lease.purpose, round((lease.until - lease.since).total_seconds())
        ('mia', 'label', 600)
        >>> datastore.close()
    """

    image_id: str
    holder: str
    purpose: Purpose
    since: datetime
    until: datetime
    place: int = 0


class Leases:
    """Who works on which image. This one keeps nothing: for a datastore of one person alone, who gets every image.

    Attributes:
        seconds: How long a lease lasts that nobody renews.
    """

    seconds: float = SECONDS

    @property
    def kept(self) -> bool:
        """Whether others hear of a lease: not where nothing can be written."""
        return False

    def take(
        self, image_id: str, holder: str, session: str, purpose: Purpose = "label", *, force: bool = False
    ) -> Lease | None:
        """Take an image, or renew the lease of one that the person has already.

        Of an image that several people read, it is one of the readings that nobody has yet.

        Args:
            image_id: The image.
            holder: Who is to have it.
            session: Where they work: it is given back by the session that took it last.
            purpose: What for; ``"reading"`` is what an image that several people read gives by itself.
            force: Take it from whoever has it. No reading is taken from anybody.

        Returns:
            The lease; None where it is somebody else's.

        Raises:
            DatastoreError: There is no such image, or the catalogue cannot be used.
        """
        now = datetime.now(UTC)
        return Lease(image_id, holder, purpose, now, now)

    def release(self, image_id: str, session: str) -> None:
        """Give an image back, if the session has it."""

    def release_all(self, session: str) -> None:
        """Give back all that the session has."""

    def of_image(self, image_id: str) -> list[Lease]:
        """Who works on an image now: nobody, one person, or several readers."""
        return []

    def all(self) -> list[Lease]:
        """Every lease that has not run out, by image."""
        return []

    def of_others(self, holder: str) -> Collection[str]:
        """The images that others have, each as theirs alone."""
        return ()
