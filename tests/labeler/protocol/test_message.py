"""What all messages have in common."""

from __future__ import annotations

import pytest

from jlabel.labeler.protocol.incoming import message_types, parse
from jlabel.labeler.protocol.message import ForImage, Incoming, Outgoing
from jlabel.labeler.protocol.outgoing import to_wire


class Measured(Outgoing, frozen=True, kw_only=True, tag="measured"):
    """A message of this test alone."""

    voxel_ml: float
    note: str | None = None


def test_names_are_camel_case_and_what_is_as_usual_is_left_out() -> None:
    assert to_wire(Measured(voxel_ml=0.5)) == {"type": "measured", "voxelMl": 0.5}
    assert to_wire(Measured(client="p", voxel_ml=0.5, note="")) == {
        "type": "measured",
        "client": "p",
        "voxelMl": 0.5,
        "note": "",
    }


@pytest.mark.parametrize("kind", sorted(kind for kind, one in message_types().items() if issubclass(one, ForImage)))
def test_a_message_for_an_image_names_its_epoch_or_is_for_whatever_is_open(kind: str) -> None:
    named, any_image = parse({"type": kind, "epoch": 3}), parse({"type": kind})
    assert isinstance(named, ForImage)
    assert isinstance(any_image, ForImage)
    assert (named.epoch, any_image.epoch) == (3, None)


def test_a_message_says_who_sent_it_and_its_number() -> None:
    message: Incoming = parse({"type": "undo", "client": "p", "seq": 8})
    assert (message.client, message.seq) == ("p", 8)
