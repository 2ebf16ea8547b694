"""The list of images and going back, as a page asks for them."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import pytest

from jlabel.errors import DatastoreError, JlabelError
from tests.widget.labeler_pages import labeler, manager, page, studies  # noqa: F401 - fixtures


def browse(page, request=1, **which):
    asked = {"client": "page", "request": request, "search": "", "state": None, "offset": 0, "limit": 50} | which
    page.ask("browse", **asked)
    page.wait(lambda: any(told["request"] == request for told in page.told("images")))
    return page.told("images")[-1]


def test_a_page_of_the_list(labeler, page):
    labeler.save()
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    labeler._desk.shelf.keeper.flush()
    told = browse(page)
    assert (told["offset"], told["total"]) == (0, 3)
    assert [(one["id"], one["state"], one["draft"]) for one in told["entries"]] == [
        ("case_0", "final", True),
        ("case_1", "unlabelled", False),
        ("case_2", "unlabelled", False),
    ]
    assert told["entries"][0]["time"].endswith("+00:00")
    assert browse(page, 2, search="_1", limit=1)["entries"][0]["id"] == "case_1"
    assert browse(page, 3, state="final", offset=1)["entries"] == []


def test_a_page_that_is_none_is_an_error_in_words(page):
    page.ask("browse", client="page", request=1, state="lost", offset=0, limit=50)
    page.wait(lambda: page.told("error") != [])
    assert "no state 'lost'" in page.told("error")[0]["text"]


def test_back_and_forward(labeler, page):
    assert not page.state()["canGoBack"]
    assert labeler.previous() is None
    assert labeler.next() == "case_1"
    assert labeler.next() == "case_0"
    labeler.open("case_2")
    assert page.state()["canGoBack"]
    page.ask("previous")
    page.wait(lambda: labeler.image_id == "case_0")
    assert labeler.previous() == "case_1"
    assert labeler.next() == "case_0"
    assert labeler.next() == "case_2"
    assert labeler.next() in {"case_0", "case_1"}


def test_going_back_keeps_unsaved_changes(labeler, page):
    labeler.next()
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    with pytest.raises(JlabelError, match="not saved"):
        labeler.previous()
    assert labeler.image_id == "case_1"
    assert labeler.previous(discard=True) == "case_0"
    assert labeler.next() == "case_1"
    assert not labeler.mask.any()


def test_an_image_that_is_gone_is_passed_by(labeler, manager, studies):
    labeler.open("case_1")
    labeler.open("case_2")
    (studies / "case_1.nii.gz").unlink()
    with pytest.raises(DatastoreError, match="gone"):
        labeler.previous()
    assert labeler.image_id == "case_2"
    assert labeler.previous() == "case_0"
