"""A labeler whose labels are changed, for the tests of that: its models, its page, small studies."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from jlabel.app import LabelApp
from jlabel.imaging import Region, encode_voxels
from jlabel.labeler.protocol.values import PROTOCOL
from jlabel.tasks import InferResult, InferTask, InteractiveTask
from jlabel.widget import AppManager, Labeler
from jlabel.widget import labeler as labeler_module
from tests.widget.known_state import as_sent, known_state

SHAPE = (12, 10, 8)
SPACING = (0.5, 1.0, 2.0)


class Halves(InferTask):
    """Finds "a" in the lower half and "b" in the upper half of the first axis."""

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def __call__(self, request):
        found = self.answer_labels(request)
        values = np.zeros(SHAPE, np.uint16)
        values[:6], values[6:] = found["a"], found["b"]
        return InferResult(Region.whole(SHAPE), values, SHAPE, found)


class Point(InteractiveTask):
    """Answers with the voxels that were clicked, and remembers what it was asked."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.asked: list[tuple[str, set[str]]] = []

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def segment(self, crop, request, watch):
        self.asked.append((request.label, {prompt.label for prompt in request.prompts}))
        inside = np.zeros(crop.shape, bool)
        for prompt in crop.prompts:
            inside[prompt.position] = True
        return inside


class App(LabelApp):
    def init_infers(self):
        return {"point": Point(labels=["a", "b"]), "halves": Halves(labels=["a", "b"])}


class Page:
    """Stands for a page of the browser."""

    def __init__(self, labeler: Labeler, monkeypatch: pytest.MonkeyPatch) -> None:
        self.heard: list[dict[str, Any]] = []
        self.labeler = labeler
        monkeypatch.setattr(labeler, "send", lambda content, buffers: self.heard.append(as_sent(content)))
        self.ask("hello", client="page", protocol=PROTOCOL)

    def ask(self, kind: str, *buffers: bytes, **content: Any) -> None:
        self.labeler._on_message(self.labeler, {"type": kind, **content}, list(buffers))

    def stroke(self, low: tuple[int, ...], up: tuple[int, ...], value: int, seq: int = 1) -> None:
        touched = np.ones([b - a for a, b in zip(low, up, strict=True)], np.uint8)
        content = {"client": "page", "epoch": self.state["epoch"], "seq": seq, "value": value, "region": [*low, *up]}
        self.ask("edit", encode_voxels(touched), **content)

    @property
    def state(self) -> dict[str, Any]:
        return known_state(list(self.heard))

    @property
    def prompts(self) -> list[dict[str, Any]]:
        told = [content for content in self.heard if content["type"] == "prompts"]
        known = {prompt["id"]: prompt for content in told for prompt in content["put"]}
        return [known[name] for name in told[-1]["ids"]]

    @property
    def labels(self) -> dict[str, int]:
        return {label["name"]: label["value"] for label in self.state["labels"]}

    @property
    def errors(self) -> list[str]:
        return [content["text"] for content in self.heard if content["type"] == "error"]

    def wait(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + 10
        while not true():
            assert time.monotonic() < end, f"waited in vain; errors: {self.errors}"
            time.sleep(0.005)


@pytest.fixture
def studies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(labeler_module, "front_end", lambda: ("", ""))
    for i in range(2):
        image = nib.Nifti1Image(np.full(SHAPE, i, np.int16), np.diag([*SPACING, 1]))
        nib.save(image, tmp_path / f"case_{i}.nii.gz")
    return tmp_path


def new_manager(studies: Path, labels: Any = ("a", "b")) -> AppManager:
    return AppManager(App(studies, labels=labels))


@pytest.fixture
def labeler(studies: Path):
    manager = new_manager(studies)
    labeler = manager.labeler("case_0")
    yield labeler
    labeler.close()
    manager.close()


@pytest.fixture
def page(labeler: Labeler, monkeypatch: pytest.MonkeyPatch) -> Page:
    return Page(labeler, monkeypatch)


def values(labels: Any) -> dict[str, int]:
    return {label.name: label.value for label in labels}
