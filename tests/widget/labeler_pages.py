"""A labeler without a browser, for the tests of its parts: its models, a page that hears and asks, small studies."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from jlabel.app import LabelApp
from jlabel.imaging import encode_voxels
from jlabel.labeler.protocol.values import PROTOCOL
from jlabel.prompts import InitialMask
from jlabel.tasks import InferTask, InteractiveTask
from jlabel.widget import AppManager, Labeler
from jlabel.widget import labeler as labeler_module
from tests.widget.known_state import as_sent, known_state

SHAPE = (12, 10, 8)


class Ball(InteractiveTask):
    """A ball of radius 2 around each positive click, less one around each negative."""

    takes_mask = True

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.gate = threading.Event()
        self.gate.set()

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def segment(self, crop, request, watch):
        assert self.gate.wait(10)
        inside = np.zeros(crop.shape, bool)
        index = np.moveaxis(np.indices(crop.shape), 0, -1)
        for prompt in crop.prompts:
            if isinstance(prompt, InitialMask):
                inside |= prompt.mask != 0
                continue
            ball = np.linalg.norm(index - np.array(prompt.position), axis=-1) <= 2
            inside = inside | ball if prompt.positive else inside & ~ball
        return inside


class Everything(InferTask):
    """An automatic model that calls everything above 50 the first label."""

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def __call__(self, request):
        from jlabel.imaging import Region
        from jlabel.tasks import InferResult

        values = (request.image.array > 50).astype(np.uint8)
        return InferResult(Region.whole(values.shape), values, values.shape, {"a": 1})


class App(LabelApp):
    def init_infers(self):
        return {"ball": Ball(), "auto": Everything()}


class Page:
    """Stands for a page of the browser: hears what the labeler tells, and asks."""

    def __init__(self, labeler: Labeler, monkeypatch: pytest.MonkeyPatch) -> None:
        self.heard: list[tuple[dict[str, Any], list[bytes]]] = []
        self.labeler = labeler
        monkeypatch.setattr(labeler, "send", lambda content, buffers: self.heard.append((as_sent(content), buffers)))
        self.ask("hello", client="page", protocol=PROTOCOL)

    def ask(self, kind: str, *buffers: bytes, **content: Any) -> None:
        self.labeler._on_message(self.labeler, {"type": kind, **content}, list(buffers))

    def told(self, kind: str) -> list[dict[str, Any]]:
        return [content for content, _ in self.heard if content["type"] == kind]

    def prompts(self) -> list[dict[str, Any]]:
        """The prompts as a page puts them together from what it was told."""
        known: dict[str, dict[str, Any]] = {}
        ids: list[str] = []
        for message in self.told("prompts"):
            known |= {prompt["id"]: prompt for prompt in message["put"]}
            ids = message["ids"]
        return [known[name] for name in ids]

    def state(self) -> dict[str, Any]:
        """What the page knows by now: the whole state, and what has changed since."""
        return known_state(content for content, _ in list(self.heard))

    def states(self) -> list[dict[str, Any]]:
        """What the page has known after each message that said something of the state."""
        said = [content for content, _ in list(self.heard) if content["type"] in ("state", "changed")]
        return [known_state(said[: n + 1]) for n in range(len(said))]

    def wait_long(self, true: Callable[[], bool]) -> None:
        """Wait for what a process of its own does."""
        self.wait(true, 60)

    def wait(self, true: Callable[[], bool], seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"waited in vain; errors: {self.told('error')}"
            time.sleep(0.005)

    def click(self, position: tuple[int, ...], positive: bool = True, axis: int = 2) -> None:
        prompt = {"kind": "click", "position": list(position), "positive": positive, "label": ""}
        self.ask("prompt", epoch=self.state()["epoch"], prompt=prompt, axis=axis)

    def stroke(self, low: tuple[int, ...], up: tuple[int, ...], value: int, seq: int = 1, **more: Any) -> None:
        touched = np.ones([b - a for a, b in zip(low, up, strict=True)], np.uint8)
        content = {"client": "page", "epoch": self.state()["epoch"], "seq": seq, "value": value, **more}
        self.ask("edit", encode_voxels(touched), region=[*low, *up], **content)


@pytest.fixture
def studies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(labeler_module, "front_end", lambda: ("export default {}", ""))
    for i in range(3):
        array = np.random.default_rng(i).integers(0, 100, SHAPE, dtype=np.int16)
        nib.save(nib.Nifti1Image(array, np.eye(4)), tmp_path / f"case_{i}.nii.gz")
    return tmp_path


@pytest.fixture
def manager(studies: Path):
    manager = AppManager(App(studies, labels=["a", "b"]))
    yield manager
    manager.close()


@pytest.fixture
def labeler(manager: AppManager):
    labeler = manager.labeler(strategy="first")
    yield labeler
    labeler.close()


@pytest.fixture
def page(labeler: Labeler, monkeypatch: pytest.MonkeyPatch) -> Page:
    return Page(labeler, monkeypatch)
