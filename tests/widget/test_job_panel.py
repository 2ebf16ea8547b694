"""The panel of a job without a browser: what it tells a page, and what readers without a kernel see."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.formatters import DisplayFormatter

from jlabel.errors import JobError
from jlabel.jobs import Job, JobRun, Jobs
from jlabel.jobs.report import html
from jlabel.widget.job_panel import JobPanel, show_job


def learn(run: JobRun) -> dict[str, Any]:
    """Two epochs, then it waits until it is cancelled."""
    run.note("image '<b>a</b>' is left out")
    run.metrics(1, loss=0.9, val_mean_dice=0.1)
    run.metrics(2, loss=float("nan"), val_mean_dice=0.3)
    run.progress(0.5, 20.0)
    if (run.checkpoints / "second").exists():
        print("the second attempt", flush=True)
        return {"version": 3, "in_use": True, "note": ""}
    (run.checkpoints / "second").touch()
    while True:
        run.check_cancelled()
        time.sleep(0.02)


class PanelPage:
    """Stands for a page that shows the panel."""

    def __init__(self, panel: JobPanel, monkeypatch: pytest.MonkeyPatch) -> None:
        self.heard: list[dict[str, Any]] = []
        self.panel = panel
        monkeypatch.setattr(panel, "send", lambda content, buffers=None: self.heard.append(content))

    def ask(self, kind: str) -> None:
        self.panel._on_message(self.panel, {"type": kind}, [])

    def job(self) -> dict[str, Any]:
        return next((told["job"] for told in reversed(self.heard) if told["type"] == "job"), {})

    def rows(self) -> list[dict[str, Any]]:
        """All epochs as a page puts them together."""
        known: dict[int, dict[str, Any]] = {}
        for told in self.heard:
            if told["type"] == "job":
                known = ({} if told["whole"] else known) | {row["epoch"]: row for row in told["rows"]}
        return list(known.values())

    def wait(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + 30
        while not true():
            assert time.monotonic() < end, f"waited in vain; heard: {self.heard[-3:]}"
            time.sleep(0.02)


@pytest.fixture
def jobs(tmp_path: Path, own_locks: Path) -> Jobs:
    return Jobs(tmp_path / "jobs")


@pytest.fixture
def panel(jobs: Jobs) -> Iterator[JobPanel]:
    panel = JobPanel(jobs.start("train", "segmentation", learn, device="cpu"), jobs.resume)
    yield panel
    panel.job.cancel()
    panel.close()
    assert panel.job.wait(30)


@pytest.fixture
def page(panel: JobPanel, monkeypatch: pytest.MonkeyPatch) -> PanelPage:
    page = PanelPage(panel, monkeypatch)
    page.ask("hello")
    return page


def test_a_page_follows_cancels_and_resumes(page: PanelPage) -> None:
    page.wait(lambda: page.job().get("progress") == 0.5)
    assert page.job()["state"] == "running"
    assert page.job()["title"] == "Training segmentation"
    assert page.job()["epoch"] == 2
    assert page.job()["score"] == 0.3
    assert 0 < page.job()["left"] <= 20
    assert page.rows() == [
        {"epoch": 1, "loss": 0.9, "val_mean_dice": 0.1},
        {"epoch": 2, "loss": None, "val_mean_dice": 0.3},
    ]
    page.ask("cancel")
    page.wait(lambda: page.job()["state"] == "cancelled")
    assert page.job()["canResume"]
    page.ask("resume")
    page.wait(lambda: page.job()["state"] == "done")
    assert page.job()["outcome"] == "Version 3 was published; it is in use."
    assert not page.job()["canResume"]
    page.ask("log")
    page.wait(lambda: page.heard[-1]["type"] == "log")
    assert "the second attempt" in page.heard[-1]["text"]
    page.ask("hello")
    page.wait(lambda: page.heard[-1]["type"] == "still")
    still = page.heard[-1]["data"]
    assert f'data-jlabel-job="{page.panel.job.id}"' in still["text/html"]
    assert "Version 3 was published; it is in use." in still["text/plain"]


def test_a_reloaded_page_is_told_everything_again(page: PanelPage) -> None:
    page.wait(lambda: len(page.rows()) == 2)
    page.heard.clear()
    page.ask("hello")
    page.wait(lambda: len(page.heard) > 0)
    page.wait(lambda: [told["type"] for told in page.heard][:2] == ["job", "still"])
    assert page.heard[0]["whole"]
    assert len(page.heard[0]["rows"]) == 2


def test_what_cannot_be_done_is_said(page: PanelPage) -> None:
    page.wait(lambda: page.job().get("progress") == 0.5)

    def refuse(job: Job) -> Job:
        raise JobError("it is another user's")

    page.panel._resume = refuse
    page.ask("resume")
    page.wait(lambda: page.heard[-1] == {"type": "error", "text": "it is another user's"})


def test_a_page_that_was_not_heard_yet_is_told_everything_each_time(
    panel: JobPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = PanelPage(panel, monkeypatch)
    page.wait(lambda: page.job().get("progress") == 0.5)
    assert page.heard[-1]["whole"]
    assert len(page.heard[-1]["rows"]) == 2


def test_a_job_without_a_front_end_is_text_and_a_static_page(panel: JobPanel) -> None:
    job = panel.job
    end = time.monotonic() + 30
    while job.progress < 0.5:
        assert time.monotonic() < end
        time.sleep(0.02)
    bundle = job._repr_mimebundle_()
    assert "running, 50%" in bundle["text/plain"]
    assert "val_mean_dice 0.3" in bundle["text/plain"]
    assert "val_mean_dice 0.3" in repr(job)
    assert bundle["text/plain"].splitlines()[1:] == [
        "epoch  loss  val_mean_dice",
        "    1   0.9            0.1",
        "    2     –            0.3",
        "- image '<b>a</b>' is left out",
    ]
    assert "image &#x27;&lt;b&gt;a&lt;/b&gt;&#x27; is left out" in bundle["text/html"]
    assert "<td>0.9</td>" in bundle["text/html"]
    assert "<polyline" in html(job.request, job.record(), [{"epoch": n, "loss": 1 / n} for n in (1, 2, 3)])


def test_outside_of_a_notebook_ipython_prints_the_text(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    job = jobs.start("train", "segmentation", learn, device="cpu")
    job.cancel()
    assert job.wait(30)
    assert show_job(job, jobs.resume) is False
    job.view = lambda job: False
    data, _ = DisplayFormatter().format(job)  # type: ignore[no-untyped-call]
    assert data["text/plain"].splitlines()[0] == repr(job)


def test_waiting_with_a_bar_shows_the_newest_metrics(jobs: Jobs, capsys: pytest.CaptureFixture[str]) -> None:
    job: Job = jobs.start("train", "segmentation", learn, device="cpu")
    assert job.wait(0.0, progress=True) is False
    end = time.monotonic() + 30
    while job.progress < 0.5:
        assert time.monotonic() < end
        time.sleep(0.02)
    job.cancel()
    assert job.wait(30, progress=True)
    said = capsys.readouterr().err
    assert "Training segmentation" in said
    assert "cancelled, epoch 2, val_mean_dice 0.3" in said
