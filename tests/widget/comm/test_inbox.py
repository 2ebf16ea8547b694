"""Messages from the pages: once each, and in order."""

from __future__ import annotations

from typing import Any

from jlabel.labeler.protocol.page_messages import Ack
from jlabel.widget.comm.inbox import Inbox


def take(inbox: Inbox, done: list[Any], page: str, seq: int) -> Ack:
    answer = inbox.take({"client": page, "seq": seq}, lambda: done.append((page, seq)))
    assert answer is not None
    return answer


def test_what_was_heard_already_is_passed_by() -> None:
    inbox, done = Inbox(), list[Any]()
    for seq in (1, 2, 1, 2, 3):
        answer = take(inbox, done, "page", seq)
    assert done == [("page", 1), ("page", 2), ("page", 3)]
    assert answer == Ack(client="page", seq=3)


def test_what_comes_before_something_missing_is_refused_until_that_has_come() -> None:
    inbox, done = Inbox(), list[Any]()
    answers = [take(inbox, done, "page", seq) for seq in (1, 3, 2, 3)]
    assert done == [("page", 1), ("page", 2), ("page", 3)]
    assert answers[1] == Ack(client="page", seq=1, early=3)
    assert answers[3].early is None


def test_every_page_has_numbers_of_its_own() -> None:
    inbox, done = Inbox(), list[Any]()
    take(inbox, done, "one", 1)
    take(inbox, done, "other", 1)
    assert done == [("one", 1), ("other", 1)]
    assert inbox.handled("third") == 0


def test_what_has_no_number_is_handled_at_once() -> None:
    done: list[int] = []
    assert Inbox().take({"type": "pull", "client": "page"}, lambda: done.append(1)) is None
    assert done == [1]
