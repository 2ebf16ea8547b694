"""``jlabel status``: how far the images of a folder are labelled, its jobs and its models, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from jlabel.cli.options import Json, Studies
from jlabel.cli.studies_folder import studies_named
from jlabel.cli.tables import plain, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from jlabel.datastores.summary import StudiesSummary


def status(
    studies: Studies,
    refresh: Annotated[bool, typer.Option("--refresh", help="Look through the folder for what came or went.")] = False,
    as_json: Json = False,
) -> None:
    """Tell how far the images are labelled, which jobs run, and which models are in use.

    It reads what jlabel noted when it looked through the folder last, and says where files have come or gone since.
    """
    summary = _summary(studies, refresh)
    jobs, models = _jobs(studies), _models(studies)
    if as_json:
        print_json({**_as_json(summary), "jobs": jobs, "models": models})
        return
    for line in _lines(summary, jobs, models):
        typer.echo(plain(line))


def _summary(studies: Path, refresh: bool) -> StudiesSummary:
    from jlabel.cli.studies_folder import studies_folder
    from jlabel.datastores.summary import studies_summary

    folder = studies_folder(studies)
    found = None if refresh else studies_summary(folder)
    if found is not None:
        return found
    from jlabel.opening import open_studies

    datastore = open_studies(folder)  # which looks through the folder
    status, drafts = datastore.status(), len(datastore.workspace.drafted_images())
    datastore.close()
    return studies_summary(folder) or _of(status, drafts)


def _of(status: dict[str, Any], drafts: int) -> StudiesSummary:
    """Of a folder that cannot be written, so that it has no catalogue."""
    from pathlib import Path

    from jlabel.datastores.summary import StudiesSummary

    counts = ("total", "labelled", "unlabelled", "skipped", "unreadable", "unshown", "missing", "label_tags")
    known = {name: status[name] for name in counts}
    return StudiesSummary(status["name"], Path(status["folder"]), **known, drafts=drafts, changed=())


def _jobs(studies: Path) -> dict[str, int]:
    from jlabel.cli.studies_folder import jobs_of

    states = [job.state for job in jobs_of(studies).list()]
    return {state: states.count(state) for state in dict.fromkeys(states)}


def _models(studies: Path) -> list[dict[str, Any]]:
    from jlabel.cli.studies_folder import model_names, models_of

    found = []
    for name in model_names(studies):
        version = models_of(studies).in_use(name)
        if version is not None:
            found.append(
                {"name": name, "version": version.number, "metric": version.metric or None, "score": version.score}
            )
    return found


def _as_json(summary: StudiesSummary) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(summary), "folder": studies_named(summary.folder), "changed": list(summary.changed)}


def _lines(summary: StudiesSummary, jobs: dict[str, int], models: list[dict[str, Any]]) -> list[str]:
    share = f" ({summary.labelled / summary.total:.0%})" if summary.total else ""
    lines = [summary.name, f"  folder      {studies_named(summary.folder)}"]
    lines.append(f"  labelled    {summary.labelled:,} of {summary.total:,} images{share}")
    rest = {name: getattr(summary, name) for name in ("skipped", "unreadable", "unshown", "missing", "drafts")}
    lines += [f"  {name:<11} {count:,}" for name, count in rest.items() if count]
    tags = ", ".join(f"{tag} {count:,}" for tag, count in sorted(summary.label_tags.items()))
    lines.append(f"  labels      {tags or 'none'}")
    lines.append(f"  jobs        {', '.join(f'{count} {state}' for state, count in jobs.items()) or 'none'}")
    used = (f"{one['name']} version {one['version']}{_score(one)}" for one in models)
    lines.append(f"  models      {', '.join(used) or 'none'}")
    if summary.changed:
        some = ", ".join(one or "the folder itself" for one in summary.changed[:3])
        more = ", …" if len(summary.changed) > 3 else ""
        lines.append(f"  Files have come or gone since it was looked through, in {some}{more}: --refresh looks again")
    return lines


def _score(model: dict[str, Any]) -> str:
    return "" if model["score"] is None else f" ({model['metric']} {model['score']:.3f})"
