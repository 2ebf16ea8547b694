"""Two people on one folder as they see it: who has which image, taking over, verdicts, notes, and the team."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import load_axe, violations
from tests.browser.labeler import LabelerPage
from tests.browser.notebook import Notebook
from tests.browser.team import make_studies, paint, save

Open = Callable[[Sequence[str]], Notebook]
expect.set_options(timeout=30_000)


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    return make_studies(tmp_path / "studies")


def person(studies: Path, name: str) -> str:
    """A cell that shows the labeler of somebody."""
    return f"""
import jlabel
store_{name} = jlabel.LocalDatastore({str(studies)!r}, author={name!r})
manager_{name} = jlabel.AppManager(jlabel.RadiologyApp(store_{name}, labels=["organ"]), device="cpu")
{name} = manager_{name}.labeler(strategy="first")
{name}
"""


@pytest.fixture
def two(notebook: Open, studies: Path) -> tuple[LabelerPage, LabelerPage]:
    """Mia with the first image, and Ben with the second."""
    book = notebook([person(studies, "mia"), person(studies, "ben")])
    pages = []
    for cell, image in enumerate(("case_0", "case_1")):
        book.run(cell)
        pages.append(LabelerPage(book, cell))
        pages[-1].wait_for_image(image)
    return pages[0], pages[1]


def open_by_list(labeler: LabelerPage, image: str) -> None:
    labeler.root.focus()
    labeler.page.keyboard.press("j")
    labeler.root.locator(f'[data-image="{image}"]').click()
    labeler.wait_for_image(image)


def test_who_looks_at_an_image_keeps_it(notebook: Open, studies: Path) -> None:
    book = notebook([person(studies, "mia").replace("manager_mia =", "store_mia.leases.seconds = 30\nmanager_mia =")])
    book.run(0)
    mia = LabelerPage(book)
    mia.wait_for_image("case_0")
    until = "manager_mia.leases('case_0')[0].until.timestamp()"
    before = float(book.kernel.eval(until))
    mia.root.locator("canvas").first.hover()
    book.kernel.wait_for(f"{until} > {before + 1}")


def test_one_is_told_of_the_other_and_both_versions_are_kept(two: tuple[LabelerPage, LabelerPage]) -> None:
    mia, ben = two
    paint(mia)
    open_by_list(ben, "case_0")
    note = ben.root.locator('[data-lease="mia"]')
    expect(note).to_contain_text("mia works on this image")
    paint(ben)
    ben.do("save")
    ben.root.locator('[data-answer="anyway"]').click()
    expect(ben.root).to_have_attribute("data-dirty", "false")
    note.locator('[data-answer="take-over"]').click()
    expect(note).to_have_count(0)
    expect(mia.root.locator('[data-lease="ben"]')).to_contain_text("Your draft stays")
    save(mia)
    authors = mia.notebook.kernel.eval("[version.author for version in store_mia.label_history('case_0')]")
    assert sorted(authors) == ["ben", "mia"]


def test_a_label_is_sent_back_with_a_place_and_comes_back_to_who_made_it(
    two: tuple[LabelerPage, LabelerPage], page: Page
) -> None:
    mia, ben = two
    paint(mia)
    save(mia)
    open_by_list(mia, "case_2")
    ben.do("give-verdicts")
    ben.wait_for_image("case_0")
    load_axe(page)
    assert violations(page) == []
    ben.root.focus()
    page.keyboard.press("Shift+D")
    expect(ben.root.locator('[data-part="verdict"] input[type="text"]')).to_be_focused()
    page.keyboard.type("the <b>upper</b> part is missing")
    page.keyboard.press("Enter")
    expect(ben.root.locator('[data-part="reason"]')).to_contain_text("none of the review")
    mia.do("next")
    mia.wait_for_image("case_0")
    back = mia.root.locator('[data-verdict="sent_back"]')
    expect(back).to_contain_text("ben sent version 1 back: the <b>upper</b> part is missing")
    back.locator('[data-answer="go-to-place"]').click()
    paint(mia, row=13)
    save(mia)
    expect(back).to_have_count(0)
    open_by_list(mia, "case_2")
    ben.do("next")
    ben.wait_for_image("case_0")
    ben.do("looks-right")
    expect(ben.root.locator('[data-part="reason"]')).to_contain_text("none of the review")
    mia.root.focus()
    page.keyboard.press("Shift+C")
    row = mia.root.locator('[data-member="mia"] td')
    expect(row).to_have_text(["case_2", "1", "1", "0"])


def test_a_note_is_seen_by_the_other(two: tuple[LabelerPage, LabelerPage], page: Page) -> None:
    mia, ben = two
    mia.do("notes")
    page.keyboard.type("motion <i>artefact</i>")
    page.keyboard.press("Enter")
    expect(mia.root.locator('[data-part="image-note"]')).to_contain_text("motion <i>artefact</i>")
    load_axe(page)
    assert violations(page) == []
    page.keyboard.press("Escape")
    open_by_list(ben, "case_0")
    ben.do("notes")
    expect(ben.root.locator('[data-part="image-note"]')).to_contain_text("mia")
