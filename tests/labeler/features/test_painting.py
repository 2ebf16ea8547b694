"""Strokes from a page: parts of one, rules, and what the page is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from jlabel.widget import AppManager, Labeler
from jlabel.widget import labeler as labeler_module
from tests.widget.labeler_pages import SHAPE, App, Page


@pytest.fixture
def labeler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Labeler]:
    monkeypatch.setattr(labeler_module, "front_end", lambda: ("export default {}", ""))
    for name in ("case_0", "case_1"):
        nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.eye(4)), tmp_path / f"{name}.nii.gz")
    manager = AppManager(App(tmp_path, labels=["a", "b"]))
    labeler = manager.labeler("case_0")
    yield labeler
    labeler.close()
    manager.close()


@pytest.fixture
def painter(labeler: Labeler, monkeypatch: pytest.MonkeyPatch) -> Page:
    return Page(labeler, monkeypatch)


def test_a_stroke_in_parts_is_one_step(painter: Page, labeler: Labeler) -> None:
    painter.stroke((0, 0, 0), (2, 2, 2), 1, seq=1)
    painter.stroke((3, 3, 3), (6, 6, 4), 2, seq=2, more=True)
    painter.stroke((3, 3, 4), (6, 6, 5), 2, seq=3, more=True)
    painter.stroke((3, 3, 5), (6, 6, 6), 2, seq=4)
    painted = labeler.mask
    assert (painted == 2).sum() == 27
    labeler.undo()
    assert (labeler.mask == 2).sum() == 0
    assert (labeler.mask == 1).sum() == 8
    labeler.redo()
    np.testing.assert_array_equal(labeler.mask, painted)


def test_another_pages_stroke_between_two_parts_keeps_its_own_step(painter: Page, labeler: Labeler) -> None:
    painter.stroke((3, 3, 3), (6, 6, 4), 2, seq=1, more=True)
    painter.stroke((0, 0, 0), (2, 2, 2), 1, seq=1, client="other")
    painter.stroke((3, 3, 4), (6, 6, 5), 2, seq=2)
    labeler.undo()
    assert (labeler.mask == 2).sum() == 9
    labeler.undo()
    assert (labeler.mask == 1).sum() == 0
    assert (labeler.mask == 2).sum() == 9


def test_a_stroke_that_the_rules_cut_is_answered_with_the_true_mask(painter: Page, labeler: Labeler) -> None:
    painter.stroke((0, 0, 0), (4, 4, 1), 1, seq=1)
    painter.ask("lock", value=1, locked=True)
    painter.stroke((2, 2, 0), (6, 6, 1), 2, seq=2)
    assert [told["seq"] for told in painter.told("edited")] == [1]
    assert painter.told("mask")[-1]["region"] == [2, 2, 0, 6, 6, 1]
    assert painter.told("mask")[-1]["acked"] == {"page": 2}
    assert (labeler.mask == 1).sum() == 16
    assert (labeler.mask == 2).sum() == 12
    labeler.undo()
    assert (labeler.mask == 2).sum() == 0


def test_a_stroke_that_changes_nothing_is_no_step(painter: Page, labeler: Labeler) -> None:
    painter.stroke((0, 0, 0), (4, 4, 1), 0)
    assert not painter.state()["canUndo"]
    assert not labeler.dirty


def test_what_is_for_an_image_that_was_left_is_refused_in_words(painter: Page, labeler: Labeler) -> None:
    painter.stroke((0, 0, 0), (4, 4, 1), 1, seq=1)
    labeler.save()
    labeler.open("case_1")
    painter.ask("undo", client="page", seq=2, epoch=1)
    assert painter.told("error")[-1]["text"] == "undo came after another image was opened; it was not kept"
    painter.ask("choose", client="page", seq=3, what="label", value="b")
    assert labeler.label == "b"


def test_painting_over_a_locked_label_says_so_once_for_each_image(painter: Page, labeler: Labeler) -> None:
    painter.stroke((1, 1, 1), (4, 4, 4), 2)
    painter.ask("lock", value=2, locked=True)
    said = "b stayed where you painted over it: it is locked"
    painter.stroke((0, 0, 0), (5, 5, 5), 1, seq=2)
    assert painter.state()["notice"] == said
    painter.stroke((0, 0, 0), (6, 5, 5), 1, seq=3)
    assert painter.state()["notice"] is None
    painter.stroke((8, 8, 6), (9, 9, 7), 1, seq=4)
    labeler.save()
    labeler.open("case_1")
    labeler.open("case_0")
    painter.stroke((0, 0, 0), (3, 3, 3), 0, seq=5)
    assert painter.state()["notice"] == said
    assert (labeler.mask[1:4, 1:4, 1:4] == 2).all()
