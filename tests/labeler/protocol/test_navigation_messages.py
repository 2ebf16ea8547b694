"""From image to image: a change that is not saved is given up only where the page says so."""

from __future__ import annotations

import pytest

from jlabel.labeler.protocol.incoming import message_types, parse
from jlabel.labeler.protocol.message import ForImage
from jlabel.labeler.protocol.navigation_messages import Open


@pytest.mark.parametrize("kind", ["next", "previous", "skip", "review", "looks_right"])
def test_what_is_not_saved_is_kept_unless_the_page_says_otherwise(kind: str) -> None:
    asked = parse({"type": kind, "epoch": 4})
    assert isinstance(asked, ForImage)
    assert asked.epoch == 4
    assert asked == message_types()[kind](epoch=4, discard=False)  # type: ignore[call-arg]
    assert asked != parse({"type": kind, "epoch": 4, "discard": True})


def test_an_image_is_opened_whatever_is_open_now() -> None:
    opened = parse({"type": "open", "image": "case_1", "discard": True})
    assert opened == Open(image="case_1", discard=True)
    assert not isinstance(opened, ForImage)


def test_a_review_ends_whatever_is_open_now() -> None:
    assert not isinstance(parse({"type": "end_review"}), ForImage)
