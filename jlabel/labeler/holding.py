"""Who works on an image that a labeler opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jlabel.datastores import Lease
from jlabel.datastores.readings import reader_tag


@dataclass(frozen=True)
class Holding:
    """What is known of who works on an image.

    Attributes:
        mine: The person's own lease; None where it is somebody else's.
        others: Everyone else who works on it.
    """

    mine: Lease | None = None
    others: Sequence[Lease] = ()

    @property
    def reading_tag(self) -> str | None:
        """Under which tag the person's reading of the image is saved; None where they label it alone."""
        return reader_tag(self.mine.holder) if self.mine is not None and self.mine.place else None


#: Nobody works on the image, or nothing is kept of it.
NOBODY = Holding()
