"""What several people do together: who works on the open image, verdicts on its label, notes, and the whole team."""

from __future__ import annotations

from typing import Literal

from jlabel.labeler.protocol.message import ForImage, Incoming, Outgoing
from jlabel.labeler.protocol.values import Position, Value

Purpose = Literal["label", "review", "reading"]
Verdict = Literal["accepted", "sent_back"]


class AnnotatorInfo(Value, frozen=True, kw_only=True):
    """Who works here.

    Attributes:
        name: The name that is kept with labels; "" where not even the account has one.
        known: It is a person's name; else the account's says nothing, and the person is to be asked once.
    """

    name: str
    known: bool


class LeaseInfo(Value, frozen=True, kw_only=True):
    """Who works on the open image.

    Attributes:
        holder: Who; "" where nobody knows their name.
        mine: It is the person here.
        purpose: What for.
        since: Since when, ISO 8601.
        lost: It was the person's here before: they may save all the same, and both versions are kept.
    """

    holder: str
    mine: bool
    purpose: Purpose
    since: str
    lost: bool


class ReadingInfo(Value, frozen=True, kw_only=True):
    """The person here is one of several who read the open image: until all have, they see nothing of the others'.

    Attributes:
        place: The number of their reading, from 1.
    """

    place: int


class VerdictInfo(Value, frozen=True, kw_only=True):
    """What a reviewer said of the saved label of the open image.

    Attributes:
        verdict: It was accepted, or sent back.
        reviewer: Who said so; "" where nobody knows their name.
        time: When, ISO 8601.
        comment: What is to be corrected.
        place: The voxel that the comment is about; None where it is about the whole label.
        version: Of the label.
        author: Who saved that version.
    """

    verdict: Verdict
    reviewer: str
    time: str
    comment: str
    place: Position | None
    version: int
    author: str | None


class ImageNoteInfo(Value, frozen=True, kw_only=True):
    """A note on the open image, and who wrote it when (ISO 8601)."""

    text: str
    author: str
    time: str


class TeamMemberInfo(Value, frozen=True, kw_only=True):
    """One person of the team.

    Attributes:
        name: Who; "" where nobody knows their name.
        images: What they work on now.
        since: Since when, ISO 8601; None where they work on none.
        labelled: How many final labels they have saved.
        accepted: How many of these were accepted.
        sent_back: How many of these wait for them.
    """

    name: str
    images: list[str]
    since: str | None
    labelled: int
    accepted: int
    sent_back: int


class LabelAgreementInfo(Value, frozen=True, kw_only=True):
    """How well readers agree in one label: means over all pairs of readers, and the lowest Dice."""

    label: str
    images: int
    pairs: int
    dice: float
    nsd: float
    lowest_dice: float


class TakeOverImage(ForImage, frozen=True, kw_only=True, tag="take_over_image"):
    """Take the open image from whoever works on it."""


class ReleaseImage(ForImage, frozen=True, kw_only=True, tag="release_image"):
    """Give the open image back: it stays open to be looked at, and anybody can be given it."""


class PersonPresent(Incoming, frozen=True, kw_only=True, tag="person_present"):
    """The person is at the open image, if only to look: said once a minute at most, while keys or pointer are used.

    A page says so only while the image is the person's.
    """

    epoch: int


class AcceptLabel(ForImage, frozen=True, kw_only=True, tag="accept_label"):
    """Accept the saved label of the open image; in a review the next one is opened."""

    comment: str = ""
    discard: bool = False


class SendLabelBack(ForImage, frozen=True, kw_only=True, tag="send_label_back"):
    """Send the saved label of the open image back to who made it; in a review the next one is opened.

    ``place`` is the voxel that the comment is about.
    """

    comment: str = ""
    place: Position | None = None
    discard: bool = False


class SetAnnotator(Incoming, frozen=True, kw_only=True, tag="set_annotator"):
    """The person says who they are; it is kept for the next time."""

    name: str


class NoteImage(ForImage, frozen=True, kw_only=True, tag="note_image"):
    """Add a note to the open image."""

    text: str = ""


class AskForTeam(Incoming, frozen=True, kw_only=True, tag="ask_for_team"):
    """Who works on what; answered by :class:`TeamStatus`. With ``agreement`` the labels of readers are compared."""

    client: str
    agreement: bool = False


class TeamStatus(Outgoing, frozen=True, kw_only=True, tag="team"):
    """Who works on what, how many images are how far, and how well readers agree (empty where that was not asked)."""

    client: str
    members: list[TeamMemberInfo]
    to_do: int
    waiting: int
    accepted: int
    sent_back: int
    read_by_several: int
    read_by_all: int
    agreement: list[LabelAgreementInfo]
