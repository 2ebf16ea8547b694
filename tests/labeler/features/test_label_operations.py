"""Operations on whole labels at the labeler: from a page, from Python, overtaken, cancelled, undone."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from jlabel import editing
from jlabel.annotation import mask_change as change
from jlabel.app import LabelApp
from jlabel.errors import Cancelled, EditError, JlabelError, LabelError
from jlabel.imaging import decode_voxels, encode_voxels
from jlabel.imaging.region import Region
from jlabel.labeler.background import tasks as doing
from jlabel.labeler.features import label_operations as operating
from jlabel.labeler.protocol.values import PROTOCOL
from jlabel.widget import AppManager, Labeler
from jlabel.widget import labeler as labeler_module
from tests.widget.known_state import as_sent, known_state

SHAPE = (20, 18, 12)
SPACING = (1.0, 1.5, 2.0)


class Page:
    """Stands for a page: hears what the labeler tells, holds the mask that it would show, and asks."""

    def __init__(self, labeler: Labeler, monkeypatch: pytest.MonkeyPatch) -> None:
        self.labeler = labeler
        self.heard: list[dict[str, Any]] = []
        self.mask = labeler.mask
        monkeypatch.setattr(labeler, "send", self._hear)
        self.ask("hello", client="p", protocol=PROTOCOL)

    def _hear(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        self.heard.append(as_sent(content))
        if content["type"] == "mask":
            region = Region.from_flat(content["region"])
            self.mask[region.slices] = decode_voxels(buffers[0], region, content["dtype"])

    def ask(self, kind: str, *buffers: bytes, **content: Any) -> None:
        self.labeler._on_message(None, {"type": kind, **content}, list(buffers))

    def operate(self, operation: str, axis: int = 2, slice: int = 5, value: int = 1, **parameters: Any) -> None:
        content = {"operation": operation, "parameters": parameters, "axis": axis, "slice": slice, "value": value}
        self.ask("operate", epoch=1, **content)

    def stroke(self, lower: tuple[int, ...], upper: tuple[int, ...], value: int, seq: int = 1) -> None:
        region = Region(lower, upper)
        packed = encode_voxels(np.ones(region.shape, np.uint8))
        self.ask("edit", packed, client="p", epoch=1, seq=seq, region=region.to_flat(), value=value)

    def settle(self) -> None:
        self.labeler._controller.features.operations._worker.flush()

    @property
    def errors(self) -> list[str]:
        return [content["text"] for content in self.heard if content["type"] == "error"]

    @property
    def state(self) -> dict[str, Any]:
        return known_state(list(self.heard))


@pytest.fixture(autouse=True)
def many_patches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of one patch are tested elsewhere."""
    monkeypatch.setattr(change, "_MOST_VOXELS", 400)


@pytest.fixture
def labeler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(labeler_module, "front_end", lambda: ("", ""))
    voxels = np.random.default_rng(0).integers(0, 100, SHAPE).astype(np.int16)
    nib.save(nib.Nifti1Image(voxels, np.diag([*SPACING, 1])), tmp_path / "a.nii.gz")
    manager = AppManager(LabelApp(str(tmp_path), labels=["liver", "tumour"]))
    labeler = manager.labeler()
    yield labeler
    labeler.close()
    manager.close()


@pytest.fixture
def page(labeler: Labeler, monkeypatch: pytest.MonkeyPatch) -> Page:
    page = Page(labeler, monkeypatch)
    page.stroke((6, 6, 3), (12, 12, 8), 1, seq=1)
    page.stroke((8, 8, 4), (9, 9, 6), 0, seq=2)
    page.stroke((2, 2, 5), (3, 3, 6), 1, seq=3)
    page.stroke((12, 6, 3), (15, 12, 8), 2, seq=4)
    page.mask = labeler.mask
    return page


def expected(mask: Any, edit: editing.Edit) -> Any:
    after = mask.copy()
    after[edit.region.slices] = edit.after
    return after


IN_SLICE = editing.Extent(2, 5)
OPERATIONS: list[tuple[str, dict[str, Any], Any]] = [
    ("grow", {"radius": 2.0}, lambda m, _: editing.grow(m, 1, SPACING, 2.0)),
    ("grow", {"radius": 2.0, "extent": "slice"}, lambda m, _: editing.grow(m, 1, SPACING, 2.0, IN_SLICE)),
    ("shrink", {"radius": 1.5}, lambda m, _: editing.shrink(m, 1, SPACING, 1.5)),
    ("smooth", {"radius": 2, "extent": "slices"}, lambda m, _: editing.smooth(m, 1, SPACING, 2, editing.Extent(2))),
    ("fill_holes", {}, lambda m, _: editing.fill_holes(m, 1)),
    ("keep_largest", {}, lambda m, _: editing.keep_largest(m, 1)),
    ("remove_islands", {"smallest": 4.0}, lambda m, _: editing.remove_islands(m, 1, SPACING, 4.0)),
    ("copy_slice", {"step": -1}, lambda m, _: editing.copy_slice(m, 2, 4, 5, 1)),
    ("copy_slice", {"step": 1, "all": True}, lambda m, _: editing.copy_slice(m, 2, 6, 5)),
    ("erase", {"extent": "slice"}, lambda m, _: editing.erase(m, 1, IN_SLICE)),
    ("threshold", {"low": 20, "high": 50}, lambda m, image: editing.threshold(m, image, 1, 20, 50)),
    ("fill", {"seed": [8, 8, 5], "extent": "slice"}, lambda m, _: editing.fill_label(m, (8, 8, 5), 1, 2)),
    (
        "fill",
        {"seed": [0, 0, 5], "tolerance": 60, "radius": 9},
        lambda m, image: editing.fill_alike(m, image, (0, 0, 5), 1, SPACING, 60, 9),
    ),
]


@pytest.mark.parametrize(("name", "parameters", "pure"), OPERATIONS)
def test_each_operation_is_the_pure_function_as_one_step_of_undo(page, labeler, name, parameters, pure):
    before, image = labeler.mask, labeler._controller.open_image.image.array
    page.operate(name, **parameters)
    page.settle()
    after = labeler.mask
    assert page.errors == []
    np.testing.assert_array_equal(after, expected(before, pure(before, image)))
    assert (after != before).any()
    np.testing.assert_array_equal(page.mask, after)
    assert page.state["busy"] is None
    assert f"{np.count_nonzero(after != before):,} voxel" in page.state["notice"]
    labeler.undo()
    np.testing.assert_array_equal(labeler.mask, before)
    np.testing.assert_array_equal(page.mask, before)
    labeler.redo()
    np.testing.assert_array_equal(page.mask, after)


def test_interpolation_fills_the_gap_along_the_axis_of_the_page(page, labeler):
    page.stroke((0, 0, 6), (20, 18, 7), 0, seq=5)
    before = labeler.mask
    page.operate("interpolate", axis=2)
    page.settle()
    np.testing.assert_array_equal(labeler.mask, expected(before, editing.interpolate(before, 1, SPACING, 2)))
    assert labeler.mask[8, 10, 6] == 1


def test_python_gives_the_number_of_changed_voxels_or_the_error(labeler, page):
    before = labeler.mask
    assert labeler.edit("fill_holes", label="liver") == np.count_nonzero(labeler.mask != before) == 2
    assert labeler.edit("fill_holes") == 0
    assert page.state["notice"] == "liver: nothing changed"
    with pytest.raises(EditError, match="tumour: nothing of the label would be left"):
        labeler.edit("shrink", label="tumour", radius=9)
    with pytest.raises(EditError, match="slice="):
        labeler.edit("erase", axis=2, extent="slice")
    with pytest.raises(EditError, match="axis=0, 1 or 2"):
        labeler.edit("interpolate")
    with pytest.raises(EditError, match="no operation 'melt'; there are grow"):
        labeler.edit("melt")
    with pytest.raises(EditError, match="no label 'spleen'"):
        labeler.edit("erase", label="spleen")


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("melt", {}, "Invalid enum value 'melt' - at `$.operation`"),
        ("grow", {}, "grow needs radius"),
        ("grow", {"radius": "2"}, "radius of grow is a number, not '2'"),
        ("grow", {"radius": 2, "extent": "all"}, "extent of grow is 'volume'"),
        ("grow", {"radius": 2, "by": 1}, "does not take 'by'; it takes radius, extent"),
        ("copy_slice", {"step": 2}, "step of copy_slice is 1 or -1"),
        ("copy_slice", {"step": 1, "all": 1}, "true or false"),
        ("fill", {"seed": "here"}, "a voxel index"),
        ("threshold", {"low": float("nan"), "high": 1}, "low of threshold is a number"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(page, labeler, name, parameters, words):
    before = labeler.mask
    page.operate(name, **parameters)
    page.settle()
    assert len(page.errors) == 1
    assert words in page.errors[0]
    np.testing.assert_array_equal(labeler.mask, before)
    assert page.state["busy"] is None


def test_nothing_that_changes_is_no_step(page, labeler):
    page.operate("fill_holes", value=2)
    page.settle()
    assert page.state["notice"] == "tumour: nothing changed"
    labeler.undo()
    assert not (labeler.mask == 2).any(), "the last stroke was undone"


def test_locked_labels_stay(page, labeler):
    before = labeler.mask
    page.ask("lock", value=2, locked=True)
    page.operate("grow", radius=2)
    page.settle()
    after = labeler.mask
    np.testing.assert_array_equal(after == 2, before == 2)
    assert "stayed, for they are locked" in page.state["notice"]
    page.ask("lock", value=1, locked=True)
    page.operate("grow", radius=2)
    page.settle()
    assert page.errors == ["liver is locked; unlock it to change it"]
    with pytest.raises(LabelError, match="locked"):
        labeler.edit("erase", label="liver")
    np.testing.assert_array_equal(labeler.mask, after)


def test_painting_over_the_background_alone(page, labeler):
    before = labeler.mask
    page.ask("over_background", on=True)
    page.operate("grow", radius=4)
    page.settle()
    assert (labeler.mask == 1).sum() > (before == 1).sum()
    np.testing.assert_array_equal(labeler.mask[before == 2], before[before == 2])


class Held:
    """Holds an operation on its way until the test lets it go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, times: int = 1) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self.runs = 0

        def operate(name: str, target: Any, parameters: Any, watch: Any) -> editing.Edit:
            self.runs += 1
            edit = editing.operate(name, target, parameters, watch)
            if self.runs <= times:
                self.begun.set()
                assert self.go.wait(10)
                watch.check()
            return edit

        monkeypatch.setattr(operating, "operate", operate)


def test_a_stroke_overtakes_an_operation_which_begins_again(page, labeler, monkeypatch):
    held = Held(monkeypatch)
    page.operate("grow", radius=2)
    assert held.begun.wait(10)
    assert page.state["busy"] == "Growing liver"
    page.stroke((16, 14, 1), (18, 16, 3), 1, seq=5)
    before = labeler.mask
    held.go.set()
    page.settle()
    assert held.runs == 2
    np.testing.assert_array_equal(labeler.mask, expected(before, editing.grow(before, 1, SPACING, 2)))


def test_a_rule_that_comes_meanwhile_is_obeyed(page, labeler, monkeypatch):
    held = Held(monkeypatch)
    before = labeler.mask
    page.operate("grow", radius=2)
    assert held.begun.wait(10)
    page.ask("lock", value=2, locked=True)
    held.go.set()
    page.settle()
    np.testing.assert_array_equal(labeler.mask == 2, before == 2)
    assert (labeler.mask == 1).sum() > (before == 1).sum()


@pytest.mark.parametrize("how", ["cancel", "undo"])
def test_what_is_cancelled_changes_nothing(page, labeler, monkeypatch, how):
    held = Held(monkeypatch)
    before = labeler.mask
    page.operate("grow", radius=2)
    page.operate("smooth", radius=2)
    assert held.begun.wait(10)
    page.ask(how)
    held.go.set()
    page.settle()
    np.testing.assert_array_equal(labeler.mask, before)
    assert page.errors == []
    assert page.state["busy"] is None
    assert page.state["notice"].endswith("was cancelled")


def test_an_operation_is_given_up_with_its_image(page, labeler, monkeypatch):
    held = Held(monkeypatch)
    page.operate("grow", radius=2)
    assert held.begun.wait(10)
    labeler.open(labeler.image_id, discard=True)
    held.go.set()
    page.settle()
    assert not labeler.mask.any()
    assert page.state["busy"] is None


def test_python_hears_that_it_was_cancelled(page, labeler, monkeypatch):
    held = Held(monkeypatch)
    heard: list[BaseException] = []

    def cell() -> None:
        try:
            labeler.edit("grow", radius=2)
        except JlabelError as error:
            heard.append(error)

    thread = threading.Thread(target=cell)
    thread.start()
    assert held.begun.wait(10)
    page.ask("cancel")
    held.go.set()
    thread.join(10)
    assert isinstance(heard[0], Cancelled)


def test_labels_that_never_hold_still_are_not_waited_for_for_ever(page, labeler, monkeypatch):
    def restless(name: str, target: Any, parameters: Any, watch: Any) -> editing.Edit:
        edit = editing.operate(name, target, parameters, watch)
        labeler.undo() if labeler._controller.open_image.draft.history.next_redo is None else labeler.redo()
        return edit

    monkeypatch.setattr(labeler._controller.features.operations, "cancel", lambda: False)
    monkeypatch.setattr(operating, "operate", restless)
    with pytest.raises(JlabelError, match="given up: the labels were changed again and again"):
        labeler.edit("grow", radius=2)


def test_progress_is_told(page, labeler, monkeypatch):
    monkeypatch.setattr(doing, "_SECONDS_BETWEEN_REPORTS", 0)
    page.operate("smooth", radius=2, extent="slices")
    page.settle()
    told = [content for content in page.heard if content["type"] == "progress"]
    assert [content["text"] for content in told][:1] == ["Smoothing liver"]
    fractions = [content["fraction"] for content in told]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] < fractions[-1] < 1


def test_a_label_that_was_deleted_meanwhile_is_not_painted(page, labeler, monkeypatch):
    held = Held(monkeypatch)
    page.operate("threshold", low=0, high=99)
    assert held.begun.wait(10)
    labeler._controller.labels = tuple(label for label in labeler._controller.labels if label.name != "liver")
    before = labeler.mask
    held.go.set()
    page.settle()
    assert page.errors == ["liver: the label was deleted meanwhile"]
    np.testing.assert_array_equal(labeler.mask, before)


def test_a_label_that_needs_two_bytes_is_filled(tmp_path, monkeypatch):
    monkeypatch.setattr(labeler_module, "front_end", lambda: ("", ""))
    nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.eye(4)), tmp_path / "a.nii.gz")
    manager = AppManager(LabelApp(str(tmp_path), labels={"small": 1, "large": 3000}))
    labeler = manager.labeler()
    try:
        assert labeler.edit("fill", label="large", seed=[1, 2, 3], axis=0, slice=1, extent="slice") == 18 * 12
        assert (labeler.mask[1] == 3000).all()
    finally:
        labeler.close()
        manager.close()


def test_an_operation_of_a_former_image_is_dropped(page, labeler):
    before = labeler.mask
    page.ask("operate", epoch=0, operation="erase", parameters={}, axis=2, slice=0, value=1)
    page.settle()
    np.testing.assert_array_equal(labeler.mask, before)


def test_a_picture_has_one_extent(tmp_path, monkeypatch):
    from PIL import Image as Picture

    monkeypatch.setattr(labeler_module, "front_end", lambda: ("", ""))
    Picture.fromarray(np.full((9, 8, 3), 120, np.uint8)).save(tmp_path / "photo.png")
    manager = AppManager(LabelApp(str(tmp_path), labels=["cell"]))
    labeler = manager.labeler()
    try:
        assert labeler.edit("fill", seed=[2, 3, 0], tolerance=5, extent="slice", axis=2, slice=0) == 72
        labeler.edit("erase", extent="slices")
        assert not labeler.mask.any()
        with pytest.raises(EditError, match="colours"):
            labeler.edit("threshold", low=0, high=200)
    finally:
        labeler.close()
        manager.close()
