"""The list of images and going back, as a page asks for them."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import shutil

import pytest

from jlabel.datastores import Score
from jlabel.errors import DatastoreError, JlabelError
from jlabel.selection import ScoreStrategy
from tests.widget.labeler_pages import labeler, manager, page, studies  # noqa: F401 - fixtures


def browse(page, request=1, **which):
    asked = {"client": "page", "request": request, "search": "", "state": None, "offset": 0, "limit": 50} | which
    page.ask("browse", **asked)

    def answers():
        # An answer to an earlier question may come once more, after a look for new images.
        return [told for told in page.told("images") if told["request"] == request]

    page.wait(lambda: answers() != [])
    return answers()[-1]


def test_a_page_of_the_list(labeler, page):
    labeler.save()
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    labeler._controller.features.navigation.journal_worker.flush()
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


def test_the_list_has_the_scores_of_the_chosen_strategy_and_their_order(labeler, page, manager):
    manager.app.strategies["brightest"] = ScoreStrategy("brightness", "seen")
    values = {"case_0": 0.25, "case_2": 0.75}
    manager.datastore.scores.save([Score(image, "brightness", value, "seen", 3) for image, value in values.items()])
    told = browse(page, order="score")
    assert told["scores"] is None
    assert [(one["id"], one["score"]) for one in told["entries"]] == [(f"case_{n}", None) for n in range(3)]
    labeler.strategy = "brightest"
    told = browse(page, 2, order="score")
    assert told["scores"] == "brightness, version 3"
    assert [(one["id"], one["score"]) for one in told["entries"]] == [
        ("case_2", 0.75),
        ("case_0", 0.25),
        ("case_1", None),
    ]
    assert [one["id"] for one in browse(page, 3)["entries"]] == ["case_0", "case_1", "case_2"]


def test_the_list_shows_what_has_come_into_the_folder(labeler, page, studies):
    template = next(studies.glob("case_0*"))
    shutil.copy(template, studies / f"new{''.join(template.suffixes)}")
    (studies / "old.ppm").write_bytes(b"P6")
    assert browse(page)["total"] == 3
    page.wait(lambda: page.told("images")[-1]["total"] == 4)
    told = page.told("images")[-1]
    assert [one["id"] for one in told["entries"]] == ["case_0", "case_1", "case_2", "new"]
    assert told["notes"][0].startswith("1 file was left out: 1 of a format that is not supported: old.ppm")
    page.wait(lambda: page.state()["images"] == 4)


def test_a_page_that_is_none_is_an_error_in_words(page):
    page.ask("browse", client="page", request=1, state="lost", offset=0, limit=50)
    page.wait(lambda: page.told("error") != [])
    assert "Invalid enum value 'lost' - at `$.state`" in page.told("error")[0]["text"]


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
