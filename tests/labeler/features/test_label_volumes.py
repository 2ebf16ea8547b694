"""The labels' volumes: counted from the steps of the history, equal to what the mask holds."""

from __future__ import annotations

import time
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from jlabel.app import LabelApp
from jlabel.imaging import Region
from jlabel.labeler.features.label_volumes import count_values
from jlabel.widget import AppManager
from jlabel.widget import labeler as labeler_module

SHAPE = (6, 5, 4)
box = st.tuples(*(st.integers(0, n - 1) for n in SHAPE)).flatmap(
    lambda low: st.tuples(st.just(low), st.tuples(*(st.integers(lo + 1, n) for lo, n in zip(low, SHAPE, strict=True))))
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("paint"), box, st.sampled_from([0, 1, 2, 300])),
        st.tuples(st.sampled_from(["undo", "redo"])),
    ),
    max_size=12,
)


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(labeler_module, "front_end", lambda: ("", ""))
    nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.diag([2.0, 3.0, 4.0, 1.0])), tmp_path / "case.nii.gz")
    Image.fromarray(np.zeros((7, 9), np.uint8)).save(tmp_path / "slide.png")
    manager = AppManager(LabelApp(tmp_path, labels={"a": 1, "b": 2, "far": 300}))
    yield manager
    manager.close()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_any_strokes_and_undos_give_the_counts_of_the_mask(manager, actions):
    saved = np.zeros(SHAPE, np.uint8)
    saved[0] = 2
    manager.save_label("case", saved)
    labeler = manager.labeler("case")
    controller = labeler._controller
    for action in actions:
        if action[0] == "paint":
            region = Region(*action[1])
            controller.features.painting.paint(region, np.ones(region.shape, bool), action[2])
        else:
            getattr(controller.features.undo, action[0])()
    held = {name: int((labeler.mask == value).sum()) for name, value in controller.values.items()}
    assert labeler.volumes == {name: pytest.approx(count * 0.024) for name, count in held.items()}
    labeler.close()


def test_the_pages_are_told_once_a_little_later(manager, monkeypatch):
    labeler = manager.labeler("case")
    heard: list[dict] = []
    monkeypatch.setattr(labeler, "send", lambda content, buffers: heard.append(content))
    labeler._on_message(labeler, {"type": "hello", "client": "page", "protocol": 1}, [])
    region = Region((0, 0, 0), (2, 2, 2))
    for value in (1, 2, 1):
        labeler._controller.features.painting.paint(region, np.ones(region.shape, bool), value)
    end = time.monotonic() + 5
    while not any(content.get("counts") for content in heard):
        assert time.monotonic() < end
        time.sleep(0.01)
    told = [content for content in heard if content["type"] == "volumes"]
    assert told[-1] == {"type": "volumes", "epoch": 1, "counts": [(1, 8)], "voxelMl": pytest.approx(0.024)}
    labeler.close()


def test_a_picture_has_pixels(manager):
    labeler = manager.labeler("slide")
    region = Region((0, 0), (2, 3))
    labeler._controller.features.painting.paint(region, np.ones(region.shape, bool), 1)
    assert labeler.volumes == {"a": 6, "b": 0, "far": 0}
    labeler.close()


@pytest.mark.parametrize("order", ["C", "F"])
def test_counting(order):
    values = np.asarray(np.random.default_rng(0).integers(0, 60_000, SHAPE), np.uint16, order=order)
    counts = count_values(values)
    found, times = np.unique(values, return_counts=True)
    np.testing.assert_array_equal(counts[found], times)
    assert counts.sum() == values.size
