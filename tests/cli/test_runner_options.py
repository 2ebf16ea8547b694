"""``--runner``, ``--queue`` and ``--runner-option``: what goes together, and what becomes of it in a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer

from jlabel.cli import following, lab
from jlabel.cli.runner_options import runner_choice
from jlabel.jobs.dask import DaskRunner
from jlabel.jobs.runners import LocalProcesses
from tests.apps.app_file.conftest import Write
from tests.cli.conftest import Jlabel
from tests.cli.studies import make_studies


def test_without_any_jobs_run_on_this_machine() -> None:
    choice = runner_choice("", "", None, detach=True)
    assert choice.arguments == {}
    assert isinstance(choice.make(), LocalProcesses)


def test_a_runner_and_what_it_takes() -> None:
    choice = runner_choice("slurm", "gpu", ["gpus=1", "memory=32GB"])
    assert choice.arguments == {"runner": "slurm", "gpus": 1, "memory": "32GB", "queue": "gpu"}
    assert repr(choice.make()) == "DaskRunner(SLURM)"
    scheduler = runner_choice("tcp://scheduler:8786", "", ["lease=60"], detach=True)
    assert isinstance(scheduler.make(), DaskRunner)


@pytest.mark.parametrize(
    ("runner", "queue", "options", "said"),
    [
        ("cluster", "", [], "runner is 'local', 'slurm', 'pbs' or an address such as .* not 'cluster'"),
        ("slurm", "", ["cores=many"], "cores is a number from 1 on, not 'many'"),
        ("tcp://scheduler:8786", "gpu", [], "--queue goes with --runner slurm or --runner pbs"),
        ("", "", ["gpus=1"], "--runner-option goes with a --runner that is not this machine"),
        ("slurm", "", ["runner=pbs"], "--runner-option runner: that is --runner"),
        ("slurm", "", ["gpus"], "--runner-option takes a key and a value"),
    ],
)
def test_what_does_not_go_together(runner: str, queue: str, options: list[str], said: str) -> None:
    with pytest.raises(typer.BadParameter, match=said):
        runner_choice(runner, queue, options)


def test_a_job_cannot_be_left_to_workers_that_end_with_the_command(
    jlabel: Jlabel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = jlabel("train", make_studies(tmp_path / "studies"), "--runner", "slurm", "--detach")
    assert code == 2
    assert "the workers of --runner slurm end with the command" in err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin.readline", lambda: "l\n", raising=False)
    assert following._asked(can_leave=False) == "w"
    assert "leave it" not in capsys.readouterr().err
    assert following._asked() == "l"


def test_jobs_takes_a_runner_to_resume_on(jlabel: Jlabel, tmp_path: Path) -> None:
    code, _, err = jlabel("jobs", make_studies(tmp_path / "studies"), "--runner", "tcp://scheduler:8786")
    assert code == 2
    assert "--runner goes with --resume" in err


@pytest.mark.parametrize("command", ["lab", "start_server", "run"])
def test_the_notebook_says_where_jobs_run(
    command: str, jlabel: Jlabel, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(lab, "serve", lambda *arguments: calls.append(arguments) or 0)
    studies = make_studies(tmp_path / "studies")
    typed: dict[str, list[object]] = {
        "lab": [studies, "--labels", "liver"],
        "start_server": ["--studies", studies, "--app", "radiology", "--labels", "liver"],
        "run": [write("labels: [liver]"), "--studies", studies],
    }
    where = ("--runner", "slurm", "--queue", "gpu", "--runner-option", "gpus", "1")
    assert jlabel(command, *typed[command], *where)[0] == 0
    text = calls[0][1].read_text()
    assert "manager = jlabel.AppManager(app, runner='slurm', gpus=1, queue='gpu')" in text
