"""A labeler with models that answer what was clicked, for the tests of prompts: its page, small studies."""

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
from jlabel.imaging import encode_voxels
from jlabel.labeler.protocol.values import PROTOCOL
from jlabel.prompts import InitialMask
from jlabel.tasks import InteractiveTask
from jlabel.widget import AppManager, Labeler
from jlabel.widget import labeler as labeler_module
from tests.widget.known_state import as_sent, known_state

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
        monkeypatch.setattr(labeler, "send", lambda content, buffers: self.heard.append(as_sent(content)))
        self.ask("hello", client="page", protocol=PROTOCOL)

    def ask(self, kind: str, *buffers: bytes, **content: Any) -> None:
        self.labeler._on_message(self.labeler, {"type": kind, **content}, list(buffers))

    def told(self, kind: str) -> list[dict[str, Any]]:
        return [content for content in self.heard if content["type"] == kind]

    @property
    def state(self) -> dict[str, Any]:
        return known_state(list(self.heard))

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
        requests = self.labeler._controller.features.prompting.requests
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
