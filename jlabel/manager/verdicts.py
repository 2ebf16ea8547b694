"""What reviewers say of finished labels: accepted, or sent back with a comment at a place in the image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jlabel.datastores import FINAL, Review
from jlabel.datastores.reviews import Verdict
from jlabel.display.table import Listing
from jlabel.errors import DatastoreError
from jlabel.manager.leasing import Leasing
from jlabel.manager.reviewing import Reviewing

_COLUMNS = ("image", "version", "verdict", "by", "comment", "place", "time", "author")


class Verdicts(Reviewing, Leasing):
    """Verdicts on finished labels; see :class:`jlabel.AppManager`."""

    def accept(self, image_id: str, tag: str = FINAL, version: int | None = None, comment: str = "") -> Review:
        """Accept the label of an image; it counts as looked at (:meth:`looked_at`), too.

        Args:
            image_id: The image.
            tag: As for :meth:`label`.
            version: The version that you looked at; the current one if not given.
            comment: What there is to say about it.

        Raises:
            DatastoreError: There is no such label, it was saved anew since that version, or it cannot be written.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> manager.save_label("case_0", manager.image("case_0").array > 70)
            'case_0'
            >>> manager.accept("case_0").verdict
            'accepted'
            >>> list(manager.images(state="accepted")["image"])
            ['case_0']
            >>> manager.close()
        """
        return self._judge(image_id, "accepted", comment, None, tag, version)

    def send_back(
        self,
        image_id: str,
        comment: str,
        place: Sequence[int] | None = None,
        tag: str = FINAL,
        version: int | None = None,
    ) -> Review:
        """Send the label of an image back to who made it: :meth:`next_image` gives it to them first.

        Args:
            image_id: The image.
            comment: What is to be corrected.
            place: The voxel that this is about, ``(i, j, k)`` or ``(i, j)``.
            tag: As for :meth:`label`.
            version: As for :meth:`accept`.

        Raises:
            DatastoreError: The comment is empty, the place lies outside of the image, or as for :meth:`accept`.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> manager.save_label("case_0", manager.image("case_0").array > 70)
            'case_0'
            >>> _ = manager.send_back("case_0", "the left lobe is missing", place=(6, 5, 4))
            >>> [(one.image_id, one.comment) for one in manager.sent_back(for_me=True)]
            [('case_0', 'the left lobe is missing')]
            >>> manager.close()
        """
        if not isinstance(comment, str) or not comment.strip():
            raise DatastoreError("say what is to be corrected: a label is sent back with a comment")
        if place is not None:
            place = self._checked_place(image_id, place)
        return self._judge(image_id, "sent_back", comment, place, tag, version)

    def sent_back(self, for_me: bool = False, tag: str = FINAL) -> Listing[Review]:
        """The labels that were sent back and not saved anew since; a notebook shows a table.

        Args:
            for_me: Only those that you have saved.
            tag: As for :meth:`label`.

        Raises:
            DatastoreError: The catalogue cannot be used.
        """
        found = self.datastore.reviews.sent_back(self.who if for_me else None, tag)
        return Listing(found, "Labels that were sent back", _row, _COLUMNS)

    def verdicts(self, image_id: str, tag: str = FINAL) -> Listing[Review]:
        """All verdicts on the versions of a label, the oldest first.

        Args:
            image_id: The image.
            tag: As for :meth:`label`.

        Raises:
            DatastoreError: The catalogue cannot be used.
        """
        return Listing(self.datastore.reviews.history(image_id, tag), f"Verdicts on {image_id}", _row, _COLUMNS)

    def _judge(
        self, image_id: str, verdict: Verdict, comment: str, place: Sequence[int] | None, tag: str, version: int | None
    ) -> Review:
        review = self.datastore.reviews.add(image_id, verdict, self.who, comment, place, tag, version)
        self.looked_at(image_id, tag)
        return review

    def _checked_place(self, image_id: str, place: Sequence[int]) -> tuple[int, ...]:
        shape, found = self.image(image_id).shape, tuple(int(one) for one in place)
        given = found[: len(shape)]
        inside = len(given) == len(shape) and all(0 <= at < size for at, size in zip(given, shape, strict=True))
        if not inside or any(found[len(shape) :]):
            raise DatastoreError(f"{tuple(place)} is no voxel of {image_id!r}, whose shape is {shape}")
        return found


def _row(review: Review) -> dict[str, Any]:
    return {
        "image": review.image_id,
        "version": review.version,
        "verdict": review.verdict.replace("_", " "),
        "by": review.reviewer or "somebody",
        "comment": review.comment,
        "place": review.place,
        "time": review.time,
        "author": review.author,
    }
