"""Whether any page shows the labeler, and what is done once none does."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import threading

import pytest

from jlabel.labeler.features import page_presence
from jlabel.labeler.features.page_presence import PagePresence
from jlabel.widget import Labeler
from tests.widget.labeler_pages import Page, labeler, manager, page, studies  # noqa: F401 - fixtures


@pytest.fixture
def presence(labeler: Labeler) -> PagePresence:
    return labeler._controller.features.presence


def test_where_no_page_shows_it_that_is_done_at_once(presence: PagePresence) -> None:
    done = threading.Event()
    presence.when_unshown(done.set)
    assert done.is_set()


def test_pages_are_asked_and_it_waits_for_the_last_view(presence: PagePresence, page: Page) -> None:
    done = threading.Event()
    page.ask("shown", client="page", views=2)
    presence.when_unshown(done.set)
    assert page.told("who_shows")
    page.ask("shown", client="page", views=1)
    assert not done.is_set()
    page.ask("shown", client="page", views=0)
    assert done.is_set()


def test_it_is_done_once(presence: PagePresence, page: Page) -> None:
    times: list[int] = []
    presence.when_unshown(lambda: times.append(1))
    page.ask("shown", client="page", views=0)
    page.ask("shown", client="page", views=1)
    page.ask("shown", client="page", views=0)
    assert times == [1]


def test_a_page_that_does_not_answer_is_gone(
    presence: PagePresence, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_presence, "_PATIENCE", -1.0)
    done = threading.Event()
    page.ask("shown", client="page", views=1)
    presence.when_unshown(done.set)
    presence._watch()
    assert done.wait(60)


def test_a_page_that_answers_stays_whatever_time_has_passed(
    presence: PagePresence, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()
    page.ask("shown", client="page", views=1)
    presence.when_unshown(done.set)
    page.ask("shown", client="page", views=1)
    monkeypatch.setattr(presence, "_deadline", 0.0)
    presence._watch()
    assert not done.is_set()


def test_a_labeler_that_is_closed_does_nothing_more(presence: PagePresence, page: Page, labeler: Labeler) -> None:
    done = threading.Event()
    page.ask("shown", client="page", views=1)
    presence.when_unshown(done.set)
    presence.close()
    page.ask("shown", client="page", views=0)
    assert not done.is_set()
