"""Labels of large values, in drafts that began with one byte a voxel."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jlabel.annotation import snapshot as copying
from jlabel.errors import Cancelled
from jlabel.labeler.background import tasks as doing
from tests.widget.label_pages import SHAPE, Page, labeler, new_manager, page, studies, values  # noqa: F401 - fixtures


@pytest.fixture
def slab_by_slab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_SLAB_VOXELS", 12 * 10)
    monkeypatch.setattr(doing, "_SECONDS_BETWEEN_REPORTS", 0)


class Widening:
    """Does something after that many slabs of a draft that is widened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, slabs: int, act: Any) -> None:
        self.slabs = 0
        advance = copying.Copy.advance

        def acting(copy: copying.Copy) -> None:
            advance(copy)
            if copy.mask.dtype == np.uint16:
                self.slabs += 1
                if self.slabs == slabs:
                    act()

        monkeypatch.setattr(copying.Copy, "advance", acting)


def test_while_room_is_made_everything_goes_on(page, labeler, monkeypatch, slab_by_slab):
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    page.stroke((4, 4, 0), (6, 6, 8), 2, seq=2)

    def act() -> None:
        page.ask("undo")
        page.stroke((0, 0, 6), (2, 2, 8), 1, seq=3)
        page.stroke((3, 3, 0), (4, 4, 8), 2, seq=4)
        assert page.labels == {"a": 1, "b": 2}
        assert page.state["busy"] == "Making room for label values above 255"
        assert page.state["canCancel"]

    Widening(monkeypatch, 4, act)
    labeler.add_label("far", value=300)
    assert labeler.mask.dtype == np.uint16
    expected = np.zeros(SHAPE, np.uint16)
    for low, up, value in [((0, 0, 0), (2, 2, 2), 1), ((0, 0, 6), (2, 2, 8), 1), ((3, 3, 0), (4, 4, 8), 2)]:
        expected[tuple(map(slice, low, up))] = value
    np.testing.assert_array_equal(labeler.mask, expected)
    told = [content["fraction"] for content in page.heard if content["type"] == "progress"]
    assert told == [i / 8 for i in range(8)]
    for _ in range(3):
        labeler.undo()
    assert not labeler.mask.any()
    assert page.errors == []


def test_no_label_is_added_where_making_room_is_cancelled(page, labeler, monkeypatch, slab_by_slab):
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    with monkeypatch.context() as patch:
        Widening(patch, 3, lambda: page.ask("cancel"))
        page.ask("add_label", name="far")
        labeler._controller.flush()
        with pytest.raises(Cancelled, match="Making room for label values above 255 was cancelled"):
            labeler.add_label("farther", value=300)
    assert page.labels == values(labeler._controller.manager.labels) == {"a": 1, "b": 2, "far": 3}
    assert labeler.mask.dtype == np.uint8
    assert page.state["busy"] is None
    assert labeler.add_label("farther", value=300).value == 300
    assert (labeler.mask == 1).sum() == 8


def test_a_label_that_another_kernel_added_waits_for_its_room(page, labeler, studies, monkeypatch, slab_by_slab):
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    theirs = new_manager(studies)
    theirs.label_names.change(lambda now: now.add("far", None, 300))
    seen: list[Any] = []
    Widening(monkeypatch, 4, lambda: seen.append(page.labels))
    labeler.rename_label("b", "c")
    assert seen == [{"a": 1, "b": 2}]
    assert page.labels == {"a": 1, "c": 2, "far": 300}
    page.stroke((1, 1, 1), (3, 3, 3), 300, seq=2)
    assert (labeler.mask == 300).sum() == 8
    theirs.close()


def test_an_image_that_is_opened_has_room_for_what_another_kernel_added(page, labeler, studies):
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    theirs = new_manager(studies)
    theirs.label_names.change(lambda now: now.add("far", None, 300))
    labeler.open("case_1", discard=True)
    labeler._controller.flush()
    assert labeler.mask.dtype == np.uint16
    assert page.labels == {"a": 1, "b": 2, "far": 300}
    theirs.close()


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
    labeler._controller.features.navigation.journal_worker.flush()
    labeler._controller.flush()
    killed = new_manager(studies).labeler("case_0")
    np.testing.assert_array_equal(killed.mask, labeler.mask)
    killed.close()
    labeler.save()
    np.testing.assert_array_equal(labeler._controller.manager.label("case_0"), labeler.mask)


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
