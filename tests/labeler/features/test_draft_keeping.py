"""A draft that cannot be kept on disk is said under the picture, until it can be."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import shutil
import time

import pytest

from jlabel.annotation.recovery import journal as journal_module
from tests.widget.labeler_pages import labeler, manager, page, studies  # noqa: F401 - fixtures


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(journal_module, "_SECONDS_TO_RETRY", 0.02)


def until(said, page) -> None:
    deadline = time.monotonic() + 30
    while not said(page.state().get("notOnDisk")):
        assert time.monotonic() < deadline, page.state().get("notOnDisk")
        time.sleep(0.02)


def no_drafts(studies):
    """Nothing can be kept in the folder of drafts: a file is in its place."""
    place = studies / ".jlabel" / "drafts"
    shutil.rmtree(place, ignore_errors=True)
    place.write_text("no folder")
    return place


def test_it_is_said_while_it_is_so(page, manager, studies):
    assert page.state()["notOnDisk"] is None
    place = no_drafts(studies)
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    until(lambda text: text is not None and text.startswith("Your unsaved changes are in memory alone"), page)
    place.unlink()
    until(lambda text: text is None, page)
    assert len(manager.datastore.workspace.draft_files("case_0")) == 1


def test_what_is_saved_need_not_be_kept(labeler, page, studies):
    no_drafts(studies)
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    until(lambda text: text is not None, page)
    labeler.save()
    until(lambda text: text is None, page)


def test_an_image_is_opened_where_a_link_is_in_the_place_of_drafts(labeler, page, manager, studies, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    shutil.rmtree(studies / ".jlabel" / "drafts", ignore_errors=True)
    (studies / ".jlabel" / "drafts").symlink_to(tmp_path / "elsewhere")
    labeler.open("case_1")
    page.stroke((0, 0, 0), (2, 2, 2), 1, seq=1)
    until(lambda text: text is not None and "drafts is a link" in text, page)
    labeler.save()
    assert manager.datastore.get_labeled_images() == ["case_1"]
    assert list((tmp_path / "elsewhere").iterdir()) == []
