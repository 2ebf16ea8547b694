"""What a page does with the draft, and what it is told of it."""

from __future__ import annotations

from jlabel.labeler.protocol.draft_messages import ApplyOperation, MaskRegion, Save, Stroke, Undo
from jlabel.labeler.protocol.incoming import parse
from jlabel.labeler.protocol.outgoing import to_wire


def test_a_stroke() -> None:
    sent = {"type": "edit", "client": "p", "seq": 4, "epoch": 2, "region": [0, 1, 2, 3, 4, 5], "value": 1, "more": True}
    assert parse(sent) == Stroke(client="p", seq=4, epoch=2, region=(0, 1, 2, 3, 4, 5), value=1, more=True)


def test_an_operation_keeps_its_parameters_as_they_are() -> None:
    parameters = {"low": 70, "high": 200.5}
    sent = {"type": "operate", "epoch": 1, "operation": "threshold", "parameters": parameters, "axis": 2, "slice": 4}
    asked = ApplyOperation(epoch=1, operation="threshold", parameters=parameters, axis=2, slice=4, value=1)
    assert parse({**sent, "value": 1}) == asked


def test_undo_and_save_without_an_epoch_are_for_the_image_that_is_open() -> None:
    assert parse({"type": "undo"}) == Undo(epoch=None)
    assert parse({"type": "save"}) == Save(epoch=None, replace=False)


def test_the_mask_is_told_with_the_last_stroke_of_each_page_that_it_holds() -> None:
    told = to_wire(MaskRegion(epoch=1, region=(0, 0, 0, 2, 2, 1), dtype="uint8", acked={"p": 4}))
    assert told == {"type": "mask", "epoch": 1, "region": (0, 0, 0, 2, 2, 1), "dtype": "uint8", "acked": {"p": 4}}
