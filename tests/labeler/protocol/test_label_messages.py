"""Labels are named by their values, which never change."""

from __future__ import annotations

import pytest

from jlabel.labeler.protocol.incoming import parse
from jlabel.labeler.protocol.label_messages import (
    AddLabel,
    AddLabels,
    DeleteLabel,
    LabelVolumes,
    Lock,
    MergeLabel,
    MoveLabel,
    RecolorLabel,
    RenameLabel,
)
from jlabel.labeler.protocol.message import Incoming
from jlabel.labeler.protocol.outgoing import to_wire


@pytest.mark.parametrize(
    ("sent", "asked"),
    [
        ({"type": "add_labels", "names": ["spleen", "liver"]}, AddLabels(names=["spleen", "liver"])),
        ({"type": "add_label", "name": "spleen"}, AddLabel(name="spleen", color=None)),
        ({"type": "rename_label", "value": 2, "name": "spleen"}, RenameLabel(value=2, name="spleen")),
        ({"type": "recolor_label", "value": 2, "color": "#ff0000"}, RecolorLabel(value=2, color="#ff0000")),
        ({"type": "move_label", "value": 2, "place": 0}, MoveLabel(value=2, place=0)),
        ({"type": "merge_label", "value": 2, "into": 1}, MergeLabel(value=2, into=1)),
        ({"type": "delete_label", "value": 2}, DeleteLabel(value=2)),
        ({"type": "lock", "value": 2, "locked": True}, Lock(value=2, locked=True)),
    ],
)
def test_what_a_page_can_do_with_the_label_set(sent: dict[str, object], asked: Incoming) -> None:
    assert parse(sent) == asked


def test_a_picture_has_voxels_but_no_volume() -> None:
    told = to_wire(LabelVolumes(epoch=1, counts=[(1, 8)], voxel_ml=None))
    assert told == {"type": "volumes", "epoch": 1, "counts": [(1, 8)], "voxelMl": None}
