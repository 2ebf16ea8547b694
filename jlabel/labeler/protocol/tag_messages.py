"""What the open image shows as a whole: its tags, by a person and by models, and what else a model told."""

from __future__ import annotations

from jlabel.labeler.protocol.message import Incoming
from jlabel.labeler.protocol.values import Value


class TagInfo(Value, frozen=True, kw_only=True):
    """One tag of the open image.

    Attributes:
        name: The classification.
        classes: Those to choose from.
        several: Whether the image may have several of them.
        chosen: The classes that a person chose; none where nobody did.
        proposed: The class that a model found; None where none did.
        probability: What the model gives that class, 0 to 1; None where it did not say.
        by: The model, with its version.
        model: The model that can be asked now; None where none can.
    """

    name: str
    classes: list[str]
    several: bool
    chosen: list[str]
    proposed: str | None
    probability: float | None
    by: str
    model: str | None


class ResultInfo(Value, frozen=True, kw_only=True):
    """What a model told of the open image beside a mask.

    Attributes:
        model: The model, with its version.
        rows: Names and values, as text.
    """

    model: str
    rows: list[tuple[str, str]]


class TagImage(Incoming, frozen=True, kw_only=True, tag="tag_image"):
    """The open image has those classes of a classification, a person says; none take back what was said."""

    epoch: int
    name: str
    values: list[str]


class AskForTag(Incoming, frozen=True, kw_only=True, tag="ask_for_tag"):
    """Ask the model that tells the classes of this classification."""

    epoch: int
    name: str
