"""Two annotators and a reviewer, each with a browser and a server on one JupyterHub, and a catalogue on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from jlabel.datastores import LocalDatastore
from scripts import frontend
from tests.browser.labeler import LabelerPage
from tests.browser.notebook import Notebook, wait_until_open, write_notebook
from tests.browser.pages import VIEWPORT
from tests.browser.team import make_studies, paint, save
from tests.hub.hub import Hub, running_hub
from tests.postgres_server import PostgresServer

START_MS = 180_000
CELL = """
import jlabel
app = jlabel.RadiologyApp({studies!r}, labels=["organ"], catalogue={catalogue!r})
manager = jlabel.AppManager(app, device="cpu")
labeler = manager.labeler(strategy={strategy!r})
labeler
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, browser_path: str) -> Iterator[Hub]:
    frontend.build()
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    return make_studies(tmp_path / "studies")


@pytest.fixture
def catalogue(postgres: PostgresServer) -> str:
    """The address of an empty catalogue."""
    return postgres.new_url()


@pytest.fixture
def book(hub: Hub, browser: Browser, studies: Path, catalogue: str) -> Iterator[dict[str, Notebook]]:
    """Everybody's notebook, each in a browser profile of its own; Cleo is the reviewer."""
    pages = {name: browser.new_context(viewport=VIEWPORT).new_page() for name in ("ada", "ben", "cleo")}
    try:
        books = {}
        for name, page in pages.items():
            page.set_default_timeout(60_000)
            sign_on(hub, page, name)
        for name, page in pages.items():
            page.wait_for_function("() => window.jupyterapp?.name === 'JupyterLab'", timeout=START_MS)
            strategy = "review" if name == "cleo" else "first"
            cell = CELL.format(studies=str(studies), catalogue=catalogue, strategy=strategy)
            write_notebook(hub.homes / name / "team.ipynb", [cell])
            page.goto(f"{hub.url}/user/{name}/lab/tree/team.ipynb")
            wait_until_open(page, "team.ipynb")
            books[name] = Notebook(hub.homes / name / ".local/share/jupyter/runtime", page, "team.ipynb")
        yield books
        for one in books.values():
            one.close()
    finally:
        for page in pages.values():
            page.context.close()


def sign_on(hub: Hub, page: Page, name: str) -> None:
    """Sign on at the hub's page, which starts a server of one's own and opens JupyterLab on it."""
    page.goto(f"{hub.url}/hub/login")
    page.fill("#username_input", name)
    page.fill("#password_input", "secret")
    page.click("#login_submit", no_wait_after=True)


def labeler_of(book: Notebook) -> LabelerPage:
    book.run(0)
    return LabelerPage(book)


def paint_and_save(labeler: LabelerPage, row: int = 8) -> None:
    paint(labeler, row)
    save(labeler)


def test_two_annotators_and_a_reviewer(
    book: dict[str, Notebook], studies: Path, catalogue: str, postgres: PostgresServer
) -> None:
    cleo = labeler_of(book["cleo"])
    expect(cleo.root.locator('[data-part="reason"]')).to_have_text("Next opens a label that waits for a verdict.")
    expect(cleo.root).to_contain_text("0 of 4 labelled")
    ada, ben = labeler_of(book["ada"]), labeler_of(book["ben"])
    ada.wait_for_image("case_0")
    ben.wait_for_image("case_1")
    paint_and_save(ada)
    ada.do("next")
    ada.wait_for_image("case_2")
    cleo.do("next")
    cleo.wait_for_image("case_0")
    cleo.root.focus()
    cleo.page.keyboard.press("Shift+D")
    expect(cleo.root.locator('[data-part="verdict"] input[type="text"]')).to_be_focused()
    cleo.page.keyboard.type("the upper part is missing")
    cleo.page.keyboard.press("Enter")
    expect(cleo.root.locator('[data-part="reason"]')).to_contain_text("none of the review")

    ada.do("next")
    ada.wait_for_image("case_0")
    back = ada.root.locator('[data-verdict="sent_back"]')
    expect(back).to_contain_text("cleo sent version 1 back: the upper part is missing")
    postgres.end_connections()
    paint_and_save(ada, row=13)
    expect(back).to_have_count(0)
    paint_and_save(ben)
    for annotator in (ada, ben):
        annotator.do("next")
        expect(annotator.root).not_to_have_attribute("data-image-id", "case_0")
        expect(annotator.root).not_to_have_attribute("data-image-id", "case_1")
    cleo.do("next")
    for image in ("case_0", "case_1"):
        cleo.wait_for_image(image)
        cleo.do("looks-right")
    expect(cleo.root.locator('[data-part="reason"]')).to_contain_text("none of the review")

    store = LocalDatastore(studies, catalogue=catalogue)
    authors = {image: [one.author for one in store.label_history(image)] for image in ("case_0", "case_1")}
    assert authors == {"case_0": ["ada", "ada"], "case_1": ["ben"]}
    store.close()
