"""What is open and chosen in a labeler, read, set and observed by a notebook."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from jlabel.errors import DatastoreError, JlabelError
from tests.widget.labeler_pages import labeler, manager, page, studies  # noqa: F401 - fixtures  # noqa: F401 - fixtures


def wait(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def changes(labeler, *names):
    """What observers of these traits hear: name, old and new value."""
    heard: list[tuple[str, object, object]] = []
    labeler.observe(lambda change: heard.append((change.name, change.old, change.new)), list(names))
    return heard


def test_setting_a_label_tells_observers_before_it_returns(labeler):
    heard = changes(labeler, "label")
    labeler.label = "b"
    assert heard == [("label", "a", "b")]
    labeler.label = "b"
    assert len(heard) == 1


def test_a_label_that_is_refused_keeps_the_former_one(labeler):
    heard = changes(labeler, "label")
    with pytest.raises(JlabelError, match="no label 'lung'; there is a, b"):
        labeler.label = "lung"
    assert labeler.label == "a"
    assert heard == []


def test_a_choice_in_a_page_is_observed(page, labeler):
    heard = changes(labeler, "label", "tool")
    page.ask("choose", what="label", value="b")
    page.ask("choose", what="tool", value="brush")
    wait(lambda: len(heard) == 2)
    assert heard == [("label", "a", "b"), ("tool", "navigate", "brush")]
    assert (labeler.label, labeler.tool) == ("b", "brush")


def test_the_tool_is_set_from_python_and_told_to_the_pages(page, labeler):
    labeler.tool = "eraser"
    assert page.state()["tool"] == "eraser"
    with pytest.raises(JlabelError, match="no tool 'saw'; there is navigate, click-add"):
        labeler.tool = "saw"
    assert labeler.tool == "eraser"


def test_opening_saving_and_painting_are_observed(labeler):
    heard = changes(labeler, "image_id", "dirty", "counts")
    labeler.edit("threshold", low=-1e9, high=1e9)
    wait(lambda: ("dirty", False, True) in heard)
    labeler.save()
    wait(lambda: len(heard) >= 3)
    labeler.open("case_1")
    wait(lambda: ("image_id", "case_0", "case_1") in heard)
    images = labeler.counts["images"]
    before, after = ({"images": images, "labelled": n} for n in (0, 1))
    assert ("dirty", True, False) in heard
    assert ("counts", before, after) in heard


def test_setting_the_image_opens_it(labeler):
    labeler.image_id = "case_1"
    assert labeler.image_id == "case_1"
    with pytest.raises(DatastoreError, match="no image 'case_99'"):
        labeler.image_id = "case_99"
    assert labeler.image_id == "case_1"
    labeler.edit("threshold", low=-1e9, high=1e9)
    with pytest.raises(JlabelError, match="not saved"):
        labeler.image_id = "case_0"
    assert labeler.image_id == "case_1"


@pytest.mark.parametrize("name", ["dirty", "counts", "progress"])
def test_what_follows_the_labeler_cannot_be_set(labeler, name):
    with pytest.raises(AttributeError, match=f"{name} follows the labeler"):
        setattr(labeler, name, getattr(labeler, name))


def test_progress_grows_to_1_while_something_is_done(labeler):
    assert labeler.progress == 1.0
    heard = changes(labeler, "progress")
    labeler.save()
    wait(lambda: bool(heard) and heard[-1][2] == 1.0)
    assert all(0 <= new <= 1 for _, _, new in heard)


@pytest.mark.parametrize(("what", "name"), [("model", "x"), ("strategy", "x"), ("label", "x")])
def test_unknown_choices(labeler, what, name):
    with pytest.raises(JlabelError, match=f"no {what} 'x'; there is"):
        setattr(labeler, what, name)
