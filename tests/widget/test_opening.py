"""What takes long says so, and can be given up."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from jlabel.app import LabelApp
from jlabel.errors import Cancelled
from jlabel.manager import AppManager
from jlabel.widget import labeler as labeler_module

SHAPE = (6, 5, 4)


class Slow:
    """A labeler whose reading of ``case_1`` waits at a gate; its pages' messages."""

    def __init__(self, manager: AppManager, monkeypatch: pytest.MonkeyPatch) -> None:
        self.labeler = manager.labeler("case_0", strategy="first")
        self.at_the_gate, self.gate = threading.Event(), threading.Event()
        self.states: list[dict[str, Any]] = []
        self.said = threading.Condition()
        real = manager.image

        def image(image_id: str, frame: int = 0) -> Any:
            if image_id == "case_1":
                self.at_the_gate.set()
                assert self.gate.wait(10)
            return real(image_id, frame)

        monkeypatch.setattr(manager, "image", image)
        monkeypatch.setattr(self.labeler, "send", self._take)
        self.ask({"type": "hello", "client": "page", "protocol": 1})

    def _take(self, content: dict[str, Any], _: Any = None) -> None:
        if content["type"] == "state":
            with self.said:
                self.states.append(content["state"])
                self.said.notify_all()

    def ask(self, message: dict[str, Any]) -> None:
        self.labeler._on_browser(None, message, [])

    def until(self, **values: Any) -> dict[str, Any]:
        """The latest state, once it has these values."""
        with self.said:
            assert self.said.wait_for(lambda: values.items() <= self.states[-1].items(), 10), self.states[-1]
            return self.states[-1]


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(labeler_module, "front_end", lambda: ("export default {}", ""))
    for i in range(2):
        nib.save(nib.Nifti1Image(np.full(SHAPE, i, np.int16), np.eye(4)), tmp_path / f"case_{i}.nii.gz")
    manager = AppManager(LabelApp(tmp_path, labels=["a"]))
    slow = Slow(manager, monkeypatch)
    yield slow
    slow.gate.set()
    slow.labeler.close()
    manager.close()


def test_opening_is_said_and_can_be_cancelled(slow: Slow) -> None:
    slow.ask({"type": "next"})
    assert slow.at_the_gate.wait(10)
    assert slow.until(busy="Opening case_1")["canCancel"]
    slow.ask({"type": "cancel"})
    slow.until(busy=None, notice="Opening case_1 was cancelled", imageId="case_0")
    # What comes next does not wait for what was given up.
    slow.labeler.undo()
    slow.ask({"type": "save"})
    slow.until(busy=None, notice="Saved as final")
    slow.gate.set()
    assert slow.labeler.next() == "case_1"


def test_opening_from_a_cell_raises_what_happened(slow: Slow) -> None:
    def cancel() -> None:
        assert slow.at_the_gate.wait(10)
        slow.ask({"type": "cancel"})

    threading.Thread(target=cancel).start()
    with pytest.raises(Cancelled, match="Opening case_1 was cancelled"):
        slow.labeler.open("case_1")
    assert slow.labeler.image_id == "case_0"
