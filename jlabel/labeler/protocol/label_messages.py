"""The label set: what the labels are, what changes them, and how large they are in the draft."""

from __future__ import annotations

from jlabel.labeler.protocol.message import Incoming, Outgoing
from jlabel.labeler.protocol.values import Value


class LabelInfo(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A label.

    Attributes:
        name: Its name.
        value: Its value in label files.
        color: ``#rrggbb``.
        instances: Its objects are told apart: its value and all above it that no other label has are an object each.
    """

    name: str
    value: int
    color: str
    instances: bool = False


class Lock(Incoming, frozen=True, kw_only=True, tag="lock"):
    """Lock a label, or unlock it."""

    value: int
    locked: bool


class PaintOverBackground(Incoming, frozen=True, kw_only=True, tag="over_background"):
    """Paint over what has no label alone, or over other labels too."""

    on: bool


class AddLabel(Incoming, frozen=True, kw_only=True, tag="add_label"):
    """Add a label. The label set is kept with the studies; labels are named by values, which never change."""

    name: str
    color: str | None = None


class AddLabels(Incoming, frozen=True, kw_only=True, tag="add_labels"):
    """Add several labels, such as all that a model finds."""

    names: list[str]


class RenameLabel(Incoming, frozen=True, kw_only=True, tag="rename_label"):
    """Give a label another name."""

    value: int
    name: str


class RecolorLabel(Incoming, frozen=True, kw_only=True, tag="recolor_label"):
    """Give a label another colour, ``#rrggbb``."""

    value: int
    color: str


class MoveLabel(Incoming, frozen=True, kw_only=True, tag="move_label"):
    """Put a label at another place in the list, from 0."""

    value: int
    place: int


class MergeLabel(Incoming, frozen=True, kw_only=True, tag="merge_label"):
    """Its voxels in this draft become those of the other label: one step of undo, the label included."""

    value: int
    into: int


class DeleteLabel(Incoming, frozen=True, kw_only=True, tag="delete_label"):
    """Its voxels in this draft become background: one step of undo, the label included."""

    value: int


class TellApart(Incoming, frozen=True, kw_only=True, tag="tell_apart"):
    """Tell the objects of a label apart, or not any more."""

    value: int
    apart: bool


class NewObject(Incoming, frozen=True, kw_only=True, tag="new_object"):
    """Begin a new object, with the next free value."""


class ChooseObject(Incoming, frozen=True, kw_only=True, tag="choose_object"):
    """Go on with the object of that value."""

    value: int


class ObjectEachPrompt(Incoming, frozen=True, kw_only=True, tag="object_each_prompt"):
    """A prompt that lies on no object begins a new one, or goes on with the active one."""

    on: bool


class LabelVolumes(Outgoing, frozen=True, kw_only=True, tag="volumes"):
    """Voxels of each label value in the draft, and the volume of a voxel in ml (None in a picture)."""

    epoch: int
    counts: list[tuple[int, int]]
    voxel_ml: float | None
