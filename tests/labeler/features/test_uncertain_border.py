"""The uncertain border of a model's answer: when models are asked for it, and what the pages are told."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jlabel.app import LabelApp
from jlabel.imaging import Region
from jlabel.imaging.codec.voxels import decode_labels
from jlabel.labeler.features.uncertain_border import probabilities_of
from jlabel.labeler.protocol.values import PROTOCOL
from jlabel.tasks import InferResult
from jlabel.widget import AppManager
from tests.widget.labeler_pages import SHAPE, Ball, Page, studies  # noqa: F401 - fixtures


class Fading(Ball):
    """A ball of radius 2 around each click, less sure with the distance from the last: 1, 0.75, 0.5, 0.25, 0."""

    def __init__(self, **options):
        super().__init__(**options)
        self.asked = []

    def find(self, request, prompts, dropped, watch):
        self.asked.append(request.probabilities)
        found = super().find(request, prompts, dropped, watch)
        index = np.moveaxis(np.indices(found.region.shape), 0, -1) + np.array(found.region.lower)
        distance = np.linalg.norm(index - np.array(prompts[-1].position), axis=-1)
        return replace(found, probabilities=np.clip(1 - distance / 4, 0, 1).astype(np.float16))


class App(LabelApp):
    def init_infers(self):
        return {"fading": Fading(), "ball": Ball(), "flat": Fading(dimension=2)}


@pytest.fixture
def manager(studies):
    manager = AppManager(App(studies, labels=["a", "b"]))
    yield manager
    manager.close()


@pytest.fixture
def page(manager, monkeypatch):
    labeler = manager.labeler(strategy="first")
    yield Page(labeler, monkeypatch)
    labeler.close()


@pytest.fixture
def fading(manager):
    return manager.app.infers["fading"]


def settle(page):
    requests = page.labeler._controller.features.prompting.requests
    page.wait(lambda: not requests.running and page.state()["busy"] is None)


def shown(page):
    """The voxels that a page shows as uncertain, put together from what it was told."""
    bits, value = np.zeros(SHAPE, np.uint8), None
    for content, buffers in page.heard:
        if content["type"] in ("no_uncertain", "uncertain"):
            value = content.get("value")
            bits[...] = 0
        if content["type"] == "uncertain":
            region = Region.from_flat(content["region"])
            assert Region.from_flat(content["box"]) == region
            bits[region.slices] = decode_labels(buffers[0], region)
    return {tuple(v) for v in np.argwhere(bits).tolist()}, value


def ring(centre, ndim=3):
    distance = np.linalg.norm(np.moveaxis(np.indices(SHAPE), 0, -1) - np.array(centre), axis=-1)
    sure = np.clip(1 - distance / 4, 0, 1).astype(np.float16)
    if ndim == 2:
        sure[..., [k for k in range(SHAPE[2]) if k != centre[2]]] = 0
    return {tuple(v) for v in np.argwhere((sure > 0.2) & (sure < 0.8)).tolist()}


def test_models_are_asked_for_it_only_while_it_is_shown(page, fading):
    page.click((5, 5, 4))
    settle(page)
    assert fading.asked == [False]
    assert page.state()["uncertainBorder"] is False
    assert page.told("uncertain") == []


def test_the_border_of_each_answer_takes_the_place_of_the_one_before(page):
    page.ask("uncertain_border", on=True)
    assert page.state()["uncertainBorder"] is True
    page.click((5, 5, 4))
    settle(page)
    assert shown(page) == (ring((5, 5, 4)), 1)
    page.click((3, 4, 4))
    settle(page)
    assert shown(page) == (ring((3, 4, 4)), 1)


def test_a_model_of_one_slice_has_its_border_there(page):
    page.labeler.uncertain_border = True
    page.labeler.model = "flat"
    page.labeler.label = "b"
    page.click((5, 5, 4))
    settle(page)
    assert shown(page) == (ring((5, 5, 4), ndim=2), 2)


def test_switched_on_later_the_model_is_asked_again_and_the_draft_stays(page, fading):
    page.click((5, 5, 4))
    settle(page)
    steps = page.labeler._controller.open_image.draft.history.position
    page.ask("uncertain_border", on=True)
    settle(page)
    assert fading.asked == [False, True]
    assert shown(page) == (ring((5, 5, 4)), 1)
    assert page.labeler._controller.open_image.draft.history.position == steps
    page.ask("uncertain_border", on=False)
    assert shown(page)[0] == set()
    page.ask("uncertain_border", on=True)
    assert shown(page) == (ring((5, 5, 4)), 1)
    assert fading.asked == [False, True]


def test_switched_on_while_a_model_runs_it_shows_that_answer(page, fading):
    fading.gate.clear()
    page.click((5, 5, 4))
    page.ask("uncertain_border", on=True)
    fading.gate.set()
    settle(page)
    assert shown(page) == (ring((5, 5, 4)), 1)


def test_undo_takes_a_step_back_though_a_model_is_asked_how_sure_it_is(page, fading):
    page.click((5, 5, 4))
    settle(page)
    fading.gate.clear()
    page.ask("uncertain_border", on=True)
    page.ask("undo")
    fading.gate.set()
    settle(page)
    assert not page.labeler.mask.any()
    assert shown(page)[0] == set()


@pytest.mark.parametrize("change", ["stroke", "undo", "next"])
def test_it_goes_when_the_mask_is_changed_or_the_image_is_left(page, change):
    page.labeler.uncertain_border = True
    page.click((5, 5, 4))
    settle(page)
    known = len(page.told("no_uncertain"))
    if change == "stroke":
        page.stroke((0, 0, 0), (2, 2, 2), 2)
    else:
        page.ask(change, **({"discard": True} if change == "next" else {}))
        page.wait(lambda: len(page.told("image")) == (2 if change == "next" else 1))
    if change != "next":
        assert len(page.told("no_uncertain")) == known + 1
    page.heard.clear()
    page.ask("hello", client="page", protocol=PROTOCOL)
    assert page.told("uncertain") == []


def test_it_stays_when_a_prompt_waits_or_a_stroke_changes_nothing(page):
    page.labeler.uncertain_border = True
    page.ask("auto_run", on=False)
    page.click((5, 5, 4))
    page.ask("run", epoch=1, axis=2)
    settle(page)
    page.click((3, 4, 4))
    page.stroke((0, 0, 0), (1, 1, 1), 0)
    assert shown(page) == (ring((5, 5, 4)), 1)


def test_a_page_that_comes_later_shows_it_too(page):
    page.labeler.uncertain_border = True
    page.click((5, 5, 4))
    settle(page)
    page.ask("hello", client="other", protocol=PROTOCOL)
    assert page.told("uncertain")[-1]["client"] == "other"


def test_a_model_that_cannot_tell_is_named_once(page):
    page.labeler.model = "ball"
    page.labeler.uncertain_border = True
    page.click((5, 5, 4))
    settle(page)
    assert page.state()["notice"] == "ball does not say how sure it is"
    page.click((3, 4, 4))
    settle(page)
    assert page.state()["notice"] is None
    page.labeler.uncertain_border = True
    settle(page)
    assert "does not say" in page.state()["notice"]


def test_the_border_goes_with_an_answer_that_has_none_though_the_mask_stays(page):
    page.labeler.uncertain_border = True
    page.click((5, 5, 4))
    settle(page)
    page.labeler.model = "ball"
    page.ask("run", epoch=1, axis=2)
    settle(page)
    assert shown(page)[0] == set()


def test_an_answer_with_several_classes_gives_those_of_the_label():
    sure = np.stack([np.full((2, 2), 0.1), np.full((2, 2), 0.9)]).astype(np.float16)
    region, values = Region.whole((2, 2)), np.zeros((2, 2), np.uint8)
    result = InferResult(region, values, (2, 2), {"a": 1, "b": 4}, probabilities=sure, classes=("a", "b"))
    assert probabilities_of(result, 4)[0, 0] == np.float16(0.9)
    assert probabilities_of(result, 7) is None
