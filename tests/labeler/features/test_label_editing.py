"""Labels added, renamed, merged and deleted in a labeler: names, voxels, undo, and what is kept."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from jlabel.errors import Cancelled, DatastoreError, LabelError
from jlabel.labeler.features import label_editing as label_set
from tests.widget.label_pages import SHAPE, Page, labeler, new_manager, page, studies, values  # noqa: F401 - fixtures


def test_a_label_is_added_chosen_and_painted_with(page, labeler, studies):
    page.ask("add_label", name="tumour", color="#123456")
    page.wait(lambda: page.labels == {"a": 1, "b": 2, "tumour": 3})
    page.wait(lambda: labeler.label == "tumour")
    page.stroke((1, 1, 1), (3, 3, 3), 3)
    assert (labeler.mask == 3).sum() == 8
    labeler.save()
    info = labeler._controller.manager.datastore.get_label_info("case_0")
    assert info["labels"] == {"a": 1, "b": 2, "tumour": 3}
    again = new_manager(studies)
    assert values(again.labels) == {"a": 1, "b": 2, "tumour": 3}
    assert again.labels[2].color == "#123456"
    assert again.info()["labels"] == {"a": 1, "b": 2, "tumour": 3}


def test_several_labels_are_added_at_once_or_none(page, labeler):
    page.ask("add_labels", names=["liver", "spleen"])
    page.wait(lambda: page.labels == {"a": 1, "b": 2, "liver": 3, "spleen": 4})
    page.wait(lambda: labeler.label == "liver")
    page.ask("add_labels", names=["cyst", "a"])
    page.wait(lambda: bool(page.errors))
    assert page.errors == ["there is a label 'a' already"]
    assert page.labels == {"a": 1, "b": 2, "liver": 3, "spleen": 4}


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
    labeler._controller.features.volumes.counts()
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
    labeler._controller.flush()
    assert page.errors == []
    assert values(new_manager(labeler._controller.manager.app.studies).labels) == {"a": 1, "b": 2}
    page.stroke((0, 0, 0), (1, 1, 1), 2, seq=3)
    labeler.undo()
    labeler.undo()
    assert page.labels == {"a": 1, "b": 2}


def test_deleting_takes_the_voxels_of_this_draft_alone(page, labeler, studies):
    manager = labeler._controller.manager
    other = np.ones(SHAPE, np.uint8)
    manager.save_label("case_1", other)
    labeler.open("case_0")
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
    labeler._controller.flush()
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
    labeler._controller.features.paint_settings.lock(1)
    with pytest.raises(LabelError, match="a is locked"):
        call(labeler)
    assert values(labeler.labels) == {"a": 1, "b": 2}
    assert (labeler.mask == 1).sum() == 8


def test_nothing_is_merged_into_a_locked_label(page, labeler):
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    labeler._controller.features.paint_settings.lock(2)
    with pytest.raises(LabelError, match="b is locked"):
        labeler.merge_label("a", "b")
    assert (labeler.mask == 1).sum() == 8


def test_merging_does_not_mind_painting_over_the_background_alone(page, labeler):
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    labeler._controller.features.paint_settings.paint_over_background(True)
    labeler.merge_label("a", "b")
    assert (labeler.mask == 2).sum() == 8
    page.stroke((0, 0, 0), (1, 1, 1), 2, seq=2)
    assert (labeler.mask == 2).sum() == 8


def test_a_stroke_of_a_deleted_label_is_refused(page, labeler):
    labeler.delete_label("a")
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    assert "not kept" in page.errors[-1]
    assert not labeler.mask.any()


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

    monkeypatch.setattr(labeler._controller.manager.datastore, "change_label_set", full)
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


def test_a_removal_that_is_cancelled_leaves_label_and_voxels(page, labeler, studies, monkeypatch):
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    before = labeler.mask
    find = label_set.find_label

    def cancelled(*arguments: Any) -> Any:
        page.ask("cancel")
        return find(*arguments)

    monkeypatch.setattr(label_set, "find_label", cancelled)
    for remove in (lambda: labeler.delete_label("a"), lambda: labeler.merge_label("a", "b")):
        with pytest.raises(Cancelled, match="Removing a was cancelled"):
            remove()
        np.testing.assert_array_equal(labeler.mask, before)
        assert page.labels == values(new_manager(studies).labels) == {"a": 1, "b": 2}
        assert list(page.labels) == ["a", "b"]
        assert page.state["busy"] is None
    labeler.undo()
    assert not labeler.mask.any()


def with_values(studies, **found: int):
    manager = new_manager(studies)
    mask = np.zeros(SHAPE, np.uint8)
    for k, value in enumerate(found.values()):
        mask[:, :, k] = value
    manager.save_label("case_0", mask)
    labeler = manager.labeler("case_0")
    labeler._controller.features.volumes.counts()
    return manager, labeler


def test_values_that_nobody_named_have_a_row_that_can_be_chosen_locked_and_named(studies):
    manager, labeler = with_values(studies, first=1, second=7, third=255)
    assert values(labeler.labels) == {"a": 1, "b": 2, "value 7": 7, "value 255": 255}
    labeler.label = "value 7"
    assert labeler.label == "value 7"
    labeler._controller.features.paint_settings.lock(255, True)
    assert manager.datastore.label_set() is None
    labeler.rename_label("value 7", "cyst")
    assert values(labeler.labels) == {"a": 1, "b": 2, "cyst": 7, "value 255": 255}
    assert labeler.label == "cyst"
    labeler.save()
    assert manager.datastore.get_label_info("case_0")["labels"] == {"a": 1, "b": 2, "cyst": 7}
    labeler.close()
    assert values(new_manager(studies).labels) == {"a": 1, "b": 2, "cyst": 7}


def test_a_mask_of_255_is_merged_into_its_structure_and_comes_back_with_an_undo(studies):
    _, labeler = with_values(studies, only=255)
    labeler.merge_label("value 255", "a")
    volumes = labeler._controller.features.volumes
    volumes.counts()
    assert values(labeler.labels) == {"a": 1, "b": 2}
    assert np.unique(labeler.mask).tolist() == [0, 1]
    labeler.undo()
    volumes.counts()
    volumes._tell()
    assert values(labeler.labels) == {"a": 1, "b": 2, "value 255": 255}
    assert np.unique(labeler.mask).tolist() == [0, 255]
    labeler.close()


def test_the_rows_are_those_of_the_open_image(studies):
    manager, labeler = with_values(studies, only=255)
    labeler.open("case_1")
    labeler._controller.features.volumes.counts()
    assert values(labeler.labels) == {"a": 1, "b": 2}
    assert values(manager.labels) == {"a": 1, "b": 2}
    labeler.close()


def test_of_very_many_values_some_are_listed(studies):
    manager = new_manager(studies)
    mask = np.arange(np.prod(SHAPE)).reshape(SHAPE).astype(np.uint16)
    manager.save_label("case_0", mask)
    labeler = manager.labeler("case_0")
    labeler._controller.features.volumes.counts()
    assert len(labeler.labels) == 2 + min(64, int(np.prod(SHAPE)) - 3)
    labeler.close()
