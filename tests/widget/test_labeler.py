"""The labeler without a browser: what it does when asked from Python, and what it tells a page."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import gc
import sys

import numpy as np
import pytest

from jlabel.errors import KeyMapError
from jlabel.imaging import encode_voxels
from jlabel.widget import Labeler
from jlabel.widget import keymap as keys_module
from tests.widget.labeler_pages import SHAPE, Page, labeler, manager, page, studies  # noqa: F401 - fixtures


def test_it_opens_the_first_image_at_once(labeler):
    assert labeler.image_id == "case_0"
    assert labeler.mask.shape == SHAPE
    assert labeler.prompts == ()
    assert not labeler.dirty


def test_keys_are_checked_when_they_are_given(manager, monkeypatch):
    table = '[{"id": "next", "group": "Go on", "text": "Next image", "keys": ["n"], "scope": "labeler"}]'
    monkeypatch.setattr(keys_module, "actions_table", lambda: table)
    keys_module.known_actions.cache_clear()
    labeler = manager.labeler(keys={"next": "Space"})
    assert labeler.keymap == {"next": ["space"]}
    with pytest.raises(KeyMapError, match="no action 'nxt'"):
        labeler.keymap = {"nxt": "n"}
    assert labeler.keymap == {"next": ["space"]}
    labeler.keymap = {"next": None}
    assert labeler.keymap == {"next": []}
    with pytest.raises(KeyMapError, match="no action 'forth'"):
        manager.labeler(keys={"forth": "n"})
    labeler.close()
    keys_module.known_actions.cache_clear()


def test_the_mask_is_a_copy(labeler):
    labeler.mask[...] = 9
    assert not labeler.mask.any()


def test_a_page_that_says_hello_gets_everything(page):
    # What is looked up in the background is told as it comes.
    kinds = [content["type"] for content, _ in page.heard if content["type"] != "changed"]
    assert kinds[:3] == ["ack", "state", "image"]
    assert kinds[-1] == "stream"
    stream = page.told("stream")[0]
    page.ask("pull", client="page", epoch=1, stream=stream["stream"], count=stream["pieces"])
    received = b"".join(buffers[0] for content, buffers in page.heard if content["type"] == "piece")
    image = page.labeler._controller.open_image.image
    np.testing.assert_array_equal(np.frombuffer(received, "<i2"), image.array.ravel(order="F"))


def test_a_click_is_answered_with_the_changed_box(page, labeler):
    page.click((5, 5, 4))
    page.wait(lambda: labeler.mask.any())
    page.wait(lambda: page.state()["busy"] is None)
    assert page.told("mask")
    assert page.prompts()[0]["position"] == [5, 5, 4]
    assert [prompt.label for prompt in labeler.prompts] == ["a"]
    assert labeler.dirty


def test_an_answer_for_an_image_that_was_left_is_dropped(page, labeler, manager):
    gate = manager.app.infers["ball"].gate
    gate.clear()
    page.click((5, 5, 4))
    labeler.open("case_1")
    gate.set()
    manager.infer("ball", "case_1", prompts=[_click((1, 1, 1))])
    assert not labeler.mask.any()
    assert labeler.prompts == ()


def test_a_stroke_is_told_to_every_page_and_can_be_undone(page, labeler):
    page.stroke((1, 1, 1), (3, 3, 3), 2)
    assert labeler.mask.sum() == 16
    assert page.told("edited")[0]["seq"] == 1
    page.ask("undo")
    assert not labeler.mask.any()
    page.ask("redo")
    assert labeler.mask.sum() == 16


def test_a_stroke_that_comes_twice_is_painted_once(page, labeler):
    page.stroke((1, 1, 1), (3, 3, 3), 2, seq=1)
    page.stroke((1, 1, 1), (2, 2, 2), 1, seq=2)
    page.stroke((1, 1, 1), (3, 3, 3), 2, seq=1)
    assert labeler.mask[1, 1, 1] == 1
    assert [told["seq"] for told in page.told("edited")] == [1, 2]
    assert page.told("ack")[-1]["seq"] == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": 77}, "77"),
        ({"region": [0, 0, 0, 99, 1, 1]}, "region"),
        ({"epoch": 99}, "another image"),
    ],
)
def test_a_stroke_that_makes_no_sense_is_refused_in_words(page, labeler, change, words):
    content = {"client": "page", "epoch": 1, "seq": 1, "value": 1, "region": [1, 1, 1, 2, 2, 2], **change}
    page.ask("edit", encode_voxels(np.ones((1, 1, 1), np.uint8)), **content)
    assert words in page.told("error")[-1]["text"]
    assert not labeler.mask.any()


def test_damaged_bytes_of_a_stroke(page, labeler):
    page.ask("edit", b"rubbish", client="page", epoch=1, seq=1, value=1, region=[1, 1, 1, 2, 2, 2])
    assert "not kept" in page.told("error")[-1]["text"]
    # The page is told what the mask really is, so that it takes the stroke off its picture.
    assert page.told("mask")[-1]["acked"] == {"page": 1}


@pytest.mark.parametrize("ask", [{"type": "nonsense"}, {"type": "prompt"}, {"type": "pull"}, "text", {"type": "edit"}])
def test_nonsense_from_the_browser_is_survived(page, labeler, ask):
    labeler._on_message(labeler, ask, [])
    page.click((5, 5, 4))
    page.wait(lambda: labeler.mask.any())


def test_a_negative_click_first_needs_something_to_cut_from(page, labeler):
    page.click((5, 5, 4), positive=False)
    assert "click inside a first" in page.told("error")[-1]["text"]
    page.stroke((3, 3, 3), (8, 8, 6), 1)
    page.click((5, 5, 4), positive=False)
    page.wait(lambda: labeler.mask[5, 5, 4] == 0)
    assert labeler.mask[3, 3, 3] == 1


def test_two_labelers_on_one_manager(labeler, manager, monkeypatch):
    other = manager.labeler("case_0")
    Page(labeler, monkeypatch).stroke((1, 1, 1), (3, 3, 3), 1)
    Page(other, monkeypatch).stroke((1, 1, 1), (2, 2, 2), 2)
    assert labeler.mask.sum() == 8
    theirs = Page(other, monkeypatch)
    labeler.save()
    assert theirs.told("error") == []
    other.save()
    assert len(manager.datastore.label_history("case_0")) == 2
    said = theirs.told("error")[-1]["text"]
    assert manager.datastore.label_history("case_0")[-1].author in said
    assert "kept as version 1" in said
    theirs.stroke((1, 1, 1), (2, 2, 2), 1, seq=2)
    other.save()
    assert len(theirs.told("error")) == 1


def _click(position):
    from jlabel.prompts import Click

    return Click(position)


def test_a_labeler_that_cannot_be_made_ends_quietly(manager, monkeypatch):
    unraised: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", unraised.append)
    with pytest.raises(KeyMapError):
        Labeler(manager, keys={"fly": "x"})
    gc.collect()
    assert unraised == []
