"""From one image to the next, and through finished labels in a review."""

from __future__ import annotations

from typing import Literal

from jlabel.labeler.protocol.message import ForImage, Incoming
from jlabel.labeler.protocol.values import Value

ReviewOrder = Literal["suspicious", "waiting"]


class ReviewInfo(Value, frozen=True, kw_only=True):
    """Finished labels are being looked through.

    Attributes:
        place: Where in the queue the open image is, from 1; 0 where it is not one of it.
        total: How many labels the queue has; by ``waiting`` how many were opened so far.
        order: ``suspicious``: those first that look wrong; ``waiting``: those that wait longest for a verdict, each
            given to one reviewer.
    """

    place: int
    total: int
    order: ReviewOrder


class Open(Incoming, frozen=True, kw_only=True, tag="open"):
    """Open an image; ``discard`` gives up changes that are not saved."""

    image: str
    discard: bool = False


class Next(ForImage, frozen=True, kw_only=True, tag="next"):
    """Open the image that the strategy chooses."""

    discard: bool = False


class Previous(ForImage, frozen=True, kw_only=True, tag="previous"):
    """Open the image that was shown before; :class:`Next` then goes forward again."""

    discard: bool = False


class Skip(ForImage, frozen=True, kw_only=True, tag="skip"):
    """Put the image last and open the next."""

    discard: bool = False


class StartReview(ForImage, frozen=True, kw_only=True, tag="review"):
    """Look through finished labels: :class:`Next` goes on among them from now on; for the order see
    :class:`ReviewInfo`."""

    discard: bool = False
    order: ReviewOrder = "suspicious"


class LooksRight(ForImage, frozen=True, kw_only=True, tag="looks_right"):
    """The open label was looked at and is right; open the next one of the review."""

    discard: bool = False


class EndReview(Incoming, frozen=True, kw_only=True, tag="end_review"):
    """Look through finished labels no more."""
