"""What several people do together, for the image that is open: who works on it, verdicts on its label, notes."""

from __future__ import annotations

from collections.abc import Sequence

from jlabel.datastores import ImageNote, Lease, Review
from jlabel.labeler.controller import LabelerController


class LabelerTeam:
    """Who works on the image that is open, what reviewers say of its label, and notes on it.

    Examples:
        >>> app = jlabel.RadiologyApp(jlabel.LocalDatastore(studies, author="mia"), labels=["liver"])
        >>> labeler = jlabel.AppManager(app, device="cpu").labeler("case_0")
        >>> [lease.holder for lease in labeler.team.leases]
        ['mia']
        >>> labeler.save()
        'case_0'
        >>> labeler.team.send_back("the left lobe is missing", place=(6, 5, 4)).verdict
        'sent_back'
        >>> labeler.close()
    """

    def __init__(self, controller: LabelerController) -> None:
        self._controller = controller

    @property
    def leases(self) -> list[Lease]:
        """Who works on the image now: nobody, one person, or several readers.

        Raises:
            JlabelError: No image is open.
        """
        opened = self._controller.require_image()
        return self._controller.manager.datastore.leases.of_image(opened.image_id)

    def take_over(self) -> None:
        """Take the image from whoever works on it; their draft stays, and both versions are kept where both save.

        Raises:
            JlabelError: No image is open, or several people read it and each of its readings is somebody's.
            DatastoreError: The catalogue cannot be used.
        """
        self._controller.features.lease.take_over()

    def release(self) -> None:
        """Give the image back: it stays open, and anybody can be given it. Going on to paint takes it again.

        Raises:
            JlabelError: No image is open.
            DatastoreError: The catalogue cannot be used.
        """
        self._controller.features.lease.release()

    def accept(self, comment: str = "", discard: bool = False) -> Review:
        """Accept the saved label; in a review the next one is opened.

        Args:
            comment: What there is to say about it.
            discard: Give up changes of the draft that are not saved.

        Raises:
            JlabelError: No image is open, it has no saved label, or there are changes that are not saved.
            DatastoreError: Somebody has saved another version meanwhile, or it cannot be written.
        """
        return self._controller.features.verdicts.accept(comment, discard)

    def send_back(self, comment: str, place: Sequence[int] | None = None, discard: bool = False) -> Review:
        """Send the saved label back to who made it; in a review the next one is opened.

        Args:
            comment: What is to be corrected.
            place: The voxel that this is about.
            discard: As for :meth:`accept`.

        Raises:
            JlabelError: As for :meth:`accept`.
            DatastoreError: As for :meth:`accept`; or nothing is said, or there is no such voxel.
        """
        return self._controller.features.verdicts.send_back(comment, place, discard)

    def note(self, text: str) -> ImageNote:
        """Add a note to the image.

        Raises:
            JlabelError: No image is open.
            DatastoreError: The text is empty, or it cannot be written.
        """
        return self._controller.features.image_notes.add(text)
