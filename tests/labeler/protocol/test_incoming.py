"""What pages send is checked: each message has a class, and what is malformed says what is wrong with it."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.labeler.protocol.incoming import MessageError, message_types, parse
from jlabel.labeler.protocol.message import Incoming
from tests.widget.labeler_pages import Page, labeler, manager, page, studies  # noqa: F401 - fixtures


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("hello", "unknown type"),
        ({"client": "p"}, "unknown type"),
        ({"type": ["edit"]}, "unknown type"),
        ({"type": "melt"}, "unknown type .*melt.*: reload the page"),
        ({"type": "edit", "client": "p", "seq": 1, "epoch": 1, "value": 1}, r"'edit'.*missing required field `region`"),
        ({"type": "lock", "value": "one", "locked": True}, r"'lock'.*Expected `int`, got `str` - at `\$.value`"),
        ({"type": "lock", "value": 1.5, "locked": True}, r"'lock'.*at `\$.value`"),
        ({"type": "frame", "epoch": 1, "frame": None}, r"'frame'.*at `\$.frame`"),
        ({"type": "choose", "what": "colour", "value": "red"}, r"'choose'.*'colour' - at `\$.what`"),
        ({"type": "prompt", "epoch": 1, "axis": 0, "prompt": {"kind": "click", "label": 3}}, r"at `\$.prompt.label`"),
    ],
)
def test_what_is_malformed_says_where(sent: object, words: str) -> None:
    with pytest.raises(MessageError, match=words):
        parse(sent)


@given(
    st.dictionaries(
        st.sampled_from(["type", "client", "seq", "epoch", "prompt", "region", "value", "known", "what"]),
        st.one_of(
            st.none(), st.integers(), st.text(), st.lists(st.integers()), st.sampled_from(sorted(message_types()))
        ),
    )
)
def test_anything_is_a_message_or_an_error_in_words(sent: dict[str, object]) -> None:
    try:
        message = parse(sent)
    except MessageError:
        return
    assert type(message) is message_types()[str(sent["type"])]


def test_messages_without_their_fields_leave_the_draft_as_it_was(
    page: Page,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    draft = page.labeler._controller.require_image().draft
    before, position = draft.mask.copy(), draft.history.position
    for kind in sorted(set(message_types()) - {"hello", "pull"}):
        page.heard.clear()
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            page.ask(kind, client=7)
        (error,) = page.told("error")
        assert "that makes no sense" in error["text"], kind
        assert "KeyError" not in error["text"], kind
        assert kind in caplog.text
        assert (draft.mask == before).all(), kind
        assert draft.history.position == position, kind
        assert page.labeler._controller.require_image().draft is draft, kind


def test_every_message_of_a_page_is_known() -> None:
    leaves, waiting = set(), [Incoming]
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        if not one.__subclasses__():
            leaves.add(one)
    assert leaves == set(message_types().values())
