"""Waiting for a job in a terminal: a bar, what came of it, and what Ctrl-C asks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from jlabel.cli.job_json import job_json
from jlabel.cli.studies_folder import studies_named
from jlabel.cli.tables import plain, print_json

if TYPE_CHECKING:
    from jlabel.jobs.job import Job

_CANCEL, _LEAVE, _WATCH = "c", "l", "w"


def follow_job(job: Job, studies: Path, as_json: bool = False, detach: bool = False, can_leave: bool = True) -> int:
    """Wait until a job has ended, and say what came of it.

    Ctrl-C asks whether the job is to be cancelled or left to itself; where nobody can answer, it is cancelled.

    Args:
        job: The job.
        studies: Its studies, as the person typed them.
        as_json: Print the job as JSON at the end.
        detach: Do not wait.
        can_leave: Whether the job goes on where the command ends before it.

    Returns:
        The exit code: 0 where the job is done or goes on by itself, 1 where it failed or was cancelled.
    """
    left = detach or not _waited(job, can_leave)
    if as_json:
        print_json(job_json(job))
    elif left:
        follow = f"jlabel jobs {studies_named(studies)} --follow {job.id}"
        typer.echo(plain(f"{job.kind} {job.name} goes on as {job.id}: '{follow}'"))
    else:
        _say(job, studies)
    return 0 if left or job.state == "done" else 1


def _waited(job: Job, can_leave: bool) -> bool:
    """Whether the job has ended; False where it was left to itself."""
    while True:
        try:
            return job.wait(progress=sys.stderr.isatty())
        except KeyboardInterrupt:
            if job.record().ended:
                return True
            answer = _asked(can_leave)
            if answer == _LEAVE:
                return False
            if answer == _CANCEL:
                job.cancel()
                sys.stderr.write("jlabel: stopping; what is done so far is kept\n")


def _asked(can_leave: bool = True) -> str:
    """What is to become of the job."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return _CANCEL
    leave = ", leave it to itself (l)," if can_leave else ""
    sys.stderr.write(f"\nCancel the job (c){leave} or go on watching (w)? [w] ")
    sys.stderr.flush()
    try:
        answer = sys.stdin.readline().strip().lower()[:1]
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return _CANCEL
    return answer if answer == _CANCEL or (answer == _LEAVE and can_leave) else _WATCH


def _say(job: Job, studies: Path) -> None:
    from jlabel.jobs.report import outcome

    record = job.record()
    typer.echo(plain(" ".join([f"{job.kind} {job.name}: {record.state}.", outcome(record)]).strip()))
    for note in record.notes:
        typer.echo(plain(f"- {note}"))
    if record.error:
        sys.stderr.write(f"jlabel: {plain(' '.join(record.error.split()))}\n")
    if job.can_resume:
        sys.stderr.write(f"jlabel: 'jlabel jobs {studies_named(studies)} --resume {job.id}' goes on with it\n")
