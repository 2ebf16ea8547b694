"""Looking through finished labels from a page."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import numpy as np
import pytest

from tests.labeler.features.choosing import manager, page, studies  # noqa: F401 - fixtures
from tests.widget.labeler_pages import SHAPE


@pytest.fixture
def labelled(manager):
    """All three images have a label; that of the second lacks a slice."""
    for n in range(3):
        mask = np.zeros(SHAPE, np.uint8)
        mask[2:8, 2:8, 1:7] = 1
        if n == 1:
            mask[:, :, 4] = 0
        manager.save_label(f"case_{n}", mask)
    return manager


def looked_at(manager):
    return {one.image_id for one in manager.review() if one.looked_at}


def begin(page):
    page.ask("review", epoch=page.state()["epoch"])
    page.wait(lambda: page.state()["review"] is not None and page.state()["busy"] is None)


def ask(page, kind):
    """Ask for what opens another image, and wait for it."""
    epoch = page.state()["epoch"]
    page.ask(kind, epoch=epoch)
    page.wait(lambda: page.state()["epoch"] > epoch and page.state()["busy"] is None)


def test_the_most_suspicious_label_comes_first_with_its_reason(page, labelled):
    begin(page)
    state = page.state()
    assert (state["imageId"], state["review"]) == ("case_1", {"place": 1, "total": 3, "order": "suspicious"})
    assert state["reason"] == "slice k = 4 of a is empty between filled ones"


def test_next_goes_on_in_the_queue_until_it_is_through(page, labelled):
    begin(page)
    ask(page, "next")
    assert page.state()["review"] == {"place": 2, "total": 3, "order": "suspicious"}
    ask(page, "next")
    assert page.state()["review"] == {"place": 3, "total": 3, "order": "suspicious"}
    page.ask("next", epoch=page.state()["epoch"])
    page.wait(lambda: page.state()["review"] is None)
    page.wait(lambda: page.state()["notice"] == "The review is through: all 3 labels were shown")
    assert looked_at(labelled) == set()


def test_what_looks_right_is_noted_without_a_new_version_and_not_shown_again(page, labelled):
    begin(page)
    ask(page, "looks_right")
    assert looked_at(labelled) == {"case_1"}
    assert labelled.datastore.current_version("case_1").number == 1
    page.ask("end_review")
    begin(page)
    assert page.state()["review"]["total"] == 2


def test_a_label_that_is_corrected_was_looked_at(page, labelled):
    begin(page)
    page.stroke((3, 3, 4), (5, 5, 5), 1)
    page.ask("save", epoch=page.state()["epoch"])
    page.wait(lambda: looked_at(labelled) == {"case_1"})
    assert labelled.datastore.current_version("case_1").number == 2


def test_a_way_out_leads_back_to_the_strategy(page, labelled, monkeypatch):
    begin(page)
    page.ask("end_review")
    assert page.state()["review"] is None
    assert page.state()["imageId"] == "case_1"
    page.ask("next", epoch=page.state()["epoch"])
    page.wait(lambda: page.state()["notice"] == "All 3 images are labelled")
    page.stroke((0, 0, 0), (1, 1, 1), 1)
    page.labeler.save()
    assert looked_at(labelled) == set()


def test_an_image_opened_by_hand_is_none_of_it_and_next_goes_on(page, labelled):
    begin(page)
    page.labeler.open("case_0")
    place = page.state()["review"]["place"]
    assert place == [one.image_id for one in labelled.review()].index("case_0") + 1
    ask(page, "next")
    assert page.state()["review"] is not None


def test_nothing_to_review_is_said(page, manager):
    page.ask("review", epoch=page.state()["epoch"])
    page.wait(lambda: page.state()["notice"] == "There is no finished label to review yet")
    manager.save_label("case_2", np.ones(SHAPE, np.uint8))
    manager.looked_at("case_2")
    page.ask("review", epoch=page.state()["epoch"])
    page.wait(lambda: page.state()["notice"] == "Nothing to review: the one label was looked at already")
    assert page.state()["review"] is None


def test_unsaved_changes_are_kept(page, labelled):
    page.stroke((0, 0, 0), (1, 1, 1), 1)
    page.ask("review", epoch=page.state()["epoch"])
    page.wait(lambda: page.told("error") != [])
    assert "has changes that are not saved" in page.told("error")[0]["text"]
    assert page.state()["review"] is None
    page.ask("review", epoch=page.state()["epoch"], discard=True)
    page.wait(lambda: page.state()["review"] is not None)


def test_what_looks_right_has_to_be_one_of_the_review(page, labelled):
    page.ask("looks_right", epoch=page.state()["epoch"])
    page.wait(lambda: page.told("error") != [])
    assert "case_0 is not one of the labels that are reviewed" in page.told("error")[0]["text"]


def test_a_label_whose_image_is_gone_is_left_out(page, labelled, studies):
    begin(page)
    others = [one.image_id for one in labelled.review()][1:]
    (studies / f"{others[0]}.nii.gz").write_bytes(b"no image")
    ask(page, "next")
    assert page.state()["imageId"] == others[1]
    page.wait(lambda: page.told("error") != [])
    assert "Left out, since it cannot be read" in page.told("error")[0]["text"]


def test_the_next_label_of_the_queue_is_expected(page, labelled):
    begin(page)
    expected = page.labeler._controller.features.navigation.expected()
    ask(page, "next")
    assert page.state()["imageId"] == expected
