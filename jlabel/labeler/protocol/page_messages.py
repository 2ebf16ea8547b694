"""Pages come and go, are told the whole state and what changes of it, and say how the labeler is used on them.

What goes wrong, and how far the kernel is with what it does, is told here too.
"""

from __future__ import annotations

from jlabel.labeler.protocol.message import Incoming, Outgoing
from jlabel.labeler.protocol.state import State
from jlabel.labeler.protocol.values import Number, Window


class Hello(Incoming, frozen=True, kw_only=True, tag="hello"):
    """A page has appeared, or has its connection again: it wants to know everything.

    ``views``: how often it shows the labeler.
    """

    client: str
    protocol: int
    views: int = 1


class Shown(Incoming, frozen=True, kw_only=True, tag="shown"):
    """How many views of the labeler this page has now."""

    client: str
    views: int


class Viewport(Incoming, frozen=True, kw_only=True, tag="viewport"):
    """How the image is looked at, for the still picture in the notebook; said when it has not changed for a while."""

    epoch: int
    cursor: tuple[Number, Number, Number]
    window: Window
    hidden: list[int]
    opacity: float


class WorkDone(Incoming, frozen=True, kw_only=True, tag="work"):
    """What the person has done on this page since it was said last; said every few seconds while there is any.

    ``spans``: seconds from now back to the beginning and the end of each span in which keys or the pointer were used.
    ``slices``: the array axis across each slice that was looked at, and its index.
    """

    epoch: int
    spans: list[tuple[Number, Number]]
    slices: list[tuple[int, int]]


class Cancel(Incoming, frozen=True, kw_only=True, tag="cancel"):
    """Give up what the kernel is doing."""


class ErrorsRead(Incoming, frozen=True, kw_only=True, tag="errors_read"):
    """The person has read these errors."""

    errors: list[str]


class WholeState(Outgoing, frozen=True, kw_only=True, tag="state"):
    """Everything small that the kernel knows, for a page that is new."""

    state: State


class StateChange(Outgoing, frozen=True, kw_only=True, tag="changed"):
    """What is another now, of what :class:`WholeState` says; the rest is as it was."""

    state: State


class Ack(Outgoing, frozen=True, kw_only=True, tag="ack"):
    """All messages of this page up to ``seq`` were handled.

    ``early``: the one of that number was not, since one before it is missing.
    """

    client: str
    seq: int
    early: int | None = None


class WhoShows(Outgoing, frozen=True, kw_only=True, tag="who_shows"):
    """Every page is to say how many views of the labeler it has (:class:`Shown`)."""


class Error(Outgoing, frozen=True, kw_only=True, tag="error"):
    """What went wrong, in words."""

    text: str


class Progress(Outgoing, frozen=True, kw_only=True, tag="progress"):
    """How far the kernel is with what it does, 0 to 1."""

    epoch: int
    text: str
    fraction: float
