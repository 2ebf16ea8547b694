"""Verdicts on labels, notes and the team, from a page."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import numpy as np
import pytest

from tests.labeler.features.choosing import manager, page, studies  # noqa: F401 - fixtures
from tests.widget.labeler_pages import SHAPE


@pytest.fixture
def labelled(manager):
    """The first two images have a label by mia."""
    manager.annotator = "mia"
    for n in range(2):
        mask = np.zeros(SHAPE, np.uint8)
        mask[2:8, 2:8, 1:7] = 1
        manager.save_label(f"case_{n}", mask)
    manager.annotator = "ben"
    return manager


def ask(page, kind, **content):
    """Ask for what opens another image, and wait for it."""
    epoch = page.state()["epoch"]
    page.ask(kind, epoch=epoch, **content)
    page.wait(lambda: page.state()["epoch"] > epoch and page.state()["busy"] is None)


def test_a_review_gives_what_waits_for_a_verdict_until_nothing_does(page, labelled):
    ask(page, "review", order="waiting")
    assert page.state()["imageId"] == "case_0"
    assert page.state()["review"] == {"place": 1, "total": 1, "order": "waiting"}
    assert page.state()["lease"]["purpose"] == "review"
    ask(page, "accept_label")
    assert (page.state()["imageId"], page.state()["reason"]) == ("case_1", "it waits for a review")
    page.ask("send_label_back", epoch=page.state()["epoch"], comment="a slice is missing", place=[3, 4, 2])
    page.wait(lambda: page.state()["notice"] == "No label waits for a review now. Next looks again")
    assert page.state()["review"] == {"place": 0, "total": 0, "order": "waiting"}
    assert [one.image_id for one in labelled.sent_back()] == ["case_1"]
    assert labelled.datastore.reviews.of_image("case_0").verdict == "accepted"


def test_a_review_goes_on_with_what_is_saved_later(page, labelled):
    labelled.accept("case_0")
    ask(page, "review", order="waiting")
    assert page.state()["imageId"] == "case_1"
    page.ask("accept_label", epoch=page.state()["epoch"])
    page.wait(lambda: page.state()["review"]["total"] == 0)
    labelled.annotator = "mia"
    labelled.save_label("case_2", np.ones(SHAPE, np.uint8))
    labelled.annotator = "ben"
    ask(page, "next")
    assert (page.state()["imageId"], page.state()["review"]["place"]) == ("case_2", 1)
    page.ask("end_review")
    page.wait(lambda: page.state()["review"] is None)


def test_a_labeler_that_reviews_from_the_beginning(labelled):
    with labelled.labeler(strategy="review") as labeler:
        assert (labeler.image_id, labeler.strategy) == ("case_0", "review")
        labeler.team.accept()
        assert labeler.image_id == "case_1"
        labeler.team.send_back("a slice is missing")
        assert labeler.next() is None
        labeler.strategy = "first"
        assert (labeler.strategy, labeler.next()) == ("first", "case_2")


def test_where_nothing_waits_yet_the_images_are_counted_all_the_same(manager):
    with manager.labeler(strategy="review") as labeler:
        assert (labeler.image_id, labeler.counts) == (None, {"images": 3, "labelled": 0})
        assert labeler._controller.features.review.state()["review"] is not None


def test_the_open_label_comes_again_once_it_is_saved_anew(labelled):
    labelled.accept("case_1")
    with labelled.labeler(strategy="review") as labeler:
        labeler.team.send_back("a slice is missing")
        assert labeler.next() is None
        labelled.annotator = "mia"
        labelled.save_label("case_0", np.ones(SHAPE, np.uint8))
        labelled.annotator = "ben"
        assert labeler.next() == "case_0"
        assert labeler.mask.all()


def test_what_the_review_goes_on_with_is_expected(labelled):
    with labelled.labeler(strategy="review") as labeler:
        navigation = labeler._controller.features.navigation
        assert navigation.expected() == "case_1"
        assert labeler.next() == "case_1"
        assert navigation.expected() is None


def test_who_opens_a_label_that_was_sent_back_is_told_what_and_where(page, labelled):
    labelled.send_back("case_0", "a slice is missing", place=(3, 4, 2))
    ask(page, "open", image="case_0")
    page.wait(lambda: page.state()["verdict"] is not None)
    verdict = page.state()["verdict"]
    assert (verdict["verdict"], verdict["reviewer"], verdict["author"]) == ("sent_back", "ben", "mia")
    assert (verdict["comment"], verdict["place"], verdict["version"]) == ("a slice is missing", [3, 4, 2], 1)
    page.ask("save", epoch=page.state()["epoch"])
    page.wait(lambda: page.state()["verdict"] is None)


def test_notes_are_kept_with_the_image(page, labelled):
    ask(page, "open", image="case_1")
    page.ask("note_image", epoch=page.state()["epoch"], text="motion")
    page.wait(lambda: page.state()["imageNotes"] != [])
    assert [(one["text"], one["author"]) for one in page.state()["imageNotes"]] == [("motion", "ben")]


def test_a_page_asks_who_works_on_what(page, labelled):
    page.ask("ask_for_team", client="page", agreement=True)
    page.wait(lambda: page.told("team") != [])
    [told] = page.told("team")
    assert (told["toDo"], told["waiting"], told["agreement"]) == (1, 2, [])
    assert [(one["name"], one["labelled"]) for one in told["members"] if one["name"] == "mia"] == [("mia", 2)]
