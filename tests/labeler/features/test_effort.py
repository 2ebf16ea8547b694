"""What a label costs: counted as it was done, kept with the draft, and saved with the label."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from jlabel.datastores import ORIGINAL
from jlabel.effort import EffortRecord, FirstMask
from jlabel.imaging import encode_voxels
from jlabel.labeler.features import effort as effort_module
from jlabel.labeler.features.effort import Effort
from jlabel.widget import AppManager, Labeler
from tests.widget import labeler_pages
from tests.widget.prompting_pages import App, Dots, Page, dots, manager, page, studies  # noqa: F401 - fixtures


class Clock:
    """Stands still unless a test moves it."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(page: Page) -> Clock:
    return watched(page.labeler)


def watched(labeler: Labeler) -> Clock:
    """The labeler with a clock of the test's, its image just opened."""
    feature, clock = effort_of(labeler), Clock()
    feature.clock = clock
    opened = labeler._controller.open_image
    assert opened is not None
    feature.on_image_opened(opened)
    return clock


def effort_of(labeler: Labeler) -> Effort:
    return labeler._controller.features.effort


def record(page: Page) -> EffortRecord:
    found = effort_of(page.labeler).record
    assert found is not None
    return found


def work(page: Page, spans: Any, slices: Any = (), client: str = "page", epoch: int | None = None) -> None:
    """What a page tells."""
    epoch = page.state["epoch"] if epoch is None else epoch
    page.ask("work", client=client, epoch=epoch, spans=[list(one) for one in spans], slices=[list(s) for s in slices])


def stroke(page: Page, length: Any = 5.0, more: bool = False, **content: Any) -> None:
    page._strokes += 1
    touched = encode_voxels(np.ones((2, 2, 2), np.uint8))
    fields = {"client": "page", "seq": page._strokes, "epoch": page.state["epoch"], "value": 1, **content}
    page.ask("edit", touched, region=[1, 1, 1, 3, 3, 3], more=more, length=length, **fields)


def saved(manager: AppManager, image_id: str = "a") -> Any:
    """What was saved with the present version."""
    return manager.datastore.label_history(image_id)[-1].info.get("effort")


def test_what_was_done_is_what_is_saved(page: Page, manager: AppManager, clock: Clock) -> None:
    for n in range(2):
        page.click(f"p{n}", (n + 1, 1, 1))
        page.settle()
        clock.wait(2)
    box = {"id": "box", "kind": "box", "lower": [1, 1, 1], "upper": [4, 4, 1], "label": ""}
    page.ask("auto_run", on=False)
    page.ask("prompt", epoch=1, prompt=box, axis=2)
    stroke(page, 12.5)
    stroke(page, 2.5)
    page.ask("undo")
    page.ask("redo")
    page.labeler.edit("grow", radius=1)
    work(page, [(1, 0)], [(2, 3), (2, 4), (2, 3), (0, 1)])
    clock.wait(2)
    page.labeler.save()
    found = saved(manager)
    assert found.pop("model_seconds") >= 0
    assert len(found.pop("id")) == 16
    assert found == {
        "seconds": 6.0,
        "clicks": 2,
        "prompts": {"click": 2, "box": 1},
        "strokes": 2,
        "stroke_length": 15.0,
        "unit": "mm",
        "undos": 1,
        "operations": 1,
        "slices": 3,
        "model_runs": 2,
        "sittings": 1,
        "first_mask": None,
    }


DONE = st.lists(
    st.sampled_from(["stroke", "undo", "click", "refused", "operate", "wait", "away", "slice"]), max_size=25
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(done=DONE)
def test_counts_equal_what_was_done(page: Page, done: list[str]) -> None:
    clock = watched(page.labeler)
    page.labeler.open("b", discard=True)
    page.ask("auto_run", on=False)
    undos, moments = 0, [clock.now]
    for n, what in enumerate(done):
        happened = True
        match what:
            case "stroke":
                stroke(page, 1.0)
            case "undo":
                happened = page.state["canUndo"]
                page.ask("undo")
                undos += happened
            case "click":
                page.click(f"{page.state['epoch']} {n}", (n % 12, 1, 1))
            case "refused":
                stroke(page, 1.0, value=77)
                happened = False
            case "operate":
                page.labeler.edit("threshold", low=-1, high=1)
            case "slice":
                work(page, [(0, 0)], [(0, n % 12)])
            case "wait" | "away":
                clock.wait(20 if what == "wait" else 31)
                happened = False
        moments += [clock.now] if happened else []
    now = record(page)
    assert (now.strokes, now.stroke_length, now.clicks) == (done.count("stroke"),) * 2 + (done.count("click"),)
    assert (now.operations, now.undos) == (done.count("operate"), undos)
    assert now.slices == len({n % 12 for n, what in enumerate(done) if what == "slice"})
    assert now.seconds == sum(after - before for before, after in pairwise(moments) if after - before <= 30)


def test_what_is_refused_counts_for_nothing(page: Page, clock: Clock) -> None:
    stroke(page, 5.0, value=77)
    page.click("no", (1, 1, 1), positive=False)
    page.ask("undo")
    assert (record(page).strokes, record(page).prompts, record(page).undos) == (0, {}, 0)
    assert len(page.told("error")) == 2


def test_a_stroke_in_parts_is_one(page: Page, clock: Clock) -> None:
    stroke(page, 0, more=True)
    stroke(page, 7.0)
    assert (record(page).strokes, record(page).stroke_length) == (1, 7.0)


@pytest.mark.parametrize("length", [-1, float("nan"), float("inf"), 1e300, 10**400])
def test_a_length_that_makes_no_sense_is_none(page: Page, clock: Clock, length: Any) -> None:
    stroke(page, length)
    assert (record(page).strokes, record(page).stroke_length) == (1, 0.0)


def test_pauses_of_more_than_thirty_seconds_are_left_out(page: Page, clock: Clock) -> None:
    clock.wait(29)
    stroke(page)
    assert record(page).seconds == 29
    clock.wait(31)
    stroke(page)
    assert record(page).seconds == 29
    clock.wait(10)
    stroke(page)
    assert record(page).seconds == 39


def test_a_page_tells_of_work_that_the_kernel_does_not_hear(page: Page, clock: Clock) -> None:
    clock.wait(100)
    work(page, [(90, 80), (8, 1)])
    # From the opening on, ten seconds after it; nothing for the pause; seven seconds at last.
    assert record(page).seconds == 20 + 7
    work(page, [(500, 300)])
    assert record(page).seconds == 20 + 7, "before it was opened nobody worked on it"


def test_two_pages_count_once(page: Page, clock: Clock) -> None:
    for _ in range(5):
        clock.wait(10)
        for client in ("one", "two"):
            work(page, [(10, 0)], [(2, 3), (2, 4)], client)
    assert record(page).seconds == 50
    assert record(page).slices == 2


@pytest.mark.parametrize(
    "told",
    [
        {"spans": [(-5, -9)]},
        {"spans": [(1, 5)]},
        {"spans": [(float("nan"), 0)]},
        {"spans": [(1e9, 0)]},
        {"spans": [(10**400, 0)]},
        {"slices": [(3, 0), (-1, 0), (0, 12), (2, -1), (2, 10**400)]},
    ],
)
def test_what_a_page_cannot_have_seen_is_passed_by(page: Page, clock: Clock, told: dict[str, Any]) -> None:
    clock.wait(100)
    work(page, told.get("spans", []), told.get("slices", []))
    assert (record(page).seconds, record(page).slices) == (0, 0)
    assert page.told("error") == []


def test_what_comes_for_another_image_is_passed_by(page: Page, clock: Clock) -> None:
    clock.wait(10)
    work(page, [(10, 0)], [(2, 1)], epoch=77)
    assert (record(page).seconds, record(page).slices) == (0, 0)


def test_each_version_has_its_own(page: Page, manager: AppManager, clock: Clock) -> None:
    stroke(page, 5.0)
    clock.wait(10)
    work(page, [(1, 0)], [(2, 1)])
    page.labeler.save()
    clock.wait(5)
    stroke(page, 3.0)
    work(page, [(1, 0)], [(2, 1), (2, 2)])
    page.labeler.save()
    first, second = (version.info["effort"] for version in manager.datastore.label_history("a"))
    assert (first["seconds"], first["strokes"], first["stroke_length"], first["slices"]) == (10, 1, 5, 1)
    assert (second["seconds"], second["strokes"], second["stroke_length"], second["slices"]) == (5, 1, 3, 2)
    assert first["id"] != second["id"]
    (image,) = manager.effort().images
    assert (image.seconds, image.strokes, image.labels) == (15, 2, 2)


def test_a_save_that_is_refused_takes_nothing(page: Page, manager: AppManager, clock: Clock, monkeypatch) -> None:
    stroke(page)
    with monkeypatch.context() as patched:
        patched.setattr(manager.datastore, "save_label", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            page.labeler.save()
    stroke(page)
    page.labeler.save()
    assert saved(manager)["strokes"] == 2


def test_what_is_painted_while_it_is_saved_belongs_to_the_next_version(
    page: Page, manager: AppManager, clock: Clock, monkeypatch
) -> None:
    stroke(page)
    real = manager.datastore.save_label

    def slow(*arguments: Any, **more: Any) -> Any:
        clock.wait(3)
        stroke(page)
        return real(*arguments, **more)

    with monkeypatch.context() as patched:
        patched.setattr(manager.datastore, "save_label", slow)
        page.labeler.save()
    assert (saved(manager)["strokes"], saved(manager)["seconds"]) == (1, 0)
    page.labeler.save()
    assert (saved(manager)["strokes"], saved(manager)["seconds"]) == (1, 3)


def test_another_image_begins_anew(page: Page, clock: Clock) -> None:
    stroke(page)
    clock.wait(10)
    page.labeler.open("b", discard=True)
    now = record(page)
    assert (now.seconds, now.strokes) == (0, 0)


def test_a_draft_that_was_left_goes_on_where_it_was(page: Page, studies: Path, clock: Clock, monkeypatch) -> None:
    stroke(page)
    page.click("p", (1, 1, 1))
    page.settle()
    clock.wait(10)
    work(page, [(1, 0)], [(2, 1), (2, 2), (2, 5)])
    before = record(page)
    page.labeler.close()
    manager = AppManager(App(studies, labels=["one", "two"]))
    later = Page(manager.labeler("a"), monkeypatch)
    clock = watched(later.labeler)
    clock.wait(5)
    stroke(later)
    work(later, [(0, 0)], [(2, 2), (2, 6)])
    later.labeler.save()
    found = EffortRecord.from_json(saved(manager))
    assert found is not None
    assert (found.seconds, found.strokes, found.clicks, found.slices) == (15, 2, 1, 4)
    assert (found.sittings, found.id) == (2, before.id)
    later.labeler.close()
    manager.close()


KILLED = """
import os, signal, sys, time
import numpy as np
from jlabel.app import LabelApp
from jlabel.imaging import Region
from jlabel.labeler.features import effort
from jlabel.widget import AppManager

effort._SECONDS_BETWEEN_NOTES = 0.0
labeler = AppManager(LabelApp(sys.argv[1], labels=["one"])).labeler("a")
for n in range(3):
    labeler.edit("threshold", low=n - 10, high=1000)
end = time.monotonic() + 60
while labeler._controller.features.effort._changed and time.monotonic() < end:
    time.sleep(0.02)
labeler._controller.features.navigation.journal_worker.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_kernel_leaves_it_with_the_draft(studies: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(studies)], check=False, timeout=240)
    assert ended.returncode == -signal.SIGKILL
    manager = AppManager(App(studies, labels=["one"]))
    with manager.labeler("a") as labeler:
        found = effort_of(labeler).record
        assert found is not None
        assert (found.operations, found.sittings) == (3, 2)
    manager.close()


def test_it_is_noted_every_few_seconds_and_only_where_there_is_something_new(page: Page, monkeypatch) -> None:
    monkeypatch.setattr(effort_module, "_SECONDS_BETWEEN_NOTES", 0.05)
    stroke(page)
    feature = effort_of(page.labeler)
    end = time.monotonic() + 60
    while feature._changed:
        assert time.monotonic() < end
        time.sleep(0.02)
    journal = page.labeler._controller.features.navigation.journal_worker
    journal.flush()
    opened = page.labeler._controller.open_image
    assert opened is not None
    file = opened.draft.kept_in
    assert file is not None
    size = file.stat().st_size
    for _ in range(3):
        feature._beat()
    journal.flush()
    assert file.stat().st_size == size


def test_a_stroke_writes_nothing_more_than_itself(page: Page, clock: Clock) -> None:
    noted: list[Any] = []
    opened = page.labeler._controller.open_image
    assert opened is not None
    opened.draft.note = noted.append  # type: ignore[method-assign]
    for _ in range(20):
        stroke(page)
    assert noted == []
    clock.wait(10)
    effort_of(page.labeler)._beat()
    assert noted[0]["effort"]["strokes"] == 20


def test_switched_off_nothing_is_counted_kept_or_saved(page: Page, manager: AppManager, clock: Clock) -> None:
    stroke(page)
    manager.log_effort = False
    page.labeler._controller.studies_changed()
    assert page.state["logEffort"] is False
    assert effort_of(page.labeler).record is None
    stroke(page)
    work(page, [(1, 0)], [(2, 1)])
    clock.wait(10)
    effort_of(page.labeler)._beat()
    page.labeler.save()
    assert saved(manager) is None
    assert "not logged" in repr(manager.effort())
    manager.log_effort = True
    page.labeler._controller.studies_changed()
    assert page.state["logEffort"] is True
    stroke(page)
    page.labeler.save()
    assert saved(manager)["strokes"] == 1


def test_switching_it_off_takes_it_from_the_draft_too(page: Page, studies: Path, clock: Clock) -> None:
    stroke(page)
    feature = effort_of(page.labeler)
    for on in (True, False):
        page.labeler._controller.manager.log_effort = on
        page.labeler._controller.studies_changed()
        clock.wait(10)
        feature._beat()
    page.labeler._controller.features.navigation.journal_worker.flush()
    (file,) = page.labeler._controller.manager.datastore.workspace.draft_files("a")
    assert b'"notes": {}' in file.read_bytes()[-200:]


def test_another_kernel_switches_it_off(page: Page, studies: Path) -> None:
    elsewhere = AppManager(App(studies, labels=["one", "two"]))
    elsewhere.log_effort = False
    end = time.monotonic() + 60
    while page.state["logEffort"]:
        assert time.monotonic() < end
        time.sleep(0.05)
    elsewhere.close()


@pytest.mark.parametrize("notes", [{}, {"effort": 3}, {"effort": {"seconds": "x"}}, {"effort": {"seconds": 1e300}}])
def test_notes_of_a_draft_that_make_no_sense_are_none(page: Page, notes: Any) -> None:
    opened = page.labeler._controller.open_image
    assert opened is not None
    opened.notes = notes
    effort_of(page.labeler).on_image_opened(opened)
    assert record(page).sittings == 1


def test_pictures_are_measured_in_pixels(studies: Path, monkeypatch) -> None:
    from PIL import Image

    Image.fromarray(np.zeros((8, 9), np.uint8)).save(studies / "picture.png")
    manager = AppManager(App(studies, labels=["one"]))
    with manager.labeler("picture") as labeler:
        found = effort_of(labeler).record
        assert found is not None
        assert found.unit == "px"
    manager.close()


def first_mask(manager: AppManager, image_id: str, models: list[str]) -> None:
    mask = np.zeros((12, 10, 8), np.uint8)
    mask[2:4, 2:4, 2:4] = 1
    manager.save_label(image_id, mask, ORIGINAL, {"models": models})


@pytest.mark.parametrize(
    ("models", "wanted"),
    [
        (["liver (version 3, Dice 0.81)"], {"model": "liver", "version": 3}),
        (["liver"], {"model": "liver", "version": None}),
        ([], {"model": "", "version": None}),
        (["x" * 10_000], {"model": "x" * 200, "version": None}),
    ],
)
def test_the_first_mask_that_a_label_was_begun_with_is_named(
    manager: AppManager, page: Page, models: list[str], wanted: Any
) -> None:
    first_mask(manager, "b", models)
    page.labeler.open("b")
    page.labeler.save()
    assert saved(manager, "b")["first_mask"] == wanted
    assert [one.image_id for one in manager.effort().images] == ["b"]
    stroke(page)
    page.labeler.save()
    assert saved(manager, "b")["first_mask"] is None, "it was begun with the final label"


def test_a_first_mask_that_comes_while_the_image_is_open_counts(manager: AppManager, page: Page) -> None:
    first_mask(manager, "a", ["liver (version 2)"])
    page.labeler._controller.studies_changed()
    assert page.voxels()
    stroke(page)
    assert record(page).first_mask is None
    page.labeler.save()
    assert saved(manager)["first_mask"] == {"model": "liver", "version": 2}


def test_a_first_mask_is_known_after_a_restart(manager: AppManager, page: Page, studies: Path) -> None:
    first_mask(manager, "b", ["liver (version 2)"])
    page.labeler.open("b")
    stroke(page)
    page.labeler.close()
    again = AppManager(App(studies, labels=["one", "two"]))
    with again.labeler("b") as labeler:
        labeler.save()
    assert EffortRecord.from_json(saved(again, "b")).first_mask == FirstMask("liver", 2)  # type: ignore[union-attr]
    again.close()


@pytest.mark.parametrize("touched", [False, True])
def test_a_model_that_is_run_over_an_untouched_image_makes_a_first_mask(
    tmp_path: Path, monkeypatch, touched: bool
) -> None:
    nib.save(nib.Nifti1Image(np.full((12, 10, 8), 90, np.int16), np.eye(4)), tmp_path / "case.nii.gz")
    manager = AppManager(labeler_pages.App(tmp_path, labels=["a", "b"]))
    monkeypatch.setattr("jlabel.widget.labeler.front_end", lambda: ("export default {}", ""))
    with manager.labeler("case", model="auto") as labeler:
        page = labeler_pages.Page(labeler, monkeypatch)
        if touched:
            page.stroke((1, 1, 1), (2, 2, 2), 2)
        page.ask("run", epoch=1, axis=2)
        page.wait(lambda: bool((labeler.mask == 1).any()) and page.state()["busy"] is None)
        labeler.save()
    wanted = None if touched else {"model": "auto", "version": None}
    assert saved(manager, "case")["first_mask"] == wanted
    assert saved(manager, "case")["model_runs"] == 1
    manager.close()


def test_waiting_for_a_model_is_counted(page: Page, manager: AppManager, dots: Dots) -> None:
    dots.gate.clear()
    page.click("p", (1, 1, 1))
    time.sleep(0.05)
    dots.gate.set()
    page.settle()
    page.labeler.save()
    assert saved(manager)["model_seconds"] >= 0.05
    assert_allclose(record(page).model_seconds, 0, atol=1e-9)
