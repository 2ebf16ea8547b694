"""Errors are shown until somebody has read them, also on pages that come later."""

from __future__ import annotations

import pytest

from jlabel.widget import Labeler
from tests.widget.labeler_pages import Page, labeler, manager, studies  # noqa: F401 - fixtures

# ruff: noqa: F811 - pytest finds fixtures by their names


def test_what_went_wrong_before_any_page_came_is_known_to_the_first(
    labeler: Labeler, monkeypatch: pytest.MonkeyPatch
) -> None:
    labeler._controller.report_error("the draft cannot be kept")
    page = Page(labeler, monkeypatch)
    assert page.state()["errors"] == ["the draft cannot be kept"]
    page.ask("errors_read", errors=["the draft cannot be kept"])
    assert page.state()["errors"] == []
    assert Page(labeler, monkeypatch).state()["errors"] == []


def test_an_error_that_came_since_is_not_read_yet(labeler: Labeler, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(labeler, monkeypatch)
    for text in ("one", "two", "one"):
        labeler._controller.report_error(text)
    assert page.state()["errors"] == ["two", "one"]
    assert [error["text"] for error in page.told("error")] == ["one", "two", "one"]
    page.ask("errors_read", errors=["two"])
    assert page.state()["errors"] == ["one"]


def test_only_the_newest_are_kept_and_none_for_the_next_image(
    labeler: Labeler, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page(labeler, monkeypatch)
    for number in range(9):
        labeler._controller.report_error(f"error {number}")
    assert page.state()["errors"] == [f"error {number}" for number in range(4, 9)]
    labeler.open("case_1")
    assert page.state()["errors"] == []
