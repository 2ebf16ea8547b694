"""Saved labels, and how well the draft agrees with one of them."""

from __future__ import annotations

from jlabel.labeler.protocol.incoming import parse
from jlabel.labeler.protocol.outgoing import to_wire
from jlabel.labeler.protocol.version_messages import (
    Agreement,
    AgreementRow,
    Compare,
    TagVersions,
    TakeOver,
    VersionInfo,
    Versions,
)


def test_versions_are_told_by_tag() -> None:
    version = VersionInfo(number=2, time="2024-05-01T12:00:00", author=None, current=True, models=["click"], prompts=3)
    told = to_wire(Versions(client="p", epoch=1, tags=[TagVersions(tag="final", versions=[version])]))
    [tag] = told["tags"]
    assert tag["tag"] == "final"
    assert (tag["versions"][0]["number"], tag["versions"][0]["current"]) == (2, True)


def test_the_current_version_has_no_number() -> None:
    sent = {"epoch": 1, "tag": "final", "version": None}
    assert parse({"type": "compare", **sent}) == Compare(epoch=1, tag="final", version=None)
    taken = TakeOver(epoch=1, tag="final", version=None, value=2)
    assert parse({"type": "take_over", **sent, "value": 2}) == taken


def test_a_label_that_is_in_neither_has_no_dice() -> None:
    row = AgreementRow(value=2, mine=0, other=0, both=0, dice=None)
    told = to_wire(Agreement(epoch=1, number=1, millilitres=None, rows=[row]))
    assert told["rows"] == [{"value": 2, "mine": 0, "other": 0, "both": 0, "dice": None}]
