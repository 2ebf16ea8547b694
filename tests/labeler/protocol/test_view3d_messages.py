"""What a page asks for its 3D view, and how it gets that."""

from __future__ import annotations

from jlabel.labeler.protocol.incoming import parse
from jlabel.labeler.protocol.outgoing import to_wire
from jlabel.labeler.protocol.view3d_messages import LoadSurfaces, SurfacePiece, View3dScript


def test_keys_that_are_numbers_come_as_text() -> None:
    message = parse({"type": "surfaces", "client": "p", "epoch": 1, "known": {"3": 7}})
    assert message == LoadSurfaces(client="p", epoch=1, known={3: 7})


def test_a_piece_says_how_many_there_are() -> None:
    told = to_wire(SurfacePiece(client="p", epoch=1, value=3, version=2, vertices=8, piece=0, pieces=1))
    assert told["client"] == "p"
    assert (told["piece"], told["pieces"], told["vertices"]) == (0, 1, 8)


def test_a_script_that_is_not_there_says_why() -> None:
    assert "error" not in to_wire(View3dScript(client="p", piece=0, pieces=1))
    assert to_wire(View3dScript(client="p", piece=0, pieces=0, error="it is not built"))["error"] == "it is not built"
