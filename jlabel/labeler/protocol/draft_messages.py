"""The draft: strokes, operations on a whole label, undo, saving, and the mask as it is now."""

from __future__ import annotations

from typing import Any, Literal

from jlabel.labeler.protocol.message import ForImage, Incoming, Outgoing
from jlabel.labeler.protocol.values import MaskDtype, Number, Value, WireRegion

OperationName = Literal[
    "grow",
    "shrink",
    "smooth",
    "fill_holes",
    "keep_largest",
    "remove_islands",
    "interpolate",
    "copy_slice",
    "threshold",
    "fill",
    "erase",
]


class UnshownLabelInfo(Value, frozen=True, kw_only=True):
    """A saved label that cannot be shown.

    Attributes:
        problem: Why, in words.
        fits: It can be put into the image's grid.
    """

    problem: str
    fits: bool


class Save(ForImage, frozen=True, kw_only=True, tag="save"):
    """Save the draft; ``replace`` also in the place of a saved label that could not be shown.

    ``anyway``: also where somebody else works on the image; both versions are kept.
    """

    replace: bool = False
    anyway: bool = False


class FitLabel(ForImage, frozen=True, kw_only=True, tag="fit_label"):
    """Show the saved label that does not lie in the image's grid, fitted into it."""


class Undo(ForImage, frozen=True, kw_only=True, tag="undo"):
    """Take the last step back."""


class Redo(ForImage, frozen=True, kw_only=True, tag="redo"):
    """Do the last undone step again."""


class Stroke(Incoming, frozen=True, kw_only=True, tag="edit"):
    """A stroke that is already painted on the page.

    The voxels of ``region`` marked in the one buffer (zlib, one byte a voxel, 0 or 1) now have ``value`` (0 = erased).
    A stroke too large for a message comes in parts, all but the last with ``more``: one step of undo. The last says the
    ``length`` of the way that all of it was drawn along, in mm.
    """

    client: str
    seq: int
    epoch: int
    region: WireRegion
    value: int
    more: bool = False
    length: Number = 0


class ApplyOperation(Incoming, frozen=True, kw_only=True, tag="operate"):
    """Do something with a whole label (``value``), as one step of undo.

    ``axis`` and ``slice`` say where the person works; the parameters of each operation are those of
    ``jlabel/editing/operations.py``.
    """

    epoch: int
    operation: OperationName
    parameters: dict[str, Any]
    axis: int
    slice: int
    value: int


class MaskRegion(Outgoing, frozen=True, kw_only=True, tag="mask"):
    """The mask in ``region`` is now this (buffer of ``dtype``).

    ``acked`` is the ``seq`` of each client's last stroke that it holds: a page paints its own later strokes over it
    again.
    """

    epoch: int
    region: WireRegion
    dtype: MaskDtype
    acked: dict[str, int]


class StrokeTaken(Outgoing, frozen=True, kw_only=True, tag="edited"):
    """A stroke was taken: region, value and buffer for the other pages; the sender drops it from its list."""

    client: str
    epoch: int
    seq: int
    value: int
    region: WireRegion


class Reveal(Outgoing, frozen=True, kw_only=True, tag="reveal"):
    """What was undone or redone lies here: a view that shows none of it goes there."""

    epoch: int
    region: WireRegion
