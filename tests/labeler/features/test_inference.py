"""What models are asked: one request at a time, prompts that wait for one run, and what may happen while it goes on."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from jlabel.annotation.draft import Draft
from jlabel.errors import Cancelled, JlabelError, PromptError, TaskError
from jlabel.imaging import Image, Region
from jlabel.imaging.intensity import Intensities
from jlabel.labeler.actions import Action, ModelAsked, ModelRan
from jlabel.labeler.background.tasks import TaskTracker
from jlabel.labeler.features.inference import InferenceRequests
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol.state import State
from jlabel.manager.device_queue import QueuedWork
from jlabel.tasks import InferResult
from tests.widget.prompting_pages import App, Dots, Page, WithoutDots, dots, manager, page, studies  # noqa: F401 - fixtures


def test_several_prompts_wait_for_one_run(page, dots):
    page.ask("auto_run", on=False)
    assert page.state["autoRun"] is False
    for n in range(3):
        page.click(f"p{n}", (n, 1, 1))
    assert page.waiting == ["p0", "p1", "p2"]
    assert dots.asked == []
    page.ask("undo")
    assert page.waiting == ["p0", "p1"]
    page.run()
    page.settle()
    assert dots.asked == [2]
    assert page.voxels() == {(0, 1, 1), (1, 1, 1)}
    assert page.waiting == []
    page.ask("undo")
    assert page.voxels() == set()
    assert page.waiting == ["p0", "p1"]
    page.ask("redo")
    assert page.voxels() == {(0, 1, 1), (1, 1, 1)}
    assert page.waiting == []


def test_a_prompt_that_comes_while_the_run_goes_on_waits_for_the_next(page, dots):
    page.ask("auto_run", on=False)
    page.click("first", (1, 1, 1))
    dots.gate.clear()
    page.run()
    page.click("second", (2, 2, 2))
    dots.gate.set()
    page.settle()
    assert page.voxels() == {(1, 1, 1)}
    assert page.waiting == ["second"]


def test_a_run_that_fails_leaves_the_prompts_waiting(page, dots):
    page.ask("auto_run", on=False)
    page.click("no", (1, 1, 1), positive=False)
    page.run()
    assert "click inside one first" in page.told("error")[-1]["text"]
    page.click("yes", (2, 2, 2))
    dots.fails = True
    page.run()
    page.settle()
    assert page.waiting == ["no", "yes"]
    page.ask("undo")
    page.ask("undo")
    assert page.prompts == {}
    assert not page.state["canUndo"]


def test_undo_while_a_run_goes_on_stops_the_run_alone(page, dots):
    page.ask("auto_run", on=False)
    page.click("first", (1, 1, 1))
    dots.gate.clear()
    page.run()
    page.ask("undo")
    dots.gate.set()
    page.settle()
    assert page.waiting == ["first"]
    assert page.voxels() == set()


def test_run_asks_the_chosen_model_with_the_prompts_of_another(page):
    page.click("first", (1, 1, 1))
    page.settle()
    page.labeler.model = "no_mask"
    page.run()
    page.settle()
    assert page.voxels() == {(1, 1, 1)}
    assert page.labeler._controller.open_image.made_by == ("dots", "no_mask")
    page.click("second", (2, 2, 2))
    page.settle()
    assert page.labeler._controller.open_image.draft.layers.find((1, ("no_mask",))).given[0].id == "first"
    page.labeler.model = "dots_2d"
    with pytest.raises(PromptError, match="lie in several"):
        page.labeler._controller.features.prompting.run(1, 2)


# The requests themselves, with models that answer when the test says so.

LIVER, TUMOUR, SPLEEN = (1, ("click",)), (2, ("click",)), (3, ("click",))


def image() -> OpenImage:
    return OpenImage("case", 1, Image(np.zeros((2, 2), np.int16), np.eye(4)), Draft((2, 2)), Intensities(0, 1, 0, 1))


def answer(value: int) -> InferResult:
    return InferResult(Region.whole((2, 2)), np.full((2, 2), value, np.uint8), (2, 2), {})


class Labeler:
    """As much of a labeler as requests need; it is its own app manager too."""

    def __init__(self) -> None:
        self.manager = self
        self.lock = threading.RLock()
        self.tasks = TaskTracker(self)
        self.open_image: OpenImage | None = image()
        self.asked: list[QueuedWork] = []
        self.names: list[str] = []
        self.errors: list[str] = []
        self.put: list[int] = []
        self.did_so_far: list[Action] = []
        self.failed: list[str] = []
        self.turns: list[Any] = []
        self.settled = 0
        self.requests = InferenceRequests(self, self.turn, self._on_settled)  # type: ignore[arg-type]

    @property
    def busy(self) -> str | None:
        return self.tasks.state()["busy"]

    def submit(self, model: str, image_id: str, **options: Any) -> QueuedWork:
        if model == "none":
            raise TaskError("there is no model of that name")
        self.names.append(model)
        self.asked.append(QueuedWork(lambda queued: None, None))
        return self.asked[-1]

    def turn(self, opened: OpenImage, key: Any) -> None:
        self.turns.append(key)
        self.ask("in line", key)

    def ask(self, model: str, key: Any = LIVER, **more: Any) -> None:
        opened = self.open_image
        assert opened is not None
        self.requests.submit(opened, model, {}, self._take, lambda: self.failed.append(model), key, **more)

    def _take(self, result: InferResult) -> None:
        self.put.append(int(result.values.max()))

    def _on_settled(self) -> None:
        self.settled += 1

    def clear_notice(self) -> None:
        pass

    def did(self, action: Action) -> None:
        self.did_so_far.append(action)

    def publish_state(self, state: State) -> None:
        pass

    def show_progress(self, text: str, fraction: float) -> None:
        pass

    def reporting_errors(self, work: Callable[[], Any]) -> None:
        try:
            work()
        except JlabelError as error:
            self.errors.append(str(error))


@pytest.fixture
def asking() -> Labeler:
    return Labeler()


def test_an_answer_is_put_once_and_nothing_runs_any_more(asking: Labeler) -> None:
    asking.ask("click")
    assert (asking.requests.running, asking.busy) == (True, "click is running")
    asking.asked[0].future.set_result(answer(7))
    assert (asking.put, asking.failed, asking.errors) == ([7], [], [])
    assert (asking.requests.running, asking.busy, asking.settled) == (False, None, 1)


def test_who_counts_hears_of_each_request_and_of_its_end(asking: Labeler) -> None:
    asking.ask("first")
    asking.ask("second")
    assert asking.did_so_far == [ModelAsked(), ModelAsked()]
    for queued in asking.asked:
        queued.future.set_result(answer(1))
    assert [type(one) for one in asking.did_so_far[2:]] == [ModelRan, ModelRan]
    assert all(one.seconds >= 0 for one in asking.did_so_far if isinstance(one, ModelRan))
    asking.ask("third")
    asking.open_image = image()
    asking.asked[-1].future.set_result(answer(1))
    assert asking.did_so_far[4:] == [ModelAsked()]


def test_a_newer_request_of_the_same_group_takes_the_place_of_the_one_before(asking: Labeler) -> None:
    asking.ask("first")
    assert not asking.requests.line_up(LIVER)
    asking.ask("second")
    first, second = asking.asked
    assert (first.cancelled, second.cancelled) == (True, False)
    assert asking.busy == "second is running"
    # Its answer is late: it was begun already.
    first.future.set_result(answer(1))
    assert (asking.put, asking.requests.running) == ([], True)
    second.future.set_result(answer(2))
    assert (asking.put, asking.busy) == ([2], None)


def test_other_groups_wait_in_line_once_each_and_have_their_turn_in_order(asking: Labeler) -> None:
    asking.ask("click", LIVER)
    assert [asking.requests.line_up(key) for key in (TUMOUR, SPLEEN, TUMOUR)] == [True, True, True]
    assert asking.requests.is_for(LIVER)
    for _ in range(3):
        asking.asked[-1].future.set_result(answer(1))
    assert asking.turns == [TUMOUR, SPLEEN]
    assert (len(asking.put), asking.requests.running) == (3, False)


def test_a_request_that_fails_is_told_and_the_next_in_line_has_its_turn(asking: Labeler) -> None:
    asking.ask("click", LIVER)
    asking.requests.line_up(TUMOUR)
    asking.asked[0].future.set_exception(RuntimeError("out of memory"))
    assert (asking.put, asking.failed, asking.errors) == ([], ["click"], ["out of memory"])
    assert asking.turns == [TUMOUR]
    asking.asked[1].future.set_exception(TaskError("the weights are damaged"))
    assert asking.errors[-1] == "the weights are damaged"
    assert not asking.requests.running


def test_a_turn_that_cannot_be_taken_leaves_it_to_the_next(asking: Labeler, monkeypatch: pytest.MonkeyPatch) -> None:
    real = asking.turn

    def turn(opened: OpenImage, key: Any) -> None:
        if key == TUMOUR:
            raise TaskError("this model is gone")
        real(opened, key)

    asking.requests = InferenceRequests(asking, turn, asking._on_settled)  # type: ignore[arg-type]
    asking.ask("click", LIVER)
    asking.requests.line_up(TUMOUR)
    asking.requests.line_up(SPLEEN)
    asking.asked[0].future.set_result(answer(1))
    assert (asking.errors, asking.turns) == (["this model is gone"], [SPLEEN])
    assert asking.requests.is_for(SPLEEN)


def test_another_labelers_request_that_took_its_place_is_said_in_words(asking: Labeler) -> None:
    asking.ask("click")
    asking.asked[0].future.set_exception(Cancelled("replaced"))
    assert asking.failed == ["click"]
    assert asking.errors == [
        "the request was given up: another labeler of this image asked for something else",
    ]


def test_an_answer_for_an_image_that_was_left_is_dropped(asking: Labeler) -> None:
    asking.ask("click", LIVER)
    asking.requests.line_up(TUMOUR)
    asking.open_image = image()
    asking.asked[0].future.set_result(answer(1))
    assert (asking.put, asking.turns, asking.errors) == ([], [], [])
    assert (asking.requests.running, asking.busy, asking.settled) == (False, None, 1)


def test_giving_everything_up_drops_the_line_too(asking: Labeler) -> None:
    asking.ask("click", LIVER)
    asking.requests.line_up(TUMOUR)
    asking.requests.cancel()
    assert asking.asked[0].cancelled
    assert (asking.requests.running, asking.busy) == (False, None)
    asking.asked[0].future.set_result(answer(1))
    assert (asking.put, asking.turns) == ([], [])
    asking.requests.cancel()


def test_giving_one_group_up_gives_the_next_its_turn(asking: Labeler) -> None:
    assert asking.open_image is not None
    asking.ask("click", LIVER)
    asking.requests.line_up(TUMOUR)
    asking.requests.line_up(SPLEEN)
    asking.requests.drop(asking.open_image, TUMOUR)
    assert asking.requests.is_for(LIVER)
    asking.requests.drop(asking.open_image, LIVER)
    assert asking.asked[0].cancelled
    assert asking.turns == [SPLEEN]


def test_what_is_asked_aside_is_known_as_such(asking: Labeler) -> None:
    assert not asking.requests.running_aside
    asking.ask("click", aside=True)
    assert asking.requests.running_aside
    asking.ask("click")
    assert (asking.requests.running, asking.requests.running_aside) == (True, False)


def test_a_model_that_there_is_not_leaves_nothing_running(asking: Labeler) -> None:
    with pytest.raises(TaskError, match="no model of that name"):
        asking.ask("none")
    assert (asking.requests.running, asking.busy) == (False, None)
