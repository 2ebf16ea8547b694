"""A label that comes for the open image from elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from tests.labeler.features.test_studies_changes import labeler, manager, page  # noqa: F401 - fixtures
from tests.widget.labeler_pages import SHAPE


@pytest.fixture
def mask():
    mask = np.zeros(SHAPE, np.uint8)
    mask[2:5, 3:6, 1:4] = 1
    return mask


def looks(labeler):  # noqa: F811
    labeler._controller.features.new_label.on_studies_changed()


def test_an_untouched_image_shows_the_label_that_was_saved_from_python(labeler, page, manager, mask):  # noqa: F811
    manager.save_label("a", mask)
    page.wait(lambda: labeler.mask.any())
    assert (labeler.mask == mask).all()
    assert page.state()["notice"] == "This image was labelled elsewhere; its label is shown"
    assert not page.state()["dirty"]
    assert not page.state()["canUndo"]
    # It goes on from that version: nobody has saved meanwhile.
    labeler.save()
    assert page.told("error") == []
    assert [one.number for one in manager.datastore.label_history("a")] == [1, 2]


def test_the_page_is_told_the_voxels(labeler, page, manager, mask):  # noqa: F811
    manager.save_label("a", mask, "original", {"models": ["net (version 2, Dice 0.81)"]})
    page.wait(lambda: page.state()["madeBy"] == ["net (version 2, Dice 0.81)"])
    assert page.state()["notice"] == "This image has a first mask now by net (version 2, Dice 0.81)"
    assert page.told("mask")[-1]["region"] == [2, 3, 1, 5, 6, 4]


def test_what_was_painted_stays(labeler, page, manager, mask):  # noqa: F811
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    page.wait(lambda: labeler.mask.any())
    before = labeler.mask.copy()
    manager.save_label("a", mask, "original")
    looks(labeler)
    assert (labeler.mask == before).all()
    assert page.state()["dirty"]


def test_a_label_of_the_persons_own_stays(labeler, page, manager, mask):  # noqa: F811
    manager.save_label("b", mask)
    labeler.open("b")
    manager.save_label("b", np.zeros_like(mask))
    looks(labeler)
    assert (labeler.mask == mask).all()


def test_a_better_first_mask_takes_the_place_of_the_one_before(labeler, page, manager, mask):  # noqa: F811
    manager.save_label("b", mask, "original", {"models": ["net (version 1)"]})
    labeler.open("b")
    manager.save_label("b", mask[::-1], "original", {"models": ["net (version 2)"]})
    page.wait(lambda: page.state()["madeBy"] == ["net (version 2)"])
    assert (labeler.mask == mask[::-1]).all()


def test_what_is_painted_on_it_is_undone_to_it(labeler, page, manager, mask):  # noqa: F811
    manager.save_label("a", mask, "original")
    page.wait(lambda: labeler.mask.any())
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    page.wait(lambda: page.state()["canUndo"])
    page.ask("undo", epoch=page.state()["epoch"])
    page.wait(lambda: not page.state()["canUndo"])
    assert (labeler.mask == mask).all()


def test_a_draft_on_it_survives_the_kernel(labeler, page, manager, mask):  # noqa: F811
    manager.save_label("a", mask, "original")
    page.wait(lambda: labeler.mask.any())
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    page.wait(lambda: page.state()["dirty"])
    expected = labeler.mask.copy()
    assert expected.sum() > mask.sum()
    labeler.close()
    again = type(labeler)(manager, image_id="a")
    assert (again.mask == expected).all()
    again.close()


def test_a_label_that_does_not_fit_is_left_to_the_next_opening(labeler, page, manager, mask, monkeypatch):  # noqa: F811
    path = manager.datastore.folder / "labels" / "original"
    manager.save_label("b", mask, "original")
    file = next(path.glob("b*"))
    labeler.open("b")
    file.write_bytes(b"no label")
    labeler._controller.features.new_label._seen = None
    looks(labeler)
    assert (labeler.mask == mask).all()
