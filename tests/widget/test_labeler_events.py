"""A notebook hears of what happens in a labeler by `on`, until `off`."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import pytest

from jlabel.errors import JlabelError
from jlabel.labeler.events import DraftChanged, ImageOpened, LabelSaved, ModelVersionChanged
from tests.widget.labeler_pages import labeler, manager, page, studies  # noqa: F401 - fixtures


def test_saving_is_told_with_tag_and_version(labeler):
    heard: list[LabelSaved] = []
    labeler.on("saved", heard.append)
    labeler.save()
    labeler.edit("threshold", low=-1e9, high=1e9)
    labeler.save()
    labeler._worker.flush()
    assert heard == [LabelSaved("case_0", "final", 1), LabelSaved("case_0", "final", 2)]


def test_opening_is_told_with_the_version_that_the_draft_began_with(labeler):
    heard: list[ImageOpened] = []
    labeler.on("opened", heard.append)
    labeler.save()
    labeler.open("case_1")
    labeler.open("case_0")
    labeler._worker.flush()
    assert heard == [ImageOpened("case_1", None), ImageOpened("case_0", 1)]


def test_every_change_of_the_draft_is_told_in_order(page, labeler):
    heard: list[DraftChanged] = []
    labeler.on("changed", heard.append)
    labeler.edit("threshold", low=-1e9, high=1e9)
    labeler.undo()
    labeler._worker.flush()
    assert heard == [DraftChanged("case_0", True), DraftChanged("case_0", False)]


def test_a_version_that_is_taken_into_use_or_kept_is_told(labeler):
    heard: list[ModelVersionChanged] = []
    labeler.on("version", heard.append)
    with labeler._controller.lock:
        labeler._controller.happened(ModelVersionChanged("segmentation", 3, True))
    labeler._worker.flush()
    assert heard == [ModelVersionChanged("segmentation", 3, True)]


def test_it_is_a_decorator_that_leaves_the_function_as_it_is(labeler):
    heard = []

    @labeler.on("saved")
    def note(event):
        heard.append(event.image_id)

    assert note.__name__ == "note"
    labeler.save()
    labeler._worker.flush()
    assert heard == ["case_0"]
    labeler.off("saved", note)
    labeler.save()
    labeler._worker.flush()
    assert heard == ["case_0"]


def test_what_it_returns_stops_it(labeler):
    heard: list[LabelSaved] = []
    stop = labeler.on("saved", heard.append)
    stop()
    stop()
    labeler.save()
    labeler._worker.flush()
    assert heard == []


@pytest.mark.parametrize("ask", [lambda one: one.on("save"), lambda one: one.on("save", print)])
def test_an_unknown_event_is_one_error_that_names_those_there_are(labeler, ask):
    with pytest.raises(JlabelError, match="no event 'save'; the events are opened, saved, changed, version"):
        ask(labeler)
