"""Which image "next" opens, and what is said where there is none."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import numpy as np
import pytest

from jlabel.datastores.annotation_tasks import AnnotationFrame, AnnotationTask
from jlabel.labeler.features.next_image import StrategyChooser
from jlabel.tasks.strategy import Choice
from tests.labeler.features.choosing import manager, page, studies  # noqa: F401 - fixtures
from tests.widget.labeler_pages import SHAPE


@pytest.fixture
def chooser(page):
    return StrategyChooser(page.labeler._controller)


def test_it_is_what_the_chosen_strategy_gives(page, chooser):
    page.labeler.strategy = "first"
    assert chooser.choose(("case_0",)) == Choice("case_1")
    assert chooser.choose(("case_0", "case_1", "case_2")) is None


def test_what_is_left_is_counted_anew(page, manager, chooser):
    assert chooser.nothing_left() == "No further image without a label"
    for n in range(3):
        manager.save_label(f"case_{n}", np.ones(SHAPE, np.uint8))
    assert chooser.nothing_left() == "All 3 images are labelled"
    assert page.state()["labelled"] == 3


def test_what_is_out_is_not_given_and_said(page, manager, chooser):
    out = [
        (AnnotationTask("key", "a server", 1), [AnnotationFrame("a.png", "case_0"), AnnotationFrame("b.png", "case_1")])
    ]
    manager.datastore.annotation_tasks.plan("a server", lambda number: out)
    page.labeler.strategy = "first"
    assert chooser.choose(()) == Choice("case_2")
    assert chooser.choose(("case_2",)) is None
    assert chooser.nothing_left() == "No further image without a label. 2 are out to be annotated"
    manager.save_label("case_0", np.ones(SHAPE, np.uint8))
    assert chooser.nothing_left() == "No further image without a label. 1 is out to be annotated"
