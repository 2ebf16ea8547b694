"""Who works on which image, and under which name a person works here."""

from __future__ import annotations

from typing import Any

from jlabel.datastores import Lease
from jlabel.datastores.leases import Purpose
from jlabel.display.table import Listing
from jlabel.manager.manager_base import ManagerBase

_COLUMNS = ("image", "who", "for", "since", "until")


class Leasing(ManagerBase):
    """Leases of images; see :class:`jlabel.AppManager`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._given: str | None = None
        #: What this manager's person has skipped: they are not given it again at once.
        self._passed: set[str] = set()

    @property
    def annotator(self) -> str | None:
        """Who works here: the name that is kept with labels, leases and reviews.

        It is that of the datastore: the JupyterHub user, else ``JLABEL_USER``, else what :func:`jlabel.set_annotator`
        kept, else the login name. Setting it counts for this datastore.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> manager.annotator = "mia"
            >>> manager.save_label("case_1", manager.image("case_1").array > 70)
            'case_1'
            >>> manager.datastore.current_version("case_1").author
            'mia'
            >>> manager.close()
        """
        return self.datastore.author

    @annotator.setter
    def annotator(self, name: str) -> None:
        # What was taken under the former name is given back: nobody else has it.
        self.datastore.leases.release_all(self.session)
        self.datastore.set_author(name)

    @property
    def who(self) -> str:
        """The annotator's name; "" where nobody knows it."""
        return self.datastore.author or ""

    def lease(self, image_id: str, purpose: Purpose = "label") -> Lease | None:
        """Take an image, so that nobody else is given it, or say that one still works on it.

        The lease lasts ten minutes (``manager.datastore.leases.seconds``) from the last time. An open labeler renews it
        while its person works.

        Args:
            image_id: The image.
            purpose: ``"label"``, or ``"review"`` to judge its label.

        Returns:
            The lease; None where somebody else has the image, see :meth:`leases`. Where nothing can be written, and in
            datastores that keep no leases, everyone gets every image.

        Raises:
            DatastoreError: There is no such image, or the catalogue cannot be used.

        Examples:
            >>> app = jlabel.RadiologyApp(jlabel.LocalDatastore(studies, author="mia"), ["liver"])
            >>> manager = jlabel.AppManager(app, device="cpu")
            >>> manager.next_image("first")
            'case_0'
            >>> other = jlabel.AppManager(jlabel.RadiologyApp(jlabel.LocalDatastore(studies, author="ben"), ["liver"]))
            >>> other.next_image("first"), other.lease("case_0") is None
            ('case_1', True)
            >>> other.take_over("case_0").holder
            'ben'
            >>> manager.close()
            >>> other.close()
        """
        return self.datastore.leases.take(image_id, self.who, self.session, purpose)

    def take_over(self, image_id: str, purpose: Purpose = "label") -> Lease | None:
        """Take an image from whoever has it; their draft stays, and what they save stays a version of its own.

        Args:
            image_id: The image.
            purpose: As for :meth:`lease`.

        Returns:
            The lease; None for an image that several people read, of which no reading is free.

        Raises:
            DatastoreError: As for :meth:`lease`.
        """
        return self.datastore.leases.take(image_id, self.who, self.session, purpose, force=True)

    def release(self, image_id: str) -> None:
        """Give an image back before its lease has run out; nothing where this manager does not have it."""
        self.datastore.leases.release(image_id, self.session)

    def leases(self, image_id: str | None = None) -> Listing[Lease]:
        """Who works on which image now, and since when; a notebook shows a table.

        Args:
            image_id: Only this image.

        Raises:
            DatastoreError: The catalogue cannot be used.
        """
        leases = self.datastore.leases
        found = leases.all() if image_id is None else leases.of_image(image_id)
        return Listing(found, "Who works on what", lease_row, _COLUMNS)


def lease_row(lease: Lease) -> dict[str, Any]:
    """The row of a lease."""
    return {
        "image": lease.image_id,
        "who": lease.holder or "somebody",
        "for": lease.purpose,
        "since": lease.since,
        "until": lease.until,
    }
