"""Labels added, renamed, merged and deleted in a labeler: names, voxels, undo, what is kept, and what models find."""

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
from jlabel.errors import DatastoreError, LabelError
from jlabel.imaging import Region, encode_voxels
from jlabel.manager import AppManager
from jlabel.tasks import Click, InferResult, InferTask, InteractiveTask
from jlabel.widget import Labeler
from jlabel.widget import labeler as labeler_module

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
        monkeypatch.setattr(labeler, "send", lambda content, buffers: self.heard.append(content))
        self.ask("hello", client="page", protocol=1)

    def ask(self, kind: str, *buffers: bytes, **content: Any) -> None:
        self.labeler._on_browser(self.labeler, {"type": kind, **content}, list(buffers))

    def stroke(self, low: tuple[int, ...], up: tuple[int, ...], value: int, seq: int = 1) -> None:
        touched = np.ones([b - a for a, b in zip(low, up, strict=True)], np.uint8)
        content = {"client": "page", "epoch": self.state["epoch"], "seq": seq, "value": value, "region": [*low, *up]}
        self.ask("edit", encode_voxels(touched), **content)

    @property
    def state(self) -> dict[str, Any]:
        return [content["state"] for content in self.heard if content["type"] == "state"][-1]

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


def test_a_label_is_added_chosen_and_painted_with(page, labeler, studies):
    page.ask("add_label", name="tumour", color="#123456")
    page.wait(lambda: page.labels == {"a": 1, "b": 2, "tumour": 3})
    page.wait(lambda: labeler.label == "tumour")
    page.stroke((1, 1, 1), (3, 3, 3), 3)
    assert (labeler.mask == 3).sum() == 8
    labeler.save()
    info = labeler._desk.manager.datastore.get_label_info("case_0")
    assert info["labels"] == {"a": 1, "b": 2, "tumour": 3}
    again = new_manager(studies)
    assert values(again.labels) == {"a": 1, "b": 2, "tumour": 3}
    assert again.labels[2].color == "#123456"
    assert again.info()["labels"] == {"a": 1, "b": 2, "tumour": 3}


def test_what_cannot_be_done_is_shown(page, labeler):
    page.ask("add_label", name="a")
    page.wait(lambda: bool(page.errors))
    assert page.errors == ["there is a label 'a' already"]
    page.ask("rename_label", value=9, name="x")
    page.wait(lambda: len(page.errors) == 2)
    assert "gone" in page.errors[1]
    assert page.labels == {"a": 1, "b": 2}


def test_a_value_in_the_draft_that_no_label_has_is_not_given_to_a_new_one(studies):
    manager = new_manager(studies)
    mask = np.zeros(SHAPE, np.uint8)
    mask[0, 0, 0] = 3
    manager.save_label("case_0", mask)
    labeler = manager.labeler("case_0")
    labeler._desk.volumes.counts()
    assert labeler.add_label("new").value == 4
    assert labeler.add_label("named", value=3).value == 3
    labeler.close()


def test_names_colours_and_order(page, labeler):
    page.ask("rename_label", value=1, name="organ")
    page.ask("recolor_label", value=2, color="#0a0b0c")
    page.ask("move_label", value=2, place=0)
    page.wait(lambda: page.labels == {"b": 2, "organ": 1} and list(page.labels) == ["b", "organ"])
    assert labeler.label == "organ"
    assert labeler.labels[0].color == "#0a0b0c"
    labeler.label = "b"
    labeler.rename_label("b", "c")
    assert labeler.label == "c"
    labeler.move_label("c", 1)
    labeler.recolor_label("c", "#ffffff")
    assert [(one.name, one.color) for one in labeler.labels][1] == ("c", "#ffffff")


def test_merging_is_one_step_of_undo_and_redo_labels_included(page, labeler):
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    page.stroke((4, 4, 4), (6, 6, 6), 2, seq=2)
    before = labeler.mask
    page.ask("merge_label", value=1, into=2)
    page.wait(lambda: page.state["notice"] == "Merged a into b")
    assert values(labeler.labels) == {"b": 2}
    assert labeler.label == "b"
    np.testing.assert_array_equal(labeler.mask, np.where(before == 1, 2, before))
    labeler.undo()
    np.testing.assert_array_equal(labeler.mask, before)
    assert page.labels == {"a": 1, "b": 2}
    labeler.redo()
    assert page.labels == {"b": 2}
    assert (labeler.mask == 2).sum() == 16
    labeler.undo()
    labeler.worker.flush()
    assert page.errors == []
    assert values(new_manager(labeler._desk.manager.app.studies).labels) == {"a": 1, "b": 2}
    page.stroke((0, 0, 0), (1, 1, 1), 2, seq=3)
    labeler.undo()
    labeler.undo()
    assert page.labels == {"a": 1, "b": 2}


def test_deleting_takes_the_voxels_of_this_draft_alone(page, labeler, studies):
    manager = labeler._desk.manager
    other = np.ones(SHAPE, np.uint8)
    manager.save_label("case_1", other)
    labeler._desk.count()
    labeler._desk.show_state()
    assert page.state["savedElsewhere"] == 1
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    page.ask("delete_label", value=1)
    page.wait(lambda: page.state["notice"] == "Deleted a")
    assert not labeler.mask.any()
    assert labeler.dirty
    labeler.undo()
    assert (labeler.mask == 1).sum() == 8
    labeler.redo()
    np.testing.assert_array_equal(manager.label("case_1"), other)
    labeler.worker.flush()
    assert labeler.add_label("a").value == 3
    assert values(new_manager(studies).labels) == {"b": 2, "a": 3}


def test_a_label_without_voxels_goes_without_a_step(labeler):
    labeler.delete_label("b")
    assert not labeler.dirty
    with pytest.raises(LabelError, match="only label"):
        labeler.delete_label("a")


@pytest.mark.parametrize("call", [lambda s: s.delete_label("a"), lambda s: s.merge_label("a", "b")])
def test_locked_labels_are_neither_merged_nor_deleted(page, labeler, call):
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    labeler._desk.rules.lock(1)
    with pytest.raises(LabelError, match="a is locked"):
        call(labeler)
    assert values(labeler.labels) == {"a": 1, "b": 2}
    assert (labeler.mask == 1).sum() == 8


def test_nothing_is_merged_into_a_locked_label(page, labeler):
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    labeler._desk.rules.lock(2)
    with pytest.raises(LabelError, match="b is locked"):
        labeler.merge_label("a", "b")
    assert (labeler.mask == 1).sum() == 8


def test_merging_does_not_mind_painting_over_the_background_alone(page, labeler):
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    labeler._desk.rules.paint_over_background(True)
    labeler.merge_label("a", "b")
    assert (labeler.mask == 2).sum() == 8
    page.stroke((0, 0, 0), (1, 1, 1), 2, seq=2)
    assert (labeler.mask == 2).sum() == 8


def test_a_stroke_of_a_deleted_label_is_refused(page, labeler):
    labeler.delete_label("a")
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    assert "not kept" in page.errors[-1]
    assert not labeler.mask.any()


def test_models_find_renamed_labels_by_the_apps_name(page, labeler, studies):
    labeler.rename_label("a", "organ")
    labeler.model = "halves"
    page.ask("run", epoch=1, axis=2)
    page.wait(lambda: labeler.mask.any())
    assert set(np.unique(labeler.mask[:6])) == {1}
    assert set(np.unique(labeler.mask[6:])) == {2}
    manager = new_manager(studies)
    result = manager.infer("halves", "case_0")
    assert set(np.unique(result.mask)) == {1, 2}
    clicked = manager.infer("point", "case_0", [Click((1, 1, 1), True, "organ")], label="organ")
    assert clicked.mask[1, 1, 1] == 1
    assert manager.app.infers["point"].asked == [("a", {"a"})]
    manager.close()


def test_a_new_label_with_the_old_name_of_another_gets_its_own_voxels(labeler):
    labeler.rename_label("a", "organ")
    assert labeler.add_label("a").value == 3
    result = labeler._desk.manager.infer("point", "case_0", [Click((1, 1, 1))], label="a")
    assert result.mask[1, 1, 1] == 3
    assert labeler._desk.manager.infer("halves", "case_0").mask[0, 0, 0] == 1


def test_what_a_model_finds_of_merged_and_deleted_labels(page, labeler):
    labeler.add_label("rest")
    labeler.merge_label("a", "rest")
    labeler.delete_label("b")
    labeler.model = "halves"
    page.ask("run", epoch=1, axis=2)
    page.wait(lambda: labeler.mask.any())
    assert set(np.unique(labeler.mask[:6])) == {3}
    assert not labeler.mask[6:].any()


def test_prompts_go_on_after_their_label_was_renamed(page, labeler):
    click = {"kind": "click", "position": [1, 1, 1], "positive": True, "label": ""}
    page.ask("prompt", epoch=1, prompt=click, axis=2)
    page.wait(lambda: labeler.mask.any() and page.state["busy"] is None)
    labeler.rename_label("a", "organ")
    assert [prompt["label"] for prompt in page.prompts] == ["organ"]
    page.ask("prompt", epoch=1, prompt={**click, "position": [2, 2, 2]}, axis=2)
    page.wait(lambda: labeler.mask.sum() == 2 and page.state["busy"] is None)
    assert len(labeler.prompts) == 2
    labeler.undo()
    labeler.undo()
    assert not labeler.mask.any()


def test_values_above_255_in_a_draft_that_began_with_one_byte(page, labeler, studies):
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    assert labeler.mask.dtype == np.uint8
    labeler.add_label("far", value=40_000)
    page.stroke((1, 1, 1), (3, 3, 3), 40_000, seq=2)
    assert labeler.mask.dtype == np.uint16
    assert [content["seq"] for content in page.heard if content["type"] == "edited"] == [1, 2]
    labeler.merge_label("far", "b")
    for expected in (40_000, 0):
        labeler.undo()
        assert labeler.mask[2, 2, 2] == expected
    labeler.undo()
    assert not labeler.mask.any()
    for _ in range(3):
        labeler.redo()
    assert labeler.volumes == {"a": pytest.approx(0.007), "b": pytest.approx(0.008)}
    labeler.undo()
    labeler._desk.shelf.keeper.flush()
    labeler.worker.flush()
    killed = new_manager(studies).labeler("case_0")
    np.testing.assert_array_equal(killed.mask, labeler.mask)
    killed.close()
    labeler.save()
    np.testing.assert_array_equal(labeler._desk.manager.label("case_0"), labeler.mask)


def test_prompts_go_on_after_the_draft_took_two_bytes(page, labeler):
    click = {"kind": "click", "position": [1, 1, 1], "positive": True, "label": ""}
    page.ask("prompt", epoch=1, prompt=click, axis=2)
    page.wait(lambda: labeler.mask.any() and page.state["busy"] is None)
    labeler.add_label("far", value=300)
    page.stroke((5, 5, 5), (6, 6, 6), 300)
    labeler.label = "a"
    page.ask("prompt", epoch=1, prompt={**click, "position": [2, 2, 2]}, axis=2)
    page.wait(lambda: labeler.mask[2, 2, 2] == 1 and page.state["busy"] is None)
    page.ask("remove_prompt", epoch=1, id=page.prompts[0]["id"])
    page.wait(lambda: labeler.mask[1, 1, 1] == 0)
    assert labeler.mask[2, 2, 2] == 1


def test_300_labels_with_values_to_40000(studies):
    declared = {f"label {i}": 1 + (i * 39_999) // 299 for i in range(300)}
    manager = new_manager(studies, declared)
    labeler = manager.labeler("case_0")
    assert values(labeler.labels) == declared
    assert labeler.mask.dtype == np.uint16
    assert max(declared.values()) == 40_000
    assert labeler.add_label("more").value == 40_001
    labeler.close()


def test_another_person_sees_the_change_at_the_next_image(labeler, studies):
    theirs = new_manager(studies).labeler("case_1")
    labeler.add_label("x")
    labeler.rename_label("a", "organ")
    assert values(theirs.labels) == {"a": 1, "b": 2}
    # Both add one at the same time: the values differ.
    assert theirs.add_label("y").value == 4
    assert values(theirs.labels) == {"organ": 1, "b": 2, "x": 3, "y": 4}
    labeler.open("case_0")
    assert values(labeler.labels) == values(theirs.labels)
    theirs.close()


def test_two_kernels_add_at_once(studies):
    managers = [new_manager(studies) for _ in range(2)]

    def add(number: int) -> None:
        for i in range(10):
            managers[number].label_names.change(lambda now, name=f"{number}-{i}": now.add(name))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = values(new_manager(studies).labels)
    assert len(found) == 22
    assert sorted(found.values()) == list(range(1, 23))


def test_a_change_that_cannot_be_kept_changes_nothing(page, labeler, monkeypatch):
    page.stroke((0, 0, 0), (2, 2, 2), 1)

    def full(change):
        raise DatastoreError("no space left")

    monkeypatch.setattr(labeler._desk.manager.datastore, "change_label_set", full)
    with pytest.raises(DatastoreError, match="no space"):
        labeler.delete_label("a")
    assert (labeler.mask == 1).sum() == 8
    assert values(labeler.labels) == {"a": 1, "b": 2}
    assert page.state["busy"] is None


def test_the_apps_new_labels_are_kept_where_another_took_their_value(labeler, studies):
    labeler.add_label("tumour")
    later = new_manager(studies, ["a", "b", "c"])
    assert values(later.labels) == {"a": 1, "b": 2, "tumour": 3, "c": 4}
    assert labeler.add_label("next").value == 5
