from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.imaging import Region
from jlabel.widget import change
from jlabel.widget.draft import Draft
from jlabel.widget.journal import Journal, read_journal
from jlabel.widget.worker import SerialWorker

SHAPE = (6, 5, 4)


@pytest.fixture
def worker():
    worker = SerialWorker("test")
    yield worker
    worker.close()


def paint(draft: Draft, low: tuple[int, ...], up: tuple[int, ...], value: int) -> None:
    draft.paint(Region(low, up), np.ones(Region(low, up).shape, bool), value)


def journaled(file: Path, worker: SerialWorker, start: np.ndarray | None = None) -> Draft:
    return Draft(SHAPE, start, journal=Journal(file, start, worker))


def test_every_stroke_is_on_disk(tmp_path, worker):
    draft = journaled(tmp_path / "sub" / "case.draft", worker)
    for value, corner in ((1, (2, 2, 2)), (2, (3, 3, 3)), (0, (1, 1, 1))):
        paint(draft, (0, 0, 0), corner, value)
        worker.flush()
        found = read_journal(tmp_path / "sub" / "case.draft", SHAPE)
        np.testing.assert_array_equal(found.mask, draft.mask)


def test_a_change_of_several_patches_is_read_whole_or_not_at_all(tmp_path, worker, monkeypatch):
    monkeypatch.setattr(change, "_MOST_VOXELS", 20)
    file = tmp_path / "case.draft"
    draft = journaled(file, worker)
    paint(draft, (0, 0, 0), (1, 1, 1), 1)
    worker.flush()
    before, size = draft.mask.copy(), file.stat().st_size
    paint(draft, (0, 0, 0), SHAPE, 2)
    draft.undo()
    draft.redo()
    worker.flush()
    data = file.read_bytes()
    assert len(draft.history.next_undo.patches) == 8
    seen = set()
    for end in range(size, len(data) + 1):
        file.write_bytes(data[:end])
        found = read_journal(file, SHAPE).mask
        assert found.tobytes() in (before.tobytes(), draft.mask.tobytes())
        seen.add(found.tobytes())
    assert len(seen) == 2


def test_what_the_draft_began_with_is_in_it(tmp_path, worker):
    start = np.zeros(SHAPE, np.uint16)
    start[4, 4, 3] = 300
    draft = journaled(tmp_path / "case.draft", worker, start)
    paint(draft, (0, 0, 0), (2, 2, 2), 7)
    worker.flush()
    np.testing.assert_array_equal(read_journal(tmp_path / "case.draft", SHAPE).mask, draft.mask)


def test_after_saving_it_begins_with_what_was_saved(tmp_path, worker):
    draft = journaled(tmp_path / "case.draft", worker)
    paint(draft, (0, 0, 0), (2, 2, 2), 1)
    draft.mark_saved(draft.history.position, draft.mask.copy())
    paint(draft, (3, 3, 3), (4, 4, 4), 2)
    worker.flush()
    np.testing.assert_array_equal(read_journal(tmp_path / "case.draft", SHAPE).mask, draft.mask)
    draft.undo()
    draft.undo()
    worker.flush()
    assert not read_journal(tmp_path / "case.draft", SHAPE).mask.any()


def test_undo_and_redo_are_changes_too(tmp_path, worker):
    draft = journaled(tmp_path / "case.draft", worker)
    paint(draft, (0, 0, 0), (2, 2, 2), 1)
    paint(draft, (1, 1, 1), (3, 3, 3), 2)
    for step in (draft.undo, draft.undo, draft.redo):
        step()
        worker.flush()
        np.testing.assert_array_equal(read_journal(tmp_path / "case.draft", SHAPE).mask, draft.mask)


def test_a_saved_draft_leaves_nothing_and_the_next_stroke_begins_again(tmp_path, worker):
    draft = journaled(tmp_path / "case.draft", worker)
    paint(draft, (0, 0, 0), (2, 2, 2), 1)
    draft.mark_saved(draft.history.position, draft.mask.copy())
    worker.flush()
    assert read_journal(tmp_path / "case.draft", SHAPE) is None
    assert list(tmp_path.iterdir()) == []


def test_a_restored_draft_is_unsaved_and_goes_on(tmp_path, worker):
    file = tmp_path / "case.draft"
    paint(journaled(file, worker), (0, 0, 0), (2, 2, 2), 1)
    worker.flush()
    file.write_bytes(file.read_bytes() + b"cut sho")
    start = read_journal(file, SHAPE).mask
    draft = Draft(SHAPE, start, unsaved=True, journal=Journal(file, start, worker))
    assert draft.dirty
    paint(draft, (3, 3, 3), (5, 5, 4), 2)
    worker.flush()
    np.testing.assert_array_equal(read_journal(file, SHAPE).mask, draft.mask)


@settings(max_examples=60)
@given(cut=st.integers(0, 400), flip=st.none() | st.integers(0, 400))
def test_a_damaged_end_costs_only_the_end(tmp_path_factory, cut, flip):
    worker, file = SerialWorker("test"), tmp_path_factory.mktemp("journal") / "case.draft"
    draft, masks = journaled(file, worker), []
    for value in (1, 2, 3):
        paint(draft, (0, 0, 0), (value, value, value), value)
        masks.append(draft.mask.copy())
    worker.flush()
    data = bytearray(file.read_bytes()[:cut])
    if flip is not None and flip < len(data):
        data[flip] ^= 0xFF
    file.write_bytes(bytes(data))
    found = read_journal(file, SHAPE)
    assert found is None or any(np.array_equal(found.mask, mask) for mask in masks)
    worker.close()


def test_an_image_that_changed_its_shape_gets_no_old_draft(tmp_path, worker):
    paint(journaled(tmp_path / "case.draft", worker), (0, 0, 0), SHAPE, 1)
    worker.flush()
    assert read_journal(tmp_path / "case.draft", (3, 3, 3)) is None


def test_a_killed_process_loses_at_most_its_last_stroke(tmp_path):
    program = f"""
import time
import numpy as np
from pathlib import Path
from jlabel.imaging import Region
from jlabel.widget.draft import Draft
from jlabel.widget.journal import Journal
from jlabel.widget.worker import SerialWorker

draft = Draft((50, 4, 4), journal=Journal(Path({str(tmp_path / "case.draft")!r}), None, SerialWorker("journal")))
for i in range(50):
    draft.paint(Region((i, 0, 0), (i + 1, 1, 1)), np.ones((1, 1, 1), bool), 1)
    print(i, flush=True)
    time.sleep(0.02)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if int(line) == 20:
                child.kill()
                break
    found = read_journal(tmp_path / "case.draft", (50, 4, 4))
    assert found is not None
    assert found.mask[:20, 0, 0].sum() == 20


def test_a_place_that_cannot_be_written_does_not_stop_the_work(tmp_path, worker, caplog):
    (tmp_path / "file").write_text("not a folder")
    draft = journaled(tmp_path / "file" / "case.draft", worker)
    for _ in range(3):
        paint(draft, (0, 0, 0), (2, 2, 2), 1)
    worker.flush()
    assert draft.mask.sum() == 8
    assert len([record for record in caplog.records if "cannot be kept on disk" in record.message]) == 1
