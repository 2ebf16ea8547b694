"""Drafts of several labelers on one image: none is lost, whoever ends first and however."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.annotation.draft import Draft
from jlabel.annotation.recovery.file_lock import Owner, open_locked
from jlabel.annotation.recovery.journal import Journal
from jlabel.annotation.recovery.journal_reading import read_journal, read_owner
from jlabel.annotation.recovery.unsaved_drafts import find_unsaved_drafts
from jlabel.datastores import drafts
from jlabel.errors import Cancelled
from jlabel.imaging import Region
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.progress import Progress
from tests.widget.labeler_pages import Page, labeler, manager, page, studies  # noqa: F401 - fixtures

SHAPE = (6, 5, 4)


@pytest.fixture
def worker():
    worker = SerialWorker("test")
    yield worker
    worker.close()


def paint(draft: Draft, low: tuple[int, ...], up: tuple[int, ...], value: int) -> None:
    draft.paint(Region(low, up), np.ones(Region(low, up).shape, bool), value)


@dataclass
class Person:
    """A labeler in a process of its own, as far as its draft is concerned."""

    folder: Path
    worker: SerialWorker
    draft: Draft | None = None
    journal: Journal | None = None

    def open(self) -> None:
        Journal._held.clear()  # what another process holds is not known here
        kept = find_unsaved_drafts(drafts.draft_paths(self.folder, "case"), SHAPE)
        start = kept.found.mask if kept.found is not None else None
        file = kept.file or drafts.draft_path(self.folder, "case", secrets.token_hex(8))
        self.journal = Journal(file, start, self.worker, kept.claimed)
        self.draft = Draft(SHAPE, start, unsaved=start is not None, journal=self.journal)

    def kill(self) -> None:
        assert self.journal is not None
        self.worker.flush()
        self.journal._let_go()
        self.draft = self.journal = None

    def save(self) -> None:
        assert self.draft is not None
        self.draft.mark_saved(self.draft.history.position, self.draft.mask.copy())
        self.worker.flush()


STEPS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["open", "paint", "paint", "kill", "save"])), max_size=25)


@settings(max_examples=60)
@given(steps=STEPS)
def test_no_order_of_ends_loses_a_draft(tmp_path_factory, steps):
    worker, folder = SerialWorker("test"), tmp_path_factory.mktemp("drafts")
    people = [Person(folder, worker) for _ in range(3)]
    ended: list[np.ndarray] = []
    number = 0
    for who, step in steps:
        person = people[who]
        if step == "open" and person.draft is None:
            person.open()
            if person.draft is not None and person.draft.dirty:
                place = next(i for i, mask in enumerate(ended) if np.array_equal(mask, person.draft.mask))
                ended.pop(place)
        elif person.draft is None:
            continue
        elif step == "paint":
            number += 1
            paint(person.draft, (number % 6, 0, 0), (number % 6 + 1, 5, 4), number % 200 + 1)
        elif step == "kill":
            if person.draft.dirty:
                ended.append(person.draft.mask.copy())
            person.kill()
        elif step == "save":
            person.save()
        worker.flush()
        unsaved = [one.draft.mask for one in people if one.draft is not None and one.draft.dirty] + ended
        found = [read_journal(file, SHAPE) for file in drafts.draft_paths(folder, "case")]
        on_disk = [one.mask for one in found if one is not None]
        assert len(on_disk) == len(unsaved)
        for mask in unsaved:
            assert any(np.array_equal(mask, kept) for kept in on_disk)
    for person in people:
        if person.draft is not None:
            person.kill()
    worker.close()


def test_the_newest_comes_back_and_older_ones_stay(tmp_path, worker):
    for value in (1, 2):
        journal = Journal(drafts.draft_path(tmp_path, "case", f"{value:08x}"), None, worker)
        paint(Draft(SHAPE, journal=journal), (0, 0, 0), (2, 2, 2), value)
        journal.close()
        worker.flush()
        os.utime(journal.file, ns=(value * 10**9, value * 10**9))
    kept = find_unsaved_drafts(drafts.draft_paths(tmp_path, "case"), SHAPE)
    assert kept.found is not None
    assert kept.found.mask.max() == 2
    assert [older.mask.max() for older in kept.older] == [1]
    assert kept.notice() == (
        "Restored the unsaved draft of 1970-01-01 00:00 UTC; an older one of 1970-01-01 00:00 UTC is kept"
    )
    assert kept.problem() is None
    assert len(drafts.draft_paths(tmp_path, "case")) == 2


def test_reading_can_be_cut_short_and_the_draft_waits_on(tmp_path, worker):
    journal = Journal(drafts.draft_path(tmp_path, "case", "00000001"), None, worker)
    draft = Draft(SHAPE, journal=journal)
    for value in (1, 2, 3):
        paint(draft, (0, 0, 0), (2, 2, 2), value)
    journal.close()
    worker.flush()
    checks = iter(range(3))

    def check() -> None:
        if next(checks, None) is None:
            raise Cancelled("not wanted any more")

    with pytest.raises(Cancelled):
        find_unsaved_drafts(drafts.draft_paths(tmp_path, "case"), SHAPE, Progress(check=check))
    kept = find_unsaved_drafts(drafts.draft_paths(tmp_path, "case"), SHAPE)
    assert kept.claimed is not None
    assert kept.found is not None
    assert kept.found.mask.max() == 3
    kept.claimed.close()


CHILD = """
import sys, time
import numpy as np
from pathlib import Path
from jlabel.datastores import LocalDatastore
from jlabel.imaging import Region
from jlabel.annotation.draft import Draft
from jlabel.annotation.recovery.journal import Journal
from jlabel.labeler.background.serial_worker import SerialWorker

store, worker = LocalDatastore(sys.argv[1]), SerialWorker("journal")
draft = Draft((12, 10, 8), journal=Journal(store.workspace.draft_file("case_0", "0123456789abcdef"), None, worker))
draft.paint(Region((0, 0, 0), (3, 3, 3)), np.ones((3, 3, 3), bool), 2)
worker.flush()
print("painted", flush=True)
time.sleep(60)
"""


@pytest.fixture
def other_process(manager, studies):
    """Another person's labeler on the first image, with unsaved changes."""
    with subprocess.Popen([sys.executable, "-c", CHILD, str(studies)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "painted\n"
        yield child
        child.kill()


def test_what_a_living_labeler_has_is_announced_and_left_alone(other_process, manager, monkeypatch):
    mine = manager.labeler("case_0")
    page = Page(mine, monkeypatch)
    assert not mine.mask.any()
    mine.open("case_0")
    assert "has this image open with unsaved changes since" in page.told("error")[-1]["text"]
    page.stroke((8, 8, 4), (10, 10, 8), 1)
    mine._controller.features.navigation.journal_worker.flush()
    kept = manager.datastore.workspace.draft_files("case_0")
    assert len(kept) == 2
    assert sorted(int(read_journal(file, (12, 10, 8)).mask.sum()) for file in kept) == [16, 54]
    mine.close()


def test_of_two_processes_one_is_killed_and_both_drafts_are_there(other_process, manager, monkeypatch):
    mine = manager.labeler("case_0")
    page = Page(mine, monkeypatch)
    page.stroke((8, 8, 4), (10, 10, 8), 1)
    mine._controller.features.navigation.journal_worker.flush()
    other_process.send_signal(signal.SIGKILL)
    other_process.wait()
    third = manager.labeler("case_1")
    third.open("case_0")
    assert third.mask.sum() in (16, 54)
    first = int(third.mask.sum())
    third.save()
    third.open("case_1")
    third.open("case_0")
    assert int(third.mask.sum()) == {16: 54, 54: 16}[first]
    assert third.dirty
    for one in (mine, third):
        one.close()


def test_a_killed_labelers_draft_comes_back_with_what_was_painted(other_process, manager):
    other_process.send_signal(signal.SIGKILL)
    other_process.wait()
    again = manager.labeler("case_0")
    assert again.mask.sum() == 2 * 27
    assert again.dirty
    again.save()
    again._controller.features.navigation.journal_worker.flush()
    assert manager.datastore.workspace.draft_files("case_0") == []
    again.close()


def test_a_cell_that_is_run_again_goes_on_with_the_draft_and_the_former_labeler_keeps_its_own(
    labeler, page, manager, monkeypatch
):
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    labeler._controller.features.navigation.journal_worker.flush()
    again = manager.labeler("case_0")
    assert again.mask.sum() == 8
    assert again.dirty
    Page(again, monkeypatch).stroke((4, 4, 4), (6, 6, 6), 2)
    page.stroke((8, 8, 4), (10, 10, 8), 1, seq=2)
    for one in (labeler, again):
        one._controller.features.navigation.journal_worker.flush()
    kept = {
        int(read_journal(file, (12, 10, 8)).mask.sum()) for file in manager.datastore.workspace.draft_files("case_0")
    }
    assert kept == {8 + 16, 8 + 16}
    assert len(manager.datastore.workspace.draft_files("case_0")) == 2
    again.close()


def test_a_labeler_that_is_closed_leaves_its_draft_behind(labeler, page, manager):
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    worker = labeler._controller.features.navigation.journal_worker
    labeler.close()
    worker._thread.join()
    again = manager.labeler("case_0")
    assert again.mask.sum() == 8
    again.close()


def test_a_draft_says_whose_it_is(tmp_path, worker):
    draft = Draft(SHAPE, journal=Journal(tmp_path / "case.draft", None, worker))
    paint(draft, (0, 0, 0), (1, 1, 1), 1)
    worker.flush()
    owner = read_owner(tmp_path / "case.draft")
    assert owner is not None
    assert (owner.who, owner.host, owner.pid) == (Owner.here().who, Owner.here().host, Owner.here().pid)
    assert open_locked(tmp_path / "case.draft") is None
    (tmp_path / "old.draft").write_bytes(b"of before there were owners")
    assert read_owner(tmp_path / "old.draft") is None
    assert Owner.from_json({"who": "anna", "host": "a", "pid": "no number", "since": "2026-01-01"}) is None
