"""The uncertainty over the slices: what the pages are sent, and when."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import numpy as np

from jlabel.imaging import Region
from jlabel.imaging.codec.voxels import decode_labels
from jlabel.labeler.protocol.values import PROTOCOL
from tests.labeler.features.choosing import PLACES, finder, manager, page, studies  # noqa: F401 - fixtures
from tests.widget.labeler_pages import SHAPE


def shown(page, client=None):
    """The levels that a page shows, put together from what it was told."""
    levels = np.zeros(SHAPE, np.uint8)
    for content, buffers in page.heard:
        if content["type"] in ("no_uncertainty", "image"):
            levels[...] = 0
        if content["type"] == "uncertainty" and content.get("client") == client:
            region = Region.from_flat(content["region"])
            levels[region.slices] = decode_labels(buffers[0], region)
    return levels


def settle(page):
    page.wait(lambda: page.told("uncertainty") != [])


def test_it_is_sent_only_while_it_is_shown_and_never_part_of_the_label(page):
    page.labeler.open("case_1")
    assert page.told("uncertainty") == []
    page.ask("show_uncertainty", on=True)
    settle(page)
    levels = shown(page)
    unsure = {position: int(levels[position]) for position in PLACES}
    assert unsure == {(2, 2, 2): 152, (9, 8, 6): 228}
    assert levels[5, 5, 4] == 0
    assert page.state()["uncertainty"] == {"on": True, "model": "finder", "hint": ""}
    assert not page.labeler.mask.any()
    assert not page.labeler.dirty
    page.ask("show_uncertainty", on=False)
    assert not shown(page).any()
    assert page.state()["uncertainty"]["on"] is False


def test_it_says_that_the_model_is_asked(page, finder):
    finder.gate.clear()
    page.ask("show_uncertainty", on=True)
    assert page.state()["uncertainty"]["hint"] == "finder is asked how sure it is …"
    finder.gate.set()
    settle(page)
    assert page.state()["uncertainty"]["hint"] == ""


def test_another_image_has_its_own(page):
    page.ask("show_uncertainty", on=True)
    settle(page)
    before = len(page.told("uncertainty"))
    page.labeler.open("case_1")
    page.wait(lambda: len(page.told("uncertainty")) > before)
    assert page.told("uncertainty")[-1]["epoch"] == page.state()["epoch"]
    assert shown(page)[9, 8, 6] == 228


def test_a_page_that_comes_later_gets_it(page):
    page.ask("show_uncertainty", on=True)
    settle(page)
    page.ask("hello", client="other", protocol=PROTOCOL)
    page.wait(lambda: any(content.get("client") == "other" for content in page.told("uncertainty")))
    assert shown(page, "other")[2, 2, 2] == 152


def test_a_model_that_is_sure_everywhere_shows_nothing(page, finder):
    finder.sure = True
    page.ask("show_uncertainty", on=True)
    page.wait(lambda: page.state()["uncertainty"]["model"] == "finder")
    page.labeler._controller.features.uncertainty_overlay._worker.flush()
    assert page.told("uncertainty") == []
    assert page.told("no_uncertainty") != []
