"""What models are told of other labels when they are asked for one."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import numpy as np
import pytest

from jlabel.imaging import Region
from tests.widget.prompting_pages import SHAPE, App, Dots, Page, dots, manager, page, studies  # noqa: F401 - fixtures


@pytest.fixture
def told(dots, monkeypatch):
    """What each request told of the other labels in the whole image, as voxels; None where it told nothing."""
    heard = []
    plain = Dots.segment

    def segment(self, crop, request, watch):
        others = request.other_labels
        heard.append(None if others is None else np.argwhere(others(Region.whole(SHAPE))).tolist())
        return plain(self, crop, request, watch)

    monkeypatch.setattr(Dots, "segment", segment)
    return heard


def test_a_model_is_told_which_voxels_hold_another_label(page, told):
    page.stroke((1, 1, 1), (2, 2, 2), 2)
    page.stroke((5, 5, 5), (6, 6, 6), 1)
    page.click("p", (3, 3, 3))
    page.settle()
    assert told == [[[1, 1, 1]]]


def test_what_the_last_answer_took_from_another_label_is_told_as_that_one(page, told):
    page.stroke((1, 1, 1), (2, 2, 2), 2)
    page.click("p", (1, 1, 1))
    page.settle()
    assert page.voxels(2) == set()
    page.click("q", (3, 3, 3))
    page.settle()
    assert told[-1] == [[1, 1, 1]]


def test_a_region_gets_its_own_voxels_as_they_are_at_that_moment(page, dots, monkeypatch):
    requests = []
    plain = Dots.segment

    def segment(self, crop, request, watch):
        requests.append(request)
        return plain(self, crop, request, watch)

    monkeypatch.setattr(Dots, "segment", segment)
    page.click("p", (3, 3, 3))
    page.settle()
    region = Region((2, 2, 2), (6, 5, 4))
    assert not requests[0].other_labels(region).any()
    page.stroke((4, 4, 3), (5, 5, 4), 2)
    found = requests[0].other_labels(region)
    assert (found.shape, np.argwhere(found).tolist()) == (region.shape, [[2, 2, 1]])


def test_a_switch_keeps_it_from_the_models(page, told):
    assert page.state["othersAsBackground"] is True
    page.ask("others_as_background", on=False)
    assert (page.state["othersAsBackground"], page.labeler.other_labels_as_background) == (False, False)
    page.click("p", (3, 3, 3))
    page.settle()
    page.labeler.other_labels_as_background = True
    page.run()
    page.settle()
    assert told == [None, []]
