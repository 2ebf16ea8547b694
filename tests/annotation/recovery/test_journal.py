from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.annotation import mask_change as change
from jlabel.annotation.draft import Draft
from jlabel.annotation.recovery import journal as journal_module
from jlabel.annotation.recovery.file_lock import open_locked
from jlabel.annotation.recovery.journal import Journal
from jlabel.annotation.recovery.journal_reading import read_journal
from jlabel.datastores import drafts
from jlabel.imaging import Region
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.prompts import Click

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


def test_a_long_journal_is_written_anew_with_the_draft_as_it_is(tmp_path, worker, monkeypatch):
    monkeypatch.setattr(journal_module, "_MOST_CHANGES", 10)
    file, start = tmp_path / "case.draft", np.zeros(SHAPE, np.uint8)
    start[5, 4, 3] = 7
    draft = Draft(SHAPE, start, journal=Journal(file, start, worker, shape=SHAPE))
    draft.add_prompt(Click((1, 1, 1)), "a", 2, name="first")
    draft.settle_prompts()
    sizes = []
    for number in range(40):
        value = 3 + number % 5
        paint(draft, (0, 0, 0), (1 + number % 6, 5, 4), value)
        if number % 7 == 0:
            draft.undo()
        worker.flush()
        sizes.append(file.stat().st_size)
        found = read_journal(file, SHAPE)
        np.testing.assert_array_equal(found.mask, draft.mask)
        assert found.owner is not None
        assert [prompt["id"] for group in found.prompts for prompt in group["prompts"]] == ["first"]
        assert open_locked(file) is None, "the file is somebody's, also after it was written anew"
    assert max(sizes) < 2 * sizes[9]


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
from jlabel.datastores import drafts
from jlabel.imaging import Region
from jlabel.annotation.draft import Draft
from jlabel.annotation.recovery import journal as journal_module
from jlabel.annotation.recovery.file_lock import open_locked
from jlabel.annotation.recovery.journal import Journal
from jlabel.labeler.background.serial_worker import SerialWorker

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


FULL_DISK = """
import os, resource, signal, sys
import numpy as np
from pathlib import Path
from jlabel.annotation.draft import Draft
from jlabel.annotation.recovery import journal as journal_module
from jlabel.annotation.recovery.journal import Journal
from jlabel.datastores import drafts
from jlabel.imaging import Region
from jlabel.labeler.background.serial_worker import SerialWorker

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
file, ending = Path(sys.argv[1]), sys.argv[2]
journal_module._SECONDS_TO_RETRY = 0.05
worker, said = SerialWorker("journal"), []
journal = Journal(file, None, worker, shape=(64, 64, 8), listener=lambda: said.append(journal.problem))
draft = Draft((64, 64, 8), journal=journal)

def paint(low, up, value, noise=False):
    touched = np.ones(Region(low, up).shape, bool)
    if noise:
        touched = np.random.default_rng(0).random(touched.shape) < 0.5
    draft.paint(Region(low, up), touched, value)
    worker.flush()

paint((0, 0, 0), (4, 4, 4), 1)
np.save(sys.argv[3], draft.mask)
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 200, hard))
paint((0, 0, 0), (64, 64, 8), 2, noise=True)
assert draft.not_on_disk is not None and "File too large" in draft.not_on_disk, draft.not_on_disk
for number in range(10):
    paint((number, 9, 0), (number + 1, 10, 8), 3)
assert len(said) == 1
if ending == "room":
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    import time
    while draft.not_on_disk is not None:
        time.sleep(0.02)
    np.save(sys.argv[3], draft.mask)
    assert said[1:] == [None]
elif ending == "stroke":
    journal_module._SECONDS_TO_RETRY = 1000
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    paint((9, 9, 0), (20, 20, 8), 4)
    np.save(sys.argv[3], draft.mask)
elif ending == "closed":
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    draft.let_go()
    worker.flush()
    np.save(sys.argv[3], draft.mask)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("ending", ["full", "room", "stroke", "closed"])
def test_a_full_disk_tears_nothing_and_what_was_painted_meanwhile_follows(tmp_path, ending):
    file, expected = tmp_path / "case.draft", tmp_path / "expected.npy"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(file), ending, str(expected)], capture_output=True, text=True, check=False
    )
    assert done.returncode == -9, done.stderr
    found = read_journal(file, (64, 64, 8))
    np.testing.assert_array_equal(found.mask, np.load(expected))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["case.draft", "expected.npy"]


def test_a_place_that_cannot_be_written_is_said_until_it_can(tmp_path, worker, monkeypatch):
    monkeypatch.setattr(journal_module, "_SECONDS_TO_RETRY", 0.02)
    said = []
    file = tmp_path / "drafts" / "case.draft"
    file.parent.write_text("no folder")
    journal = Journal(file, None, worker, listener=lambda: said.append(journal.problem))
    draft = Draft(SHAPE, journal=journal)
    assert draft.not_on_disk is None
    paint(draft, (0, 0, 0), (2, 2, 2), 1)
    worker.flush()
    assert draft.not_on_disk.startswith("Your unsaved changes are in memory alone")
    file.parent.unlink()
    deadline = time.monotonic() + 30
    while draft.not_on_disk is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    np.testing.assert_array_equal(read_journal(file, SHAPE).mask, draft.mask)
    assert said[-1] is None


def test_what_is_saved_need_not_be_on_disk(tmp_path, worker):
    (tmp_path / "drafts").write_text("no folder")
    draft = journaled(tmp_path / "drafts" / "case.draft", worker)
    paint(draft, (0, 0, 0), (2, 2, 2), 1)
    worker.flush()
    assert draft.not_on_disk is not None
    draft.mark_saved(draft.history.position, draft.mask.copy())
    worker.flush()
    assert draft.not_on_disk is None


@pytest.mark.parametrize("length", [1, 200, 201, 222, 251, 255])
def test_a_long_name_has_a_draft_too(tmp_path, worker, length):
    image_id = f"sub/{'n' * length}"
    file = drafts.draft_path(tmp_path / "drafts", image_id, "0123456789abcdef")
    draft = journaled(file, worker)
    paint(draft, (0, 0, 0), (2, 2, 2), 1)
    worker.flush()
    assert draft.not_on_disk is None
    assert drafts.draft_paths(tmp_path / "drafts", image_id) == [file]
    assert drafts.drafted_ids(tmp_path / "drafts") == {image_id}


def test_what_is_noted_beside_the_draft_is_there_as_it_was_noted_last(tmp_path, worker):
    file = tmp_path / "case.draft"
    draft = journaled(file, worker)
    draft.note({"effort": 1})
    worker.flush()
    assert not file.exists(), "where nothing has changed there is nothing to keep"
    paint(draft, (0, 0, 0), (2, 2, 2), 1)
    for number in (2, 3):
        draft.note({"effort": number})
        paint(draft, (0, 0, 0), (number, 2, 2), 1)
    worker.flush()
    found = read_journal(file, SHAPE)
    assert found.notes == {"effort": 3}
    np.testing.assert_array_equal(found.mask, draft.mask)
    draft.mark_saved(draft.history.position, draft.mask.copy())
    paint(draft, (3, 3, 3), (4, 4, 4), 2)
    worker.flush()
    assert read_journal(file, SHAPE).notes == {}, "what was saved is noted with the label"


def test_notes_outlive_writing_anew(tmp_path, worker, monkeypatch):
    monkeypatch.setattr(journal_module, "_MOST_CHANGES", 5)
    file, start = tmp_path / "case.draft", np.zeros(SHAPE, np.uint16)
    start[0, 0, 0] = 300
    draft = Draft(SHAPE, start, journal=Journal(file, start, worker, shape=SHAPE))
    for number in range(30):
        paint(draft, (0, 0, 0), (1 + number % 6, 2, 2), 1 + number % 2)
        draft.note({"number": number})
        worker.flush()
        found = read_journal(file, SHAPE)
        assert found.notes == {"number": number}
        np.testing.assert_array_equal(found.mask, draft.mask)


def test_a_draft_that_was_left_behind_keeps_notes_before_its_next_change(tmp_path, worker):
    file = tmp_path / "case.draft"
    left = journaled(file, worker)
    left.add_prompt(Click((1, 1, 1)), "a", 2, name="first")
    left.settle_prompts()
    paint(left, (0, 0, 0), (2, 2, 2), 1)
    worker.flush()
    found = read_journal(file, SHAPE)
    draft = Draft(SHAPE, found.mask, unsaved=True, journal=Journal(file, found.mask, worker))
    draft.restore_prompts(left.groups)
    draft.note({"effort": 1})
    worker.flush()
    again = read_journal(file, SHAPE)
    assert again.notes == {"effort": 1}
    np.testing.assert_array_equal(again.mask, left.mask)
    assert [prompt["id"] for group in again.prompts for prompt in group["prompts"]] == ["first"]
