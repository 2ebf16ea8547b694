"""The list of images comes in parts, as a page asks for them."""

from __future__ import annotations

import pytest

from jlabel.labeler.protocol.image_list_messages import (
    BrowseImages,
    ImageRow,
    Images,
    RowTag,
    TagChoice,
    Thumbnail,
)
from jlabel.labeler.protocol.incoming import MessageError, parse
from jlabel.labeler.protocol.outgoing import to_wire

ASKED = {"type": "browse", "client": "p", "request": 1, "search": "", "state": None, "offset": 0, "limit": 50}


def test_a_part_of_the_list_is_asked_for_by_id_unless_said_otherwise() -> None:
    asked = BrowseImages(client="p", request=1, search="", state=None, offset=0, limit=50)
    assert parse(ASKED) == asked
    assert asked.order == "id"
    assert parse({**ASKED, "order": "score"}) != asked


@pytest.mark.parametrize("changed", [{"state": "burnt"}, {"order": "colour"}, {"limit": "all"}])
def test_what_cannot_be_listed(changed: dict[str, object]) -> None:
    with pytest.raises(MessageError, match="browse"):
        parse({**ASKED, **changed})


def test_the_answer_has_the_number_of_what_was_asked() -> None:
    tag = RowTag(name="view", value="in body", by_person=False, probability=0.75)
    known = {"author": None, "time": None, "score": 0.5, "work": "in_progress", "holder": "mia"}
    row = ImageRow(id="a", state="model", draft=False, tags=[tag], **known)
    told = to_wire(Images(client="p", request=7, offset=0, total=1, entries=[row], notes=[], scores=None))
    assert told["request"] == 7
    sent = {"name": "view", "value": "in body", "byPerson": False, "probability": 0.75}
    assert told["entries"] == [{"id": "a", "state": "model", "draft": False, **known, "tags": [sent]}]


def test_a_part_of_the_list_may_be_of_images_with_a_tag() -> None:
    assert parse({**ASKED, "tagged": {"name": "view", "value": None}}).tagged == TagChoice(name="view", value=None)


def test_a_picture_that_cannot_be_made_says_why() -> None:
    assert to_wire(Thumbnail(client="p", image="a")) == {"type": "thumbnail", "client": "p", "image": "a"}
    assert to_wire(Thumbnail(client="p", image="a", problem="it is empty"))["problem"] == "it is empty"
