"""How far a job came that was cancelled, in words."""

from __future__ import annotations

import pytest

from jlabel.jobs.ending import cancelled_in_words
from jlabel.jobs.folder import JobRequest
from jlabel.jobs.record import JobRecord


def said(kind="train", state="cancelled", rows=(), progress=0.0, resume=True, **options):
    request = JobRequest("20260101-000000-000000-abcd", kind, "net", "cpu", options)
    record = JobRecord(state=state, rows={epoch: {"epoch": epoch} for epoch in rows}, progress=progress)
    return cancelled_in_words(request, record, resume)


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ({"rows": (1, 2, 3), "max_epochs": 20}, "Cancelled after epoch 3 of 20; Resume goes on from there"),
        ({"rows": (1,), "max_epochs": 20, "resume": False}, "Cancelled after epoch 1 of 20"),
        (
            {"rows": (1, 2), "max_epochs": 200, "max_seconds": 120, "progress": 0.45},
            "Cancelled after epoch 2 (45%); Resume goes on from there",
        ),
        ({"progress": 0.1}, "Cancelled before anything was done; Resume begins again"),
        ({"resume": False}, "Cancelled before anything was done"),
        ({"kind": "infer", "progress": 0.6}, "Cancelled after 60%; Resume goes on from there"),
        ({"state": "failed", "rows": (1,)}, ""),
        ({"state": "done", "rows": (1,)}, ""),
    ],
)
def test_in_words(job, words):
    assert said(**job) == words
