"""A job in one line, as text and as HTML, on folders that are made by hand."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from jlabel.jobs import Job
from jlabel.jobs.events import append_event
from jlabel.jobs.folder import JobFolder, JobRequest

ERROR = 'the network failed: out of memory\nThe last lines of its log:\n  File "a.py", line 3\n<b>bold</b>'


def failed(folder: Path, error: str, kind: str = "train", name: str = "segmentation") -> Job:
    job = JobFolder(folder / "20260101-000000-000001-0000")
    job.path.mkdir()
    job.write_request(JobRequest(job.path.name, kind, name, created=time.time()))
    append_event(job.events, {"state": "failed", "error": error})
    return Job(job)


def test_the_line_has_the_first_line_of_the_error_and_the_text_all_of_it(tmp_path: Path) -> None:
    job = failed(tmp_path, ERROR)
    assert repr(job).endswith("cannot be resumed: the network failed: out of memory")
    shown = job._repr_mimebundle_()
    assert shown["text/plain"].splitlines() == [repr(job), *ERROR.splitlines()]
    assert "line 3\n&lt;b&gt;bold&lt;/b&gt;" in shown["text/html"]
    assert job.error == ERROR


def test_an_error_of_one_line_is_said_once(tmp_path: Path) -> None:
    job = failed(tmp_path, "no room on the disk")
    assert job._repr_mimebundle_()["text/plain"] == repr(job)


@pytest.mark.parametrize("error", ["\nlate", "x" * 5000, "\x1b[31mred\r\n", "a\u2028b", "one\x0ctwo"])
def test_the_line_is_one_whatever_the_error_is(tmp_path: Path, error: str) -> None:
    line = repr(failed(tmp_path, error, name="seg\nmentation"))
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    assert line.startswith("Job train seg mentation ")
    assert len(line) < 300
