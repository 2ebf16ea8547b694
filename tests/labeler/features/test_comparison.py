# ruff: noqa: F811 - pytest finds fixtures by their names
"""Another label beside the draft, as a page asks for it."""

from __future__ import annotations

import numpy as np
import pytest

from jlabel.errors import DatastoreError, JlabelError
from jlabel.imaging import Region, decode_voxels
from jlabel.labeler.protocol.values import PROTOCOL
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


def shown(page, number):
    """The other label as the page puts it together."""
    mask = np.zeros(SHAPE, np.uint8)
    for content, buffers in page.heard:
        if content["type"] == "other" and content["number"] == number:
            flat = content["region"]
            region = Region(tuple(flat[:3]), tuple(flat[3:]))
            mask[region.slices] = decode_voxels(buffers[0], region, content["dtype"])
    return mask


def agreement(page, count):
    page.wait(lambda: len(page.told("agreement")) >= count)
    told = page.told("agreement")[-1]
    return {row["value"]: (row["mine"], row["other"], row["both"], row["dice"]) for row in told["rows"]}


def test_the_models_label_comes_beside_the_draft(labeler, page, other):
    labeler.open("case_1")
    labeler.open("case_0", discard=True)
    labeler.take_over("original")
    page.stroke((4, 2, 2), (8, 8, 6), 0)
    page.ask("compare", epoch=page.state()["epoch"], tag=None, version=None)
    page.wait(lambda: page.told("agreement") != [])
    assert page.state()["comparing"] == {"number": 1, "tag": "original", "version": None}
    np.testing.assert_array_equal(shown(page, 1), other)
    half, whole = 2 * 6 * 4, 6 * 6 * 4
    assert agreement(page, 1) == {
        1: (half, whole, half, 2 * half / (half + whole)),
        2: (48, 48, 48, 1.0),
        9: (1, 1, 1, 1.0),
    }
    assert page.told("agreement")[-1]["millilitres"] == pytest.approx(0.001)


def test_the_agreement_follows_the_draft(labeler, page, other):
    labeler.undo()
    labeler.compare("original")
    page.wait(lambda: page.told("agreement") != [])
    page.stroke((2, 2, 2), (8, 8, 6), 2)
    page.wait(lambda: page.told("agreement")[-1]["rows"][1]["mine"] > 0)
    labeler.undo()
    mine = labeler.mask
    page.wait(lambda: page.told("agreement")[-1]["rows"][1]["mine"] == int((mine == 2).sum()))
    labeler._controller.features.comparison._worker.flush()
    for value, (first, second, both, dice) in agreement(page, 1).items():
        a, b = mine == value, other == value
        assert (first, second, both) == (a.sum(), b.sum(), (a & b).sum())
        assert dice == (2 * both / (first + second) if first + second else None)


def test_a_label_in_neither_has_no_dice(labeler, page, manager):
    manager.save_label("case_0", np.zeros(SHAPE, np.uint8), "mine")
    labeler.compare("mine")
    assert agreement(page, 1) == {1: (0, 0, 0, None), 2: (0, 0, 0, None)}


def test_it_ends_when_asked_and_with_the_image(labeler, page, other):
    labeler.compare()
    page.ask("stop_comparing")
    assert page.state()["comparing"] is None
    labeler.compare()
    labeler.next()
    assert page.state()["comparing"] is None


def test_a_page_that_comes_later_sees_it_too(labeler, page, other):
    labeler.compare()
    page.heard.clear()
    page.ask("hello", client="page", protocol=PROTOCOL)
    np.testing.assert_array_equal(shown(page, 1), other)
    assert {content["client"] for content in page.told("other")} == {"page"}
    page.wait(lambda: page.told("agreement") != [])


def test_nothing_to_compare_with_is_said(labeler, page):
    with pytest.raises(JlabelError, match="no saved label to compare with"):
        labeler.compare()
    with pytest.raises(DatastoreError, match="no version 3"):
        labeler.compare("final", 3)
    assert page.state()["comparing"] is None


def test_what_the_draft_cannot_hold_is_shown_beside_it(labeler, page, manager):
    wide = np.zeros(SHAPE, np.uint16)
    wide[0, 0, 0] = 300
    manager.save_label("case_0", wide, "mine")
    labeler.compare("mine")
    page.wait(lambda: page.told("agreement") != [])
    assert page.told("other")[-1]["dtype"] == "uint16"
    assert not labeler.mask.any()


def test_a_request_for_a_former_image_does_nothing(labeler, page, other):
    labeler.next()
    page.ask("compare", epoch=1, tag="original", version=None)
    labeler._controller.features.comparison._worker.flush()
    assert page.state()["comparing"] is None
    assert page.told("error") == []
