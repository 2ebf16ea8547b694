"""Reviews of labels: a reviewer accepts a version of a label, or sends it back with a comment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from jlabel.datastores.label_version import FINAL
from jlabel.errors import DatastoreError

Verdict = Literal["accepted", "sent_back"]
"""What a reviewer says of a label."""

Place = tuple[int, int, int]
"""A voxel; of a picture the third number is 0."""


@dataclass(frozen=True)
class Review:
    """What a reviewer said of one version of a label.

    Attributes:
        image_id: The image.
        tag: Of which label.
        version: Of which version of it.
        verdict: ``"accepted"`` or ``"sent_back"``.
        reviewer: Who said so; "" where nobody knows their name.
        comment: What is to be corrected.
        place: The voxel that the comment is about; None where it is about the whole label.
        time: When (UTC, by the database's clock).
        author: Who saved that version, where that is known.

    Examples:
        >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
        >>> manager.save_label("case_1", manager.image("case_1").array > 70)
        'case_1'
        >>> review = manager.send_back("case_1", "the dome is missing", place=(6, 5, 7))
        >>> review.verdict, review.version, review.place
        ('sent_back', 1, (6, 5, 7))
        >>> manager.close()
    """

    image_id: str
    tag: str
    version: int
    verdict: Verdict
    reviewer: str
    comment: str
    place: Place | None
    time: datetime
    author: str | None = None


class Reviews:
    """Verdicts on labels. This one keeps none: for a datastore that has no place for them."""

    def add(
        self,
        image_id: str,
        verdict: Verdict,
        reviewer: str,
        comment: str = "",
        place: Sequence[int] | None = None,
        tag: str = FINAL,
        version: int | None = None,
    ) -> Review:
        """Keep what a reviewer says of the label of an image; what was said before stays in :meth:`history`.

        Args:
            image_id: The image.
            verdict: What they say.
            reviewer: Who says so.
            comment: What is to be corrected.
            place: The voxel that the comment is about.
            tag: Of which label.
            version: The version that they looked at; the current one if not given.

        Raises:
            DatastoreError: There is no such label, it was saved anew since that version, or it cannot be written.
        """
        raise DatastoreError("this datastore keeps no reviews of labels")

    def of_image(self, image_id: str, tag: str = FINAL) -> Review | None:
        """The last verdict on the current version of the label; None where there is none."""
        return None

    def history(self, image_id: str, tag: str = FINAL) -> list[Review]:
        """All verdicts on the versions of the label, the oldest first."""
        return []

    def sent_back(self, author: str | None = None, tag: str = FINAL) -> list[Review]:
        """The labels that were sent back and not saved anew since, the oldest verdict first.

        Args:
            author: Only those whose version this person saved.
            tag: As for :meth:`add`.
        """
        return []

    def waiting(self, reviewer: str, exclude: Collection[str] = (), limit: int = 8) -> list[str]:
        """Images whose final label waits for a verdict and that nobody else has: those first that others labelled, and
        of these those that have waited longest.

        Args:
            reviewer: Who wants to review.
            exclude: Ids not to give.
            limit: How many at most.
        """
        return []

    def counts(self) -> dict[tuple[str, Verdict], int]:
        """How many current final labels each person has saved on which the last verdict was that, by both."""
        return {}
