"""When the model is asked how unsure it is, and when not."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import numpy as np
import pytest

from jlabel.errors import TaskError
from jlabel.registry import ModelVersion
from tests.labeler.features.choosing import finder, manager, page, studies  # noqa: F401 - fixtures


@pytest.fixture
def maps(page):
    return page.labeler._controller.features.uncertainty_maps


def shown(page, maps):
    page.ask("show_uncertainty", on=True)
    page.wait(lambda: maps.found is not None)
    return maps.found


def test_the_model_is_asked_only_where_somebody_wants_to_know(page, maps, finder):
    page.labeler.open("case_1")
    assert finder.asked == []
    found = shown(page, maps)
    assert finder.asked == ["case_1"]
    assert (found.model, found.uncertainty.dtype, int(found.uncertainty.max())) == ("finder", np.uint8, 229)
    assert found.answer[8, 0, 0] == 1


def test_it_is_asked_once_for_an_image_and_again_for_another(page, maps, finder):
    shown(page, maps)
    page.ask("show_uncertainty", on=False)
    page.ask("show_uncertainty", on=True)
    assert finder.asked == ["case_0"]
    page.labeler.open("case_1")
    page.wait(lambda: maps.found is not None)
    assert finder.asked == ["case_0", "case_1"]


def test_what_is_not_ready_is_given_up_with_its_image(page, maps, finder):
    finder.gate.clear()
    page.ask("show_uncertainty", on=True)
    page.wait(lambda: finder.asked == ["case_0"])
    first = maps._queued[0]
    page.labeler.open("case_1")
    assert first.cancelled
    finder.gate.set()
    page.wait(lambda: maps.found is not None)
    assert finder.asked == ["case_0", "case_1"]


def test_what_the_person_asks_of_a_model_comes_first(page, maps, finder):
    finder.gate.clear()
    page.ask("show_uncertainty", on=True)
    page.wait(lambda: finder.asked == ["case_0"])
    page.click((5, 5, 4))
    page.wait(lambda: page.labeler.mask.any())
    finder.gate.set()
    page.wait(lambda: maps.found is not None)
    assert finder.asked == ["case_0", "case_0"]


def test_another_version_is_asked_anew(page, maps, finder, monkeypatch):
    before = shown(page, maps)
    monkeypatch.setattr(finder, "version_in_use", lambda: ModelVersion("finder", 4))
    page.labeler._controller.models_changed()
    page.wait(lambda: maps.found is not None and maps.found is not before)
    assert maps.found.model == "finder version 4"


def test_without_a_trained_model_it_says_what_to_do(page, maps, finder):
    finder.ready = False
    page.labeler._controller.models_changed()
    page.ask("show_uncertainty", on=True)
    assert finder.asked == []
    assert page.state()["uncertainty"]["hint"] == (
        "There is no trained model yet: save the labels of a few images, then press Train"
    )


def test_without_a_model_for_it_it_says_so(page, manager, maps):
    del manager.app.infers["finder"]
    page.labeler._controller.models_changed()
    page.ask("show_uncertainty", on=True)
    assert "no model that works without prompts" in page.state()["uncertainty"]["hint"]


def test_a_model_that_does_not_know_and_one_that_fails_are_named(page, maps, finder, monkeypatch):
    monkeypatch.setattr(finder, "uncertainty", lambda *_: None)
    page.ask("show_uncertainty", on=True)
    page.wait(lambda: page.state()["uncertainty"]["hint"] == "finder does not say how sure it is")

    def fail(*_):
        raise TaskError("model 'finder' failed on 'case_1': no memory")

    monkeypatch.setattr(finder, "uncertainty", fail)
    page.labeler.open("case_1")
    page.wait(lambda: "no memory" in page.state()["uncertainty"]["hint"])
