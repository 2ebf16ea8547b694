"""Where a model is not sure: the border of its last answer, and the uncertainty of every voxel."""

from __future__ import annotations

from jlabel.labeler.protocol.message import Incoming, Outgoing
from jlabel.labeler.protocol.values import Position, Value, WireRegion


class UncertaintyInfo(Value, frozen=True, kw_only=True):
    """How unsure a model is of the open image.

    Attributes:
        on: It is shown over the slices.
        model: Whose it is that is shown, with the version; empty where it is not there, or not yet.
        hint: Why it is not there, and what to do; empty where it is.
    """

    on: bool
    model: str
    hint: str


class ShowUncertainBorder(Incoming, frozen=True, kw_only=True, tag="uncertain_border"):
    """Mark what the last answer is not sure of, or not; where that is not known, the model is asked again."""

    on: bool


class ShowUncertainty(Incoming, frozen=True, kw_only=True, tag="show_uncertainty"):
    """Show over the slices how unsure a model is of each voxel, or not."""

    on: bool


class WhereNeeded(Incoming, frozen=True, kw_only=True, tag="where_needed"):
    """Go to the next place at which a model is least sure; answered by :class:`GoTo`."""

    client: str
    epoch: int


class UncertainRegion(Outgoing, frozen=True, kw_only=True, tag="uncertain"):
    """Voxels of label ``value`` that the model's last answer is not sure of.

    Buffer (uint8): 1 where it is not, in ``region``, a part of ``box``. Another ``number`` begins anew, with all 0.
    """

    epoch: int
    number: int
    value: int
    box: WireRegion
    region: WireRegion


class NoUncertainRegion(Outgoing, frozen=True, kw_only=True, tag="no_uncertain"):
    """There are no uncertain voxels to show."""

    epoch: int


class UncertaintyPart(Outgoing, frozen=True, kw_only=True, tag="uncertainty"):
    """How unsure a model is of the voxels of ``region``, a part of ``box``: buffer (uint8) from 0, sure, to 255.

    It is sure of all other voxels. Another ``number`` begins anew.
    """

    epoch: int
    number: int
    box: WireRegion
    region: WireRegion


class NoUncertainty(Outgoing, frozen=True, kw_only=True, tag="no_uncertainty"):
    """There is no uncertainty to show."""

    epoch: int


class GoTo(Outgoing, frozen=True, kw_only=True, tag="go_to"):
    """Move the crosshair there."""

    client: str
    epoch: int
    position: Position
