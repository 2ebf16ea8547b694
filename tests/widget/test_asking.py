"""Prompts as messages from a page: what models are asked, what becomes of the answers, what the pages are told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from jlabel.app import LabelApp
from jlabel.errors import LabelError, PromptError, TaskError
from jlabel.imaging import encode_voxels
from jlabel.manager import AppManager
from jlabel.tasks import InitialMask, InteractiveTask
from jlabel.widget import Labeler
from jlabel.widget import labeler as labeler_module

SHAPE = (12, 10, 8)


class Dots(InteractiveTask):
    """Answers with the voxels that were clicked, where it starts from a mask with those of it too."""

    takes_mask = True
    margin_mm = 2.0

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.gate = threading.Event()
        self.gate.set()
        self.asked: list[int] = []
        self.fails = False

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def segment(self, crop, request, watch):
        self.asked.append(len(request.prompts))
        assert self.gate.wait(10)
        if self.fails:
            raise RuntimeError("out of memory")
        inside = np.zeros(crop.shape, bool)
        for prompt in crop.prompts:
            if isinstance(prompt, InitialMask):
                inside |= prompt.mask != 0
            else:
                inside[prompt.position] = prompt.positive
        return inside


class NoMask(Dots):
    takes_mask = False


class App(LabelApp):
    def init_infers(self):
        return {"dots": Dots(), "dots_2d": Dots(dimension=2), "no_mask": NoMask()}


class WithoutDots(LabelApp):
    def init_infers(self):
        return {"no_mask": NoMask()}


class Page:
    """Stands for a page of the browser."""

    def __init__(self, labeler: Labeler, monkeypatch: pytest.MonkeyPatch) -> None:
        self.labeler = labeler
        self.heard: list[dict[str, Any]] = []
        self._strokes = 0
        monkeypatch.setattr(labeler, "send", lambda content, buffers: self.heard.append(content))
        self.ask("hello", client="page", protocol=1)

    def ask(self, kind: str, *buffers: bytes, **content: Any) -> None:
        self.labeler._on_browser(self.labeler, {"type": kind, **content}, list(buffers))

    def told(self, kind: str) -> list[dict[str, Any]]:
        return [content for content in self.heard if content["type"] == kind]

    @property
    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.told("state")[-1]["state"]
        return state

    @property
    def prompts(self) -> dict[str, dict[str, Any]]:
        known = {prompt["id"]: prompt for content in self.told("prompts") for prompt in content["put"]}
        told = self.told("prompts")
        return {name: known[name] for name in told[-1]["ids"]} if told else {}

    @property
    def waiting(self) -> list[str]:
        return [name for name, prompt in self.prompts.items() if prompt.get("waits")]

    def wait(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + 10
        while not true():
            assert time.monotonic() < end, f"waited in vain; errors: {self.told('error')}"
            time.sleep(0.005)

    def settle(self) -> None:
        """Until nothing runs and nothing is in line."""
        requests = self.labeler._desk.asking.requests
        self.wait(lambda: not requests.running and self.state["busy"] is None)

    def click(self, name: str, position: tuple[int, ...], positive: bool = True, axis: int = 2) -> None:
        prompt = {"id": name, "kind": "click", "position": list(position), "positive": positive, "label": ""}
        self.ask("prompt", epoch=self.state["epoch"], prompt=prompt, axis=axis)

    def move(self, name: str, position: tuple[int, ...]) -> None:
        prompt = {"kind": "click", "position": list(position), "positive": True, "label": ""}
        self.ask("change_prompt", epoch=self.state["epoch"], id=name, prompt=prompt)

    def remove(self, name: str) -> None:
        self.ask("remove_prompt", epoch=self.state["epoch"], id=name)

    def from_mask(self, name: str, at: int = 4) -> None:
        self.ask("prompt", epoch=1, prompt={"id": name, "kind": "mask", "label": ""}, axis=2, slice=at)

    def run(self) -> None:
        self.ask("run", epoch=self.state["epoch"], axis=2)

    def stroke(self, low: tuple[int, ...], up: tuple[int, ...], value: int) -> None:
        self._strokes += 1
        touched = np.ones([b - a for a, b in zip(low, up, strict=True)], np.uint8)
        content = {"client": "page", "epoch": self.state["epoch"], "seq": self._strokes, "value": value}
        self.ask("edit", encode_voxels(touched), region=[*low, *up], **content)

    def voxels(self, value: int = 1) -> set[tuple[int, ...]]:
        return {tuple(v) for v in np.argwhere(self.labeler.mask == value).tolist()}


@pytest.fixture
def studies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(labeler_module, "front_end", lambda: ("export default {}", ""))
    for name in "ab":
        nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.eye(4)), tmp_path / f"{name}.nii.gz")
    return tmp_path


@pytest.fixture
def manager(studies: Path) -> Iterator[AppManager]:
    manager = AppManager(App(studies, labels=["one", "two"]))
    yield manager
    manager.close()


@pytest.fixture
def page(manager: AppManager, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    labeler = manager.labeler("a")
    yield Page(labeler, monkeypatch)
    labeler.close()


@pytest.fixture
def dots(manager: AppManager) -> Dots:
    task = manager.app.infers["dots"]
    assert isinstance(task, Dots)
    return task


def test_a_burst_of_clicks_is_answered_by_the_last_request(page, dots):
    dots.gate.clear()
    places = [(i, j, 4) for i in range(10) for j in range(4)]
    for n, place in enumerate(places):
        page.click(f"p{n}", place)
    dots.gate.set()
    page.settle()
    assert page.voxels() == set(places)
    assert page.told("error") == []
    assert len(dots.asked) < 5
    assert page.waiting == []
    page.ask("undo")
    assert page.voxels() == set()


def test_clicks_for_two_labels_wait_for_each_other(page, dots):
    dots.gate.clear()
    page.click("first", (1, 1, 1))
    page.labeler.label = "two"
    page.click("second", (2, 2, 2))
    page.labeler.label = "one"
    page.click("third", (3, 3, 3))
    assert page.waiting == ["first", "second", "third"]
    dots.gate.set()
    page.settle()
    assert page.voxels(1) == {(1, 1, 1), (3, 3, 3)}
    assert page.voxels(2) == {(2, 2, 2)}
    assert page.waiting == []


def test_undo_while_a_model_runs_takes_back_the_newest_prompt_alone(page, dots):
    dots.gate.clear()
    page.click("first", (1, 1, 1))
    page.click("second", (2, 2, 2))
    page.ask("undo")
    assert list(page.prompts) == ["first"]
    dots.gate.set()
    page.settle()
    assert page.voxels() == {(1, 1, 1)}
    page.ask("undo")
    assert page.prompts == {}
    assert page.voxels() == set()


def test_cancel_takes_all_back_that_has_no_answer(page, dots):
    page.click("first", (1, 1, 1))
    page.settle()
    dots.gate.clear()
    page.click("second", (2, 2, 2))
    page.click("third", (3, 3, 3))
    page.ask("cancel")
    dots.gate.set()
    page.settle()
    assert list(page.prompts) == ["first"]
    assert page.voxels() == {(1, 1, 1)}


def test_a_stroke_says_that_a_prompt_without_an_answer_is_given_up(page, dots):
    dots.gate.clear()
    page.click("first", (1, 1, 1))
    page.stroke((5, 5, 5), (6, 6, 6), 2)
    assert page.prompts == {}
    assert "given up" in page.state["notice"]
    dots.gate.set()
    page.settle()
    assert (page.voxels(1), page.voxels(2)) == (set(), {(5, 5, 5)})
    page.stroke((6, 5, 5), (7, 6, 6), 2)
    assert page.state["notice"] is None


def test_a_moved_prompt_replaces_what_it_made(page, dots):
    page.stroke((5, 5, 5), (7, 6, 6), 2)
    page.click("first", (5, 5, 5))
    page.click("second", (2, 2, 2))
    page.settle()
    assert page.voxels(2) == {(6, 5, 5)}
    page.move("first", (8, 8, 7))
    page.settle()
    assert page.voxels(1) == {(8, 8, 7), (2, 2, 2)}
    assert page.voxels(2) == {(5, 5, 5), (6, 5, 5)}
    page.ask("undo")
    assert page.prompts["first"]["position"] == (5, 5, 5)
    assert page.voxels(1) == {(5, 5, 5), (2, 2, 2)}


def test_a_prompt_that_is_moved_while_the_model_runs(page, dots):
    dots.gate.clear()
    page.click("first", (1, 1, 1))
    page.move("first", (3, 3, 3))
    page.move("first", (4, 4, 4))
    dots.gate.set()
    page.settle()
    assert page.voxels() == {(4, 4, 4)}
    page.ask("undo")
    assert page.prompts == {}


def test_a_model_that_fails_leaves_the_earlier_prompts(page, dots):
    page.click("first", (1, 1, 1))
    page.settle()
    dots.fails = True
    page.click("second", (2, 2, 2))
    page.settle()
    assert "out of memory" in page.told("error")[-1]["text"]
    page.move("first", (3, 3, 3))
    page.settle()
    assert list(page.prompts) == ["first"]
    assert page.prompts["first"]["position"] == (1, 1, 1)
    assert page.voxels() == {(1, 1, 1)}
    assert page.state["canUndo"]


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


def test_without_its_last_prompt_an_answer_goes(page):
    page.click("first", (1, 1, 1))
    page.settle()
    page.click("second", (2, 2, 2))
    page.settle()
    page.remove("second")
    page.settle()
    assert page.voxels() == {(1, 1, 1)}
    page.remove("first")
    assert page.voxels() == set()
    assert page.prompts == {}
    page.ask("undo")
    assert page.voxels() == {(1, 1, 1)}
    page.remove("nothing of that name")
    assert "is gone" in page.told("error")[-1]["text"]


def test_a_prompt_without_an_answer_is_removed_without_a_trace(page, dots):
    dots.gate.clear()
    page.click("first", (1, 1, 1))
    page.remove("first")
    dots.gate.set()
    page.settle()
    assert page.prompts == {}
    assert page.voxels() == set()
    assert not page.state["canUndo"]


def test_the_present_mask_as_a_prompt(page):
    takes = {model["name"]: model["takesMask"] for model in page.state["models"]}
    assert takes == {"dots": True, "dots_2d": True, "no_mask": False}
    page.from_mask("mask")
    assert "has no voxels to start from" in page.told("error")[-1]["text"]
    assert page.prompts == {}
    page.stroke((1, 1, 1), (3, 2, 2), 1)
    page.from_mask("mask")
    page.click("away", (1, 1, 1), positive=False)
    page.settle()
    assert page.voxels() == {(2, 1, 1)}
    assert [prompt["kind"] for prompt in page.prompts.values()] == ["mask", "click"]
    page.remove("away")
    page.settle()
    assert page.voxels() == {(1, 1, 1), (2, 1, 1)}
    page.labeler.model = "no_mask"
    page.from_mask("again")
    assert "cannot start from a mask" in page.told("error")[-1]["text"]


def test_a_model_of_one_slice_starts_from_the_mask_there(page):
    page.labeler.model = "dots_2d"
    page.stroke((1, 1, 3), (3, 2, 6), 1)
    page.from_mask("mask", at=5)
    page.click("away", (1, 1, 5), positive=False)
    page.settle()
    assert page.voxels() == {(1, 1, 3), (2, 1, 3), (1, 1, 4), (2, 1, 4), (2, 1, 5)}
    assert {tuple(prompt["slice"]) for prompt in page.prompts.values()} == {(2, 5)}
    page.from_mask("nothing", at=7)
    assert "has no voxels to start from here" in page.told("error")[-1]["text"]


def test_a_prompt_of_a_model_of_one_slice_stays_in_it(page):
    page.labeler.model = "dots_2d"
    page.click("first", (1, 1, 3))
    page.settle()
    page.move("first", (2, 2, 4))
    assert "works in one slice" in page.told("error")[-1]["text"]
    page.labeler.model = "dots"
    page.move("first", (2, 2, 3))
    page.settle()
    assert page.voxels() == {(2, 2, 3)}
    page.click("second", (5, 5, 5))
    page.settle()
    assert page.prompts["second"].get("slice") is None


def test_prompts_of_a_locked_label_stay(page, dots):
    page.click("first", (1, 1, 1))
    page.settle()
    page.ask("lock", value=1, locked=True)
    asking = page.labeler._desk.asking
    with pytest.raises(LabelError, match="one is locked"):
        asking.remove(1, "first")
    page.move("first", (2, 2, 2))
    page.run()
    page.settle()
    assert page.voxels() == {(1, 1, 1)}
    assert page.prompts["first"]["position"] == (1, 1, 1)
    page.ask("lock", value=1, locked=False)
    page.move("first", (2, 2, 2))
    page.settle()
    assert page.voxels() == {(2, 2, 2)}


def test_run_asks_the_chosen_model_with_the_prompts_of_another(page):
    page.click("first", (1, 1, 1))
    page.settle()
    page.labeler.model = "no_mask"
    page.run()
    page.settle()
    assert page.voxels() == {(1, 1, 1)}
    assert page.labeler._desk.used_models == ["dots", "no_mask"]
    page.click("second", (2, 2, 2))
    page.settle()
    assert page.labeler._desk.opened.draft.stack.find((1, ("no_mask",))).given[0].id == "first"
    page.labeler.model = "dots_2d"
    with pytest.raises(PromptError, match="lie in several"):
        page.labeler._desk.asking.run(1, 2)


def test_the_pages_are_told_of_prompts_only_when_these_change(page, monkeypatch):
    page.click("first", (1, 1, 1))
    page.settle()
    before = len(page.told("prompts"))
    for n in range(3):
        page.stroke((8, 8, n), (9, 9, n + 1), 2)
    assert len(page.told("prompts")) == before
    assert all("prompts" not in content["state"] for content in page.told("state"))
    page.click("second", (2, 2, 2))
    page.settle()
    assert all([one["id"] for one in content["put"]] in ([], ["second"]) for content in page.told("prompts")[before:])
    page.heard.clear()
    page.ask("hello", client="other", protocol=1)
    [told] = page.told("prompts")
    assert told["client"] == "other"
    assert told["ids"] == ["first", "second"]
    assert len(told["put"]) == 2


def test_a_long_list_of_scribbles_comes_in_several_messages(page, dots):
    page.ask("auto_run", on=False)
    line = [[n % 12, n // 12 % 10, 4] for n in range(10_000)]
    for n in range(12):
        prompt = {"id": f"s{n}", "kind": "scribble", "positions": line, "positive": True, "label": ""}
        page.ask("prompt", epoch=1, prompt=prompt, axis=2)
    page.heard.clear()
    page.ask("hello", client="other", protocol=1)
    assert len(page.told("prompts")) >= 2
    assert list(page.prompts) == [f"s{n}" for n in range(12)]


def test_prompts_are_there_when_a_saved_label_is_opened_again(page, manager, studies, monkeypatch):
    page.stroke((1, 1, 1), (2, 2, 2), 2)
    page.click("first", (1, 1, 1))
    page.click("second", (2, 2, 2))
    page.settle()
    page.labeler.save()
    page.labeler.open("b")
    assert page.told("prompts")[-1]["ids"] == ["first", "second"]
    page.heard.clear()
    page.ask("hello", client="page", protocol=1)
    assert page.told("prompts") == []
    page.labeler.open("a")
    assert list(page.prompts) == ["first", "second"]
    later = Page(AppManager(App(studies, labels=["one", "two"])).labeler("a"), monkeypatch)
    assert not later.labeler.dirty
    later.move("first", (5, 5, 5))
    later.settle()
    assert later.voxels(1) == {(5, 5, 5), (2, 2, 2)}
    assert later.voxels(2) == {(1, 1, 1)}


def test_prompts_come_back_after_the_kernel_died(page, studies, monkeypatch):
    page.click("first", (1, 1, 1))
    page.settle()
    page.ask("auto_run", on=False)
    page.click("second", (2, 2, 2))
    page.labeler._desk.shelf.keeper.flush()
    later = Page(AppManager(App(studies, labels=["one", "two"])).labeler("a"), monkeypatch)
    assert list(later.prompts) == ["first", "second"]
    assert later.waiting == ["second"]
    later.run()
    later.settle()
    assert later.voxels() == {(1, 1, 1), (2, 2, 2)}
    later.remove("first")
    later.settle()
    assert later.voxels() == {(2, 2, 2)}


def test_prompts_of_a_model_that_is_no_longer_there(page, studies, monkeypatch):
    page.click("first", (1, 1, 1))
    page.click("second", (2, 2, 2))
    page.settle()
    page.labeler.save()
    later = Page(AppManager(WithoutDots(studies, labels=["one", "two"])).labeler("a"), monkeypatch)
    with pytest.raises(TaskError, match=r"'dots'.* is not available"):
        later.labeler._desk.asking.change(1, "first", page.labeler.prompts[0])
    later.remove("first")
    assert list(later.prompts) == ["second"]
    assert later.voxels() == {(1, 1, 1), (2, 2, 2)}
    later.run()
    later.settle()
    assert later.voxels() == {(2, 2, 2)}
    later.remove("second")
    assert later.voxels() == set()


def test_prompts_follow_their_label_when_the_app_names_it_anew(page, studies, monkeypatch):
    page.click("first", (1, 1, 1))
    page.settle()
    page.labeler.save()
    later = Page(AppManager(App(studies, labels={"organ": 1, "other": 2})).labeler("a"), monkeypatch)
    assert [prompt["label"] for prompt in later.prompts.values()] == ["organ"]
    later.move("first", (3, 3, 3))
    later.settle()
    assert later.voxels() == {(3, 3, 3)}
