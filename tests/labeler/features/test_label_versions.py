"""Saved labels of the present image: listed, and taken over into the draft."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.datastores import LabelVersion
from jlabel.errors import Cancelled, DatastoreError, JlabelError, LabelError
from jlabel.labeler.features.label_versions import label_title, replacement, version_info
from tests.widget.labeler_pages import SHAPE, labeler, manager, page, studies  # noqa: F401 - fixtures


@pytest.fixture
def other(manager):
    """The model's label of the first image: a block of `a`, a block of `b`, and a value without a name."""
    mask = np.zeros(SHAPE, np.uint8)
    mask[2:8, 2:8, 2:6] = 1
    mask[9:11, 2:8, 2:6] = 2
    mask[0, 0, 0] = 9
    manager.save_label("case_0", mask, "original", {"models": ["<b>auto</b>"]})
    return mask


masks = st.lists(st.integers(0, 3), min_size=12, max_size=12).map(lambda v: np.array(v, np.uint8).reshape(3, 2, 2))


@settings(max_examples=200)
@given(masks, masks, st.sampled_from([None, 1, 2]), st.sampled_from(["uint8", "uint16"]))
def test_what_takes_its_place_is_the_other_label_or_one_value_of_it(
    mask: Any, other: Any, value: int | None, dtype: str
) -> None:
    before = mask.copy()
    region, after = replacement(mask, other.astype(dtype), value)
    assert after.dtype == mask.dtype
    result = mask.copy()
    result[region.slices] = after
    wanted = other
    if value is not None:
        wanted = np.where(other == value, value, np.where(mask == value, 0, mask))
    np.testing.assert_array_equal(result, wanted)
    np.testing.assert_array_equal(mask, before)
    # No more is looked at than what differs.
    differs = mask != wanted
    assert region.size == 1 or region.size <= np.prod(np.ptp(np.argwhere(differs), axis=0) + 1)


def test_a_saved_label_in_words() -> None:
    assert label_title("final", None) == "final"
    assert label_title("final", 3) == "final, version 3"


def version(info: dict[str, Any]) -> LabelVersion:
    return LabelVersion(2, datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC), "anna", bytes=10, info=info, current=True)


def test_a_version_as_it_is_listed() -> None:
    listed = version_info(version({"models": ["click"], "prompts": [{}, {}]}))
    assert (listed.number, listed.time, listed.author) == (2, "2026-01-02T03:04:05+00:00", "anna")
    assert (listed.current, listed.models, listed.prompts) == (True, ["click"], 2)


@pytest.mark.parametrize("info", [{}, {"models": "click", "prompts": 3}, {"models": None, "prompts": None}])
def test_what_is_written_beside_a_label_by_others_is_not_trusted(info: dict[str, Any]) -> None:
    listed = version_info(version(info))
    assert (listed.models, listed.prompts) == ([], 0)


def test_long_names_of_many_models_are_cut() -> None:
    listed = version_info(version({"models": ["x" * 1000] * 50}))
    assert listed.models == ["x" * 80] * 8


def test_taking_over_what_is_the_same_is_no_step(labeler, page):
    page.stroke((0, 0, 0), (3, 3, 3), 1)
    labeler.save()
    assert labeler.take_over("final") == 0
    assert page.state()["notice"] == "Nothing differs from final"
    assert not labeler.dirty


def test_what_there_is_not_is_said_and_the_draft_stays(labeler, page):
    page.stroke((0, 0, 0), (3, 3, 3), 1)
    for tag, number in (("mine", None), ("final", 3)):
        with pytest.raises(DatastoreError):
            labeler.take_over(tag, number)
    page.ask("take_over", epoch=1, tag="mine", version=None, value=None)
    page.wait(lambda: page.told("error") != [])
    assert labeler.mask.sum() == 27
    assert page.state()["busy"] is None


def test_reading_can_be_given_up(labeler, page, manager, other, monkeypatch):
    begun, gate = threading.Event(), threading.Event()
    real = manager.label

    def slow(*arguments: Any, **more: Any) -> Any:
        begun.set()
        assert gate.wait(60)
        return real(*arguments, **more)

    monkeypatch.setattr(manager, "label", slow)

    def cancel() -> None:
        assert begun.wait(60)
        page.ask("cancel")

    thread = threading.Thread(target=cancel)
    thread.start()
    before = labeler.mask
    with pytest.raises(Cancelled, match=r"^Reading original was cancelled$"):
        labeler.take_over("original")
    thread.join(60)
    gate.set()
    np.testing.assert_array_equal(labeler.mask, before)
    assert page.state()["busy"] is None


def test_a_list_for_a_former_image_is_not_made(labeler, page, other):
    page.ask("versions", client="page", epoch=77)
    labeler._controller.features.versions._worker.flush()
    assert page.told("versions") == []


def test_the_page_that_asked_alone_gets_the_list(labeler, page, other):
    page.ask("versions", client="page", epoch=1)
    page.wait(lambda: page.told("versions") != [])
    assert page.told("versions")[0]["client"] == "page"
    assert [tag["tag"] for tag in page.told("versions")[0]["tags"]] == ["original"]


def test_what_the_draft_cannot_hold_is_refused(labeler, page, manager):
    wide = np.zeros(SHAPE, np.uint16)
    wide[0, 0, 0] = 300
    manager.save_label("case_0", wide, "mine")
    with pytest.raises(LabelError, match="value 300"):
        labeler.take_over("mine")
    assert not labeler.mask.any()


def test_a_request_for_a_former_image_does_nothing(labeler, page, other):
    labeler.next()
    before = labeler.mask
    page.ask("take_over", epoch=1, tag="original", version=None, value=None)
    labeler._controller.features.versions._worker.flush()
    np.testing.assert_array_equal(labeler.mask, before)
    assert page.told("error") == []


def test_versions_are_listed_newest_first(labeler, page, other):
    for extent in (2, 3):
        page.stroke((0, 0, 0), (extent, 2, 2), 1, seq=extent)
        labeler.save()
    page.ask("versions", client="page", epoch=page.state()["epoch"])
    page.wait(lambda: page.told("versions") != [])
    tags = {one["tag"]: one["versions"] for one in page.told("versions")[0]["tags"]}
    assert list(tags) == ["final", "original"]
    assert [(one["number"], one["current"]) for one in tags["final"]] == [(2, True), (1, False)]
    assert tags["original"][0]["models"] == ["<b>auto</b>"]


def test_an_earlier_version_comes_into_the_draft_as_one_step(labeler, page):
    masks = []
    for value in (1, 2):
        page.stroke((0, 0, 0), (3, 3, 3), value, seq=value)
        labeler.save()
        masks.append(labeler.mask)
    page.ask("take_over", epoch=page.state()["epoch"], tag="final", version=1, value=None)
    page.wait(lambda: labeler.dirty)
    np.testing.assert_array_equal(labeler.mask, masks[0])
    page.wait(lambda: page.state()["notice"] == "Took over final, version 1: 27 voxels changed")
    labeler.undo()
    np.testing.assert_array_equal(labeler.mask, masks[1])
    assert not labeler.dirty
    labeler.redo()
    labeler.save()
    np.testing.assert_array_equal(labeler._controller.manager.label("case_0"), masks[0])
    np.testing.assert_array_equal(labeler._controller.manager.label("case_0", version=2), masks[1])


def test_one_label_alone_is_taken_over_and_locks_hold(labeler, page, other):
    page.stroke((0, 0, 0), SHAPE, 0)
    page.stroke((8, 0, 0), (12, 4, 4), 1, seq=2)
    page.stroke((0, 8, 0), (2, 10, 2), 2, seq=3)
    before = labeler.mask
    labeler.take_over("original", label="a")
    after = labeler.mask
    expected = before.copy()
    expected[before == 1] = 0
    expected[other == 1] = 1
    np.testing.assert_array_equal(after, expected)
    page.ask("lock", value=2, locked=True)
    labeler.take_over("original")
    assert ((labeler.mask == 2) == (before == 2)).all()
    with pytest.raises(LabelError, match="locked"):
        labeler.take_over("original", label="b")
    with pytest.raises(JlabelError, match="no label 'c'"):
        labeler.take_over("original", label="c")
