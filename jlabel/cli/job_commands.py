"""``jlabel jobs`` and ``jlabel models``: what was computed and trained in a studies folder, and what is in use."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jlabel.cli.job_json import job_json
from jlabel.cli.options import Json, Studies
from jlabel.cli.runner_options import Queue, Runner, RunnerChoice, RunnerOptions, runner_choice
from jlabel.cli.tables import UNKNOWN, print_json, print_table

if TYPE_CHECKING:
    from pathlib import Path

    from jlabel.jobs.job import Job
    from jlabel.registry.version import ModelVersion

_JOB = "Its id, the beginning or end of it, or 'last'."


def jobs(
    studies: Studies,
    follow: Annotated[str, typer.Option("--follow", metavar="JOB", help=f"Wait for a job with a bar. {_JOB}")] = "",
    cancel: Annotated[
        str, typer.Option("--cancel", metavar="JOB", help=f"Stop a job; its checkpoint stays. {_JOB}")
    ] = "",
    resume: Annotated[
        str, typer.Option("--resume", metavar="JOB", help=f"Go on with a job that was stopped or failed. {_JOB}")
    ] = "",
    runner: Runner = "",
    queue: Queue = "",
    runner_option: RunnerOptions = None,
    log: Annotated[str, typer.Option("--log", metavar="JOB", help=f"Print what a job's processes said. {_JOB}")] = "",
    as_json: Json = False,
) -> None:
    """List the background jobs of the studies, or follow, cancel or resume one.

    A job is a process of its own: it goes on when the command, the notebook or its kernel ends.
    """
    named = {"--follow": follow, "--cancel": cancel, "--resume": resume, "--log": log}
    chosen = [option for option, job in named.items() if job]
    if len(chosen) > 1:
        raise typer.BadParameter(f"{' and '.join(chosen)}: one at a time")
    where = runner_choice(runner, queue, runner_option)
    if where.runner and chosen != ["--resume"]:
        raise typer.BadParameter("--runner goes with --resume")
    if chosen:
        raise typer.Exit(_one(chosen[0], studies, named[chosen[0]], where, as_json))
    from jlabel.cli.studies_folder import jobs_of

    there = jobs_of(studies).list()
    if as_json:
        print_json([job_json(job) for job in there])
    elif there:
        columns = ("job", "what", "state", "done", "begun", "device", "why")
        print_table(f"{len(there)} jobs", columns, [_job_row(job) for job in there])
    else:
        typer.echo("No job was begun here")


def _one(option: str, studies: Path, named: str, where: RunnerChoice, as_json: bool) -> int:
    from jlabel.cli.following import follow_job
    from jlabel.cli.studies_folder import find_job, jobs_of

    job = find_job(studies, named)
    if option == "--log":
        sys.stdout.write(job.log)
        return 0
    if option == "--cancel":
        _cancel(job)
        return 0
    if option == "--resume":
        job = jobs_of(studies, where.make()).resume(job.id)
    return follow_job(job, studies, as_json, can_leave=not where.ends_with_command)


def _cancel(job: Job) -> None:
    if job.record().ended:
        typer.echo(f"{job.kind} {job.name} had ended: {job.state}")
        return
    job.cancel()
    job.wait(progress=False)
    typer.echo(f"{job.kind} {job.name}: {job.state}")


def _job_row(job: Job) -> tuple[str, ...]:
    record = job.record()
    begun = datetime.fromtimestamp(job.request.created).astimezone()
    why = record.error.strip().splitlines()[0] if record.error.strip() else ""
    done = f"{record.progress:.0%}"
    return job.id, f"{job.kind} {job.name}", record.state, done, f"{begun:%Y-%m-%d %H:%M}", job.device, why


def models(
    studies: Studies,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A model; all if not given.")] = "",
    use: Annotated[
        int | None, typer.Option("--use", metavar="VERSION", help="Take this version of the model into use.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the versions of the models that were trained here, or take another one into use."""
    from jlabel.cli.studies_folder import model_names, models_of
    from jlabel.errors import TaskError

    store, known = models_of(studies), model_names(studies)
    if name and name not in known:
        raise TaskError(f"no model {name!r} was trained here; there are {', '.join(known) or 'none'}")
    if use is not None:
        if not name:
            raise typer.BadParameter("--use needs the NAME of the model before it")
        store.use(name, use)
    found = [version for one in ([name] if name else known) for version in store.versions(one)]
    if as_json:
        print_json([_version_json(version) for version in found])
    elif found:
        columns = ("model", "version", "in use", "score", "images", "published", "note")
        print_table(f"{len(found)} versions", columns, [_version_row(version) for version in found])
    else:
        typer.echo("No model was trained here: 'jlabel train' does it")


def _version_json(version: ModelVersion) -> dict[str, Any]:
    return {
        "name": version.name,
        "version": version.number,
        "in_use": version.in_use,
        "metric": version.metric or None,
        "score": version.score,
        "images": len(version.images),
        "labels": dict(version.labels),
        "published": version.time.isoformat(timespec="seconds"),
        "note": version.note,
        "file": str(version.file),
    }


def _version_row(version: ModelVersion) -> tuple[str, ...]:
    score = UNKNOWN if version.score is None else f"{version.metric} {version.score:.4g}"
    used, published = "yes" if version.in_use else "", f"{version.time.astimezone():%Y-%m-%d %H:%M}"
    return version.name, str(version.number), used, score, str(len(version.images)), published, version.note
