from __future__ import annotations

from jlabel.labeler.protocol.incoming import parse
from jlabel.labeler.protocol.tag_messages import AskForTag, TagImage


def test_a_page_says_which_class_an_image_has():
    told = parse({"type": "tag_image", "seq": 3, "epoch": 2, "name": "view", "values": []})
    assert told == TagImage(seq=3, epoch=2, name="view", values=[])
    assert parse({"type": "ask_for_tag", "epoch": 2, "name": "view"}) == AskForTag(epoch=2, name="view")
