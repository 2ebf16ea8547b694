"""Whatever pages paint, undo and lock, and however often a message comes: the mask is exact, and locked voxels stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jlabel.annotation import mask_change as change
from jlabel.annotation.draft import Draft
from jlabel.imaging import encode_voxels
from jlabel.widget import AppManager, Labeler
from jlabel.widget import labeler as labeler_module
from tests.widget.labeler_pages import App

SHAPE = (5, 4, 3)
Mask = NDArray[np.uint8]


class Model:
    """What the labeler must be: whole masks, and one rule for a voxel after the other."""

    def __init__(self) -> None:
        self.mask: Mask = np.zeros(SHAPE, np.uint8)
        self.locked: set[int] = set()
        self.over_background = False
        self.done: list[Mask] = []
        self.undone: list[Mask] = []

    def paint(self, low: tuple[int, ...], touched: Mask, value: int) -> None:
        if value in self.locked:
            return
        before = self.mask.copy()
        for offset in np.argwhere(touched):
            at = tuple(np.array(low) + offset)
            now = before[at]
            if now not in self.locked and not (self.over_background and now != 0 and value != 0):
                self.mask[at] = value
        if (self.mask != before).any():
            self.done.append(before)
            self.undone.clear()

    def step(self, back: bool) -> None:
        source, target = (self.done, self.undone) if back else (self.undone, self.done)
        if not source:
            return
        changed = self.mask != source[-1]
        if self.locked & {*self.mask[changed].tolist(), *source[-1][changed].tolist()}:
            return
        target.append(self.mask)
        self.mask = source.pop()


class Pages:
    """Pages that number what they ask, and ask some of it twice."""

    def __init__(self, labeler: Labeler) -> None:
        self.labeler = labeler
        self.numbers: dict[str, int] = {}
        self.asked: list[tuple[dict[str, Any], list[bytes]]] = []

    def ask(self, page: str, kind: str, *buffers: bytes, **content: Any) -> None:
        self.numbers[page] = self.numbers.get(page, 0) + 1
        message = {"type": kind, "client": page, "seq": self.numbers[page], "epoch": 1, **content}
        self.asked.append((message, list(buffers)))
        self.labeler._on_message(None, message, list(buffers))

    def stroke(self, page: str, low: tuple[int, ...], touched: Mask, value: int, cut: bool) -> None:
        """A stroke in one message, or slice by slice."""
        ends = range(1, touched.shape[2] + 1) if cut else [touched.shape[2]]
        start = 0
        for end in ends:
            part, more = touched[..., start:end], end < touched.shape[2]
            first = [low[0], low[1], low[2] + start]
            region = [*first, *(i + n for i, n in zip(first, part.shape, strict=True))]
            self.ask(page, "edit", encode_voxels(part), region=region, value=value, more=more)
            start = end

    def repeat(self, which: int) -> None:
        if self.asked:
            message, buffers = self.asked[which % len(self.asked)]
            self.labeler._on_message(None, message, buffers)


@pytest.fixture
def labeler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(labeler_module, "front_end", lambda: ("export default {}", ""))
    nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.eye(4)), tmp_path / "case.nii.gz")
    manager = AppManager(App(tmp_path, labels=["a", "b"]))
    labeler = manager.labeler("case")
    yield labeler
    labeler.close()
    manager.close()


@pytest.fixture(autouse=True)
def many_patches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of one patch are tested elsewhere."""
    monkeypatch.setattr(change, "_MOST_VOXELS", 9)


corner = st.tuples(*(st.integers(0, n - 1) for n in SHAPE))
pages = st.sampled_from(["one", "other"])
events = st.one_of(
    st.tuples(st.just("paint"), pages, corner, corner, st.integers(0, 2), st.integers(0, 2**20), st.booleans()),
    st.tuples(st.just("undo"), pages),
    st.tuples(st.just("redo"), pages),
    st.tuples(st.just("lock"), pages, st.integers(1, 2), st.booleans()),
    st.tuples(st.just("over_background"), pages, st.booleans()),
    st.tuples(st.just("repeat"), st.integers(0, 100)),
)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=st.lists(events, max_size=30))
def test_any_sequence_gives_the_exact_mask(labeler: Labeler, sequence: list[Any]) -> None:
    # One labeler for all examples: each begins with a draft, rules and pages of its own.
    labeler._controller.require_image().draft = Draft(SHAPE)
    labeler._controller.require_image().acked.clear()
    labeler._inbox._handled.clear()
    labeler._controller.features.paint_settings._set(frozenset(), False)
    asking, model = Pages(labeler), Model()
    for kind, *event in sequence:
        before, locked = labeler.mask, set(model.locked)
        if kind == "repeat":
            asking.repeat(*event)
        elif kind == "paint":
            page, a, b, value, seed, cut = event
            low, up = tuple(map(min, a, b)), tuple(max(i, j) + 1 for i, j in zip(a, b, strict=True))
            shape = [j - i for i, j in zip(low, up, strict=True)]
            touched = np.random.default_rng(seed).integers(0, 2, shape, np.uint8)
            asking.stroke(page, low, touched, value, cut)
            model.paint(low, touched, value)
        elif kind in ("undo", "redo"):
            asking.ask(event[0], kind)
            model.step(kind == "undo")
        elif kind == "lock":
            page, value, on = event
            asking.ask(page, "lock", value=value, locked=on)
            model.locked = model.locked | {value} if on else model.locked - {value}
        else:
            page, on = event
            asking.ask(page, "over_background", on=on)
            model.over_background = on
        np.testing.assert_array_equal(labeler.mask, model.mask)
        for value in locked & model.locked:
            np.testing.assert_array_equal(labeler.mask == value, before == value)
