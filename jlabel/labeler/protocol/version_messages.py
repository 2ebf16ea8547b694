"""Saved labels of the image, and one of them beside the draft."""

from __future__ import annotations

from jlabel.labeler.protocol.message import Incoming, Outgoing
from jlabel.labeler.protocol.values import MaskDtype, Position, Value, WireRegion


class ComparisonInfo(Value, frozen=True, kw_only=True):
    """The saved label that is shown beside the draft; ``version`` None is the current one."""

    number: int
    tag: str
    version: int | None


class SendBackInfo(Value, frozen=True, kw_only=True):
    """The open image can be sent back to who annotated it elsewhere.

    Attributes:
        origin: Where that was and who did it, in words ("CVAT, by bob").
        sending: A comment is on its way.
        sent: How many comments were sent back since the image was opened.
    """

    origin: str
    sending: bool
    sent: int


class VersionInfo(Value, frozen=True, kw_only=True):
    """A saved label's version: the time is ISO 8601, ``prompts`` says how many prompts were saved with it."""

    number: int
    time: str
    author: str | None
    current: bool
    models: list[str]
    prompts: int


class TagVersions(Value, frozen=True, kw_only=True):
    """The versions of the label of one tag, the newest first."""

    tag: str
    versions: list[VersionInfo]


class AgreementRow(Value, frozen=True, kw_only=True):
    """Voxels of a label in the draft, in the other label and in both, and their Dice; None where it is in neither."""

    value: int
    mine: int
    other: int
    both: int
    dice: float | None


class ListVersions(Incoming, frozen=True, kw_only=True, tag="versions"):
    """All saved labels of the image; answered by :class:`Versions`."""

    client: str
    epoch: int


class TakeOver(Incoming, frozen=True, kw_only=True, tag="take_over"):
    """Put a saved label, or one ``value`` of it, in the place of the draft. ``version`` None is the current one."""

    epoch: int
    tag: str
    version: int | None
    value: int | None


class Compare(Incoming, frozen=True, kw_only=True, tag="compare"):
    """Show a saved label beside the draft; ``tag`` None leaves the choice to the kernel."""

    epoch: int
    tag: str | None
    version: int | None


class StopComparing(Incoming, frozen=True, kw_only=True, tag="stop_comparing"):
    """Show the draft alone."""


class SendBack(Incoming, frozen=True, kw_only=True, tag="send_back"):
    """Send the image back to who annotated it, with a comment at a voxel."""

    epoch: int
    position: Position
    message: str


class Versions(Outgoing, frozen=True, kw_only=True, tag="versions"):
    """All saved labels of the image."""

    client: str
    epoch: int
    tags: list[TagVersions]


class OtherLabelRegion(Outgoing, frozen=True, kw_only=True, tag="other"):
    """The label beside the draft in ``region`` (buffer of ``dtype``); the rest of it is 0."""

    epoch: int
    number: int
    region: WireRegion
    dtype: MaskDtype


class Agreement(Outgoing, frozen=True, kw_only=True, tag="agreement"):
    """How well the draft agrees with the label of that ``number``; ``millilitres`` of a voxel, None for pictures."""

    epoch: int
    number: int
    millilitres: float | None
    rows: list[AgreementRow]
