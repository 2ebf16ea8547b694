"""A labeler ends when its cell has run again and nobody shows it, when nobody refers to it, and with the kernel."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import ipywidgets
import numpy as np
import pytest

from jlabel.errors import JlabelError
from jlabel.labeler.features import page_presence
from jlabel.widget import AppManager, Labeler, lifetime
from tests.widget.labeler_pages import App, Page, manager, studies  # noqa: F401 - fixtures


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_closed(labeler: Labeler) -> bool:
    return labeler.comm is None


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Says which cell runs from now on, and for the how manieth time."""

    def run(cell: str, number: str) -> None:
        monkeypatch.setattr(lifetime, "current_cell_run", lambda: lifetime.CellRun(cell, number))

    return run


def test_a_cell_that_runs_again_closes_what_it_made_before(manager: AppManager, runs) -> None:
    runs("cell", "1")
    first, second = manager.labeler("case_0"), manager.labeler("case_1")
    runs("other", "2")
    other = manager.labeler("case_2")
    assert not is_closed(first)
    runs("cell", "3")
    third = manager.labeler("case_0")
    until(lambda: is_closed(first) and is_closed(second))
    assert not is_closed(other)
    assert not is_closed(third)
    with pytest.raises(JlabelError, match="this labeler is closed; make another one"):
        _ = first.mask
    for labeler in (other, third):
        labeler.close()


def test_the_draft_goes_on_in_the_new_one(manager: AppManager, runs) -> None:
    runs("cell", "1")
    first = manager.labeler()
    changed = first.edit("threshold", low=50, high=1000)
    image_id, drawn = first.image_id, first.mask
    runs("cell", "2")
    with manager.labeler(image_id) as second:
        np.testing.assert_array_equal(second.mask, drawn)
        assert int(second.mask.astype(bool).sum()) == changed
        until(lambda: is_closed(first))
        assert second.dirty


def test_one_that_is_shown_elsewhere_stays_until_it_is_not(manager: AppManager, runs, monkeypatch) -> None:
    runs("cell", "1")
    shown = manager.labeler("case_0")
    page = Page(shown, monkeypatch)
    page.ask("shown", client="page", views=2)
    runs("cell", "2")
    other = manager.labeler("case_1")
    assert page.told("who_shows")
    page.ask("shown", client="page", views=1)
    time.sleep(0.1)
    assert not is_closed(shown)
    page.ask("shown", client="page", views=0)
    until(lambda: is_closed(shown))
    other.close()


def test_a_page_that_does_not_answer_is_gone(manager: AppManager, runs, monkeypatch) -> None:
    monkeypatch.setattr(page_presence, "_PATIENCE", 0.1)
    runs("cell", "1")
    former = manager.labeler("case_0")
    Page(former, monkeypatch)
    runs("cell", "2")
    other = manager.labeler("case_1")
    until(lambda: is_closed(former))
    other.close()


def test_what_nobody_refers_to_ends_with_its_threads(manager: AppManager) -> None:
    before = {thread for thread in threading.enumerate() if thread.name.startswith("jlabel-journal")}
    for _ in range(4):
        labeler = manager.labeler("case_0")
        labeler.edit("threshold", low=50, high=1000)
    model_id = labeler.model_id
    assert model_id not in ipywidgets.Widget.widgets
    del labeler

    def ended() -> bool:
        gc.collect()
        return {thread for thread in threading.enumerate() if thread.name.startswith("jlabel-journal")} <= before

    until(ended)
    with manager.labeler("case_0") as again:
        assert again.dirty


def test_what_is_displayed_stays(manager: AppManager) -> None:
    labeler = manager.labeler("case_0")
    labeler._repr_mimebundle_()
    model_id = labeler.model_id
    del labeler
    gc.collect()
    kept = ipywidgets.Widget.widgets[model_id]
    assert kept.image_id == "case_0"
    kept.close()


def test_the_end_of_python_leaves_the_draft_whole(studies: Path) -> None:
    code = """
import sys
from pathlib import Path
from jlabel import AppManager, RadiologyApp
labeler = AppManager(RadiologyApp(Path(sys.argv[1]), labels=["a"]), device="cpu").labeler("case_0")
labeler.edit("threshold", low=50, high=1000)
"""
    subprocess.run([sys.executable, "-c", code, str(studies)], check=True, timeout=120)
    with AppManager(App(studies, labels=["a", "b"])).labeler("case_0") as later:
        assert later.mask.any()
        assert later.dirty


def test_a_closed_labeler_keeps_neither_images_nor_models(manager: AppManager) -> None:
    labeler = manager.labeler("case_0")
    controller = weakref.ref(labeler._controller)
    labeler.close()
    labeler.close()

    def is_gone() -> bool:
        gc.collect()
        return controller() is None

    until(is_gone)
    assert repr(labeler) == "Labeler: closed"
    assert labeler.image_id is None
    for ask in (labeler.save, labeler.next, lambda: labeler.labels.add("c"), lambda: labeler.versions.fit()):
        with pytest.raises(JlabelError, match="this labeler is closed; make another one"):
            ask()


class Ending:
    def supersede(self) -> None:
        pass

    def close(self) -> None:
        pass


def test_a_widget_that_is_collected_while_another_one_is_taken_note_of_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost, kept = Ending(), Ending()
    lifetime.register(lost)
    all_living = lifetime._all_living

    def collected() -> list[object]:
        # A collection may end a widget in the very thread that has just begun to look at all of them.
        lifetime.forget(lost)
        return all_living()

    monkeypatch.setattr(lifetime, "_all_living", collected)
    making = threading.Thread(target=lifetime.register, args=(kept,), daemon=True)
    making.start()
    making.join(30)
    assert not making.is_alive()
    assert kept in lifetime._living
    assert lost not in lifetime._living
