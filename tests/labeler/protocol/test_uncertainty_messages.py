"""Where a model is not sure, as pages are told it."""

from __future__ import annotations

from jlabel.labeler.protocol.incoming import parse
from jlabel.labeler.protocol.outgoing import to_wire
from jlabel.labeler.protocol.uncertainty_messages import (
    GoTo,
    ShowUncertainty,
    UncertainRegion,
    UncertaintyPart,
    WhereNeeded,
)


def test_a_region_says_what_box_it_is_a_part_of() -> None:
    box, region = (0, 0, 0, 9, 9, 9), (2, 2, 2, 4, 4, 4)
    assert to_wire(UncertaintyPart(epoch=1, number=2, box=box, region=region))["box"] == box
    told = to_wire(UncertainRegion(epoch=1, number=2, value=3, box=box, region=region))
    assert (told["type"], told["value"], told["region"]) == ("uncertain", 3, region)


def test_the_place_to_look_at_is_told_to_the_page_that_asked() -> None:
    assert parse({"type": "where_needed", "client": "p", "epoch": 1}) == WhereNeeded(client="p", epoch=1)
    told = to_wire(GoTo(client="p", epoch=1, position=(4, 5, 6)))
    assert told == {"type": "go_to", "client": "p", "epoch": 1, "position": (4, 5, 6)}


def test_uncertainty_is_shown_or_not() -> None:
    assert parse({"type": "show_uncertainty", "on": True}) == ShowUncertainty(on=True)
