"""The file of events: whole lines whatever happens, and what they add up to."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jlabel.jobs.events import EventReader, EventWriter, append_event
from jlabel.jobs.record import JobRecord


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def test_what_is_appended_is_read_once_and_in_order(file: Path) -> None:
    reader = EventReader(file)
    assert reader.read() == []
    append_event(file, {"state": "queued"})
    append_event(file, {"progress": 0.5})
    assert [set(event) for event in reader.read()] == [{"time", "state"}, {"time", "progress"}]
    assert reader.read() == []


def test_a_torn_last_line_waits_and_what_follows_begins_a_new_one(file: Path) -> None:
    append_event(file, {"state": "queued"})
    with file.open("a") as torn:
        torn.write('{"time": 1, "state": "run')
    reader = EventReader(file)
    assert [event["state"] for event in reader.read()] == ["queued"]
    append_event(file, {"state": "failed"})
    assert [event["state"] for event in reader.read()] == ["failed"]


@pytest.mark.parametrize("line", ["no json", "[1, 2]", '{"state": "done"}', '{"time": "x"}', "[" * 100_000, "\0\0"])
def test_a_damaged_line_is_left_out(file: Path, line: str) -> None:
    file.write_text(line + "\n")
    append_event(file, {"state": "done"})
    assert [event["state"] for event in EventReader(file).read()] == ["done"]


def test_lines_of_several_writers_never_mix(file: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: append_event(file, {"note": str(number) * 200}), range(200)))
    notes = [event["note"] for event in EventReader(file).read()]
    assert sorted(notes) == sorted(str(number) * 200 for number in range(200))


def test_a_full_disk_is_an_error_and_leaves_whole_lines(file: Path) -> None:
    append_event(file, {"state": "running"})
    pid = os.fork()
    if pid == 0:
        import resource
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 10, resource.RLIM_INFINITY))
        try:
            append_event(file, {"note": "x" * 100})
        except OSError:
            os._exit(3)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
    append_event(file, {"state": "failed"})
    assert [event["state"] for event in EventReader(file).read()] == ["running", "failed"]


def test_the_threads_of_one_process_tell_each_event_once(file: Path) -> None:
    writer = EventWriter(file)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: writer.append({"note": str(number)}), range(2000)))
    notes = [event["note"] for event in EventReader(file).read()]
    assert sorted(notes, key=int) == [str(number) for number in range(2000)]


def test_what_could_not_be_written_is_told_with_the_next_event_and_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    writer = EventWriter(folder / "events.jsonl")
    for number in range(3):
        writer.append({"note": str(number)})
    folder.mkdir()
    writer.append({"note": "3"})
    assert [event["note"] for event in EventReader(folder / "events.jsonl").read()] == ["0", "1", "2", "3"]


def test_an_epoch_that_was_done_again_counts_once() -> None:
    record = JobRecord()
    for epoch, loss in ((1, 0.9), (2, 0.8), (2, 0.7)):
        record.take({"time": 1.0, "metrics": {"epoch": epoch, "loss": loss}})
    assert [row["loss"] for row in record.rows.values()] == [0.9, 0.7]


def test_values_that_mean_nothing_change_nothing() -> None:
    record = JobRecord()
    for event in ({"state": "flying"}, {"progress": "half"}, {"metrics": 3}, {"left": None}, {"note": 4}):
        record.take({"time": 1.0, **event})
    assert record == JobRecord()
