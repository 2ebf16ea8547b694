"""``jlabel cvat``: active learning with a CVAT server from a shell, whole or step by step."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jlabel.cli.cvat_conf import loop_conf
from jlabel.cli.opened_manager import opened_manager
from jlabel.cli.options import (
    App,
    Conf,
    Json,
    Labels,
    Options,
    PairsCommand,
    Studies,
    named_labels,
    pairs,
    task_options,
)
from jlabel.cli.runner_options import Queue, Runner, RunnerChoice, RunnerOptions, runner_choice
from jlabel.cli.tables import UNKNOWN, plain, print_json, print_table

if TYPE_CHECKING:
    from jlabel.active_learning import AnnotationLoop, LoopStatus

Url = Annotated[str, typer.Option("--url", metavar="URL", help="The CVAT server; JLABEL_CVAT_URL if not given.")]
Organization = Annotated[str, typer.Option("--organization", metavar="NAME", help="Of the server, by its short name.")]
Project = Annotated[str, typer.Option("--project", metavar="NAME", help="In CVAT; made where there is none.")]
Strategy = Annotated[str, typer.Option("--strategy", metavar="NAME", help="By which images are chosen.")]
TopK = Annotated[int | None, typer.Option("--top-k", metavar="NUMBER", min=1, help="How many images a round has.")]

_DEFAULT_PROJECT = "jlabel"

cvat = typer.Typer(
    name="cvat",
    help="Active learning with a CVAT server: images go out, labels come back, the model learns.",
    epilog="The login: JLABEL_CVAT_TOKEN, or JLABEL_CVAT_USERNAME and JLABEL_CVAT_PASSWORD.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@cvat.command("loop", cls=PairsCommand)
def loop(
    studies: Studies,
    labels: Labels = None,
    app: App = "",
    conf: Conf = None,
    runner: Runner = "",
    queue: Queue = "",
    runner_option: RunnerOptions = None,
    url: Url = "",
    organization: Organization = "",
    project: Project = "",
    strategy: Strategy = "",
    top_k: TopK = None,
    train: Annotated[
        str | None, typer.Option("--train", metavar="NAME", help="The train task; 'none' trains nothing.")
    ] = None,
    option: Options = None,
    rounds: Annotated[
        int | None, typer.Option("--rounds", metavar="NUMBER", min=1, help="Stop after so many rounds.")
    ] = None,
    rounds_out: Annotated[
        int, typer.Option("--rounds-out", metavar="NUMBER", min=1, help="How many rounds are out at a time.")
    ] = 1,
    segment_size: Annotated[
        int | None, typer.Option("--segment-size", metavar="NUMBER", min=0, help="Pictures in a job; 0: all.")
    ] = None,
    accepted: Annotated[
        bool, typer.Option("--accepted", help="Take labels only of jobs whose stage is 'acceptance'.")
    ] = False,
    poll: Annotated[
        float | None, typer.Option("--poll", metavar="SECONDS", min=0.05, help="Look at the server at least so often.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Send rounds of images, fetch their labels, train, and go on, until all is done or Ctrl-C.

    What is out stays out: the next call goes on with it.
    """
    asked = {"project": project, "strategy": strategy, "top_k": top_k, "train": train, "rounds": rounds}
    more = {"segment_size": segment_size, "poll": None if poll is None else (min(5.0, poll), poll)}
    fixed = {"rounds_out": rounds_out, "accepted": accepted, "train_options": task_options(option)}
    where = runner_choice(runner, queue, runner_option)
    with _opened(studies, labels, app, conf, (url, organization), {**asked, **more, **fixed}, where) as made:
        try:
            status = made.run(tell=None if as_json else _Teller())
        except KeyboardInterrupt:
            sys.stderr.write("jlabel: stopped; what is out stays out, and the next call goes on with it\n")
            status = made.status()
    _say(status, as_json)


@cvat.command("send", cls=PairsCommand)
def send(
    studies: Studies,
    labels: Labels = None,
    app: App = "",
    conf: Conf = None,
    url: Url = "",
    organization: Organization = "",
    project: Project = "",
    strategy: Strategy = "",
    top_k: TopK = None,
    as_json: Json = False,
) -> None:
    """Send one round of images, or go on with one that was not sent whole."""
    asked = {"project": project, "strategy": strategy, "top_k": top_k, "rounds_out": sys.maxsize}
    with _opened(studies, labels, app, conf, (url, organization), asked) as made:
        report = made.send()
    if as_json:
        print_json({"round": report.round, "images": report.images, "tasks": report.tasks, "why_not": report.why_not})
    else:
        typer.echo(plain(str(report)))


@cvat.command("pull", cls=PairsCommand)
def pull(
    studies: Studies,
    labels: Labels = None,
    app: App = "",
    conf: Conf = None,
    url: Url = "",
    organization: Organization = "",
    project: Project = "",
    again: Annotated[bool, typer.Option("--again", help="Look at tasks that are done, too.")] = False,
    as_json: Json = False,
) -> None:
    """Fetch the labels of jobs that are done."""
    with _opened(studies, labels, app, conf, (url, organization), {"project": project}) as made:
        report = made.pull(again=again)
    if as_json:
        told = ("saved", "kept_both", "problems", "tagged", "tags_kept")
        print_json({**{name: getattr(report, name) for name in told}, "unknown_tags": sorted(report.unknown_tags)})
    else:
        typer.echo(plain(str(report)))
    if report.problems:
        raise typer.Exit(1)


@cvat.command("status", cls=PairsCommand)
def status(
    studies: Studies,
    labels: Labels = None,
    app: App = "",
    conf: Conf = None,
    url: Url = "",
    organization: Organization = "",
    project: Project = "",
    as_json: Json = False,
) -> None:
    """Tell what is out, who works on it, and what came back, as of the last look at the server."""
    with _opened(studies, labels, app, conf, (url, organization), {"project": project}) as made:
        found = made.status()
    _say(found, as_json)


@contextmanager
def _opened(
    studies: Any,
    labels: list[str] | None,
    app: str,
    conf: list[str] | None,
    server: tuple[str, str],
    asked: Mapping[str, Any],
    runner: RunnerChoice | None = None,
) -> Iterator[AnnotationLoop]:
    from jlabel.active_learning import AnnotationLoop, LoopSettings, usual_strategy
    from jlabel.cvat import Cvat
    from jlabel.cvat.account import named_project

    of_app, of_loop = loop_conf(pairs(conf, "--conf"))
    given = {key: value for key, value in asked.items() if value not in (None, "")}
    settings = {"project": named_project() or _DEFAULT_PROJECT, **of_loop, **given}
    rest = [f"{key}={value}" for key, value in of_app.items()]
    with opened_manager(studies, app, named_labels(labels), rest, runner) as manager:
        chosen = settings.get("train")
        if chosen is None:
            settings["train"] = manager.training_check.first_suitable() if manager.app.trainers else ""
        elif chosen == "none":
            settings["train"] = ""
        settings.setdefault("strategy", usual_strategy(manager))
        cvat_server = Cvat(server[0] or None, organization=server[1] or None)
        made = AnnotationLoop(manager, cvat_server, LoopSettings(**settings))
        try:
            yield made
        finally:
            made.stop()
            cvat_server.close()


class _Teller:
    """Says what has changed since the last turn."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, status: LoopStatus) -> None:
        said = "; ".join(f"{key} {value}" for key, value in status.facts.items() if value is not None)
        for line in (said, *status.notes):
            if line not in self._last:
                typer.echo(plain(line))
        self._last = "\n".join([said, *status.notes])


def _say(status: LoopStatus, as_json: bool) -> None:
    if as_json:
        print_json(status.to_json())
        return
    typer.echo(plain(str(status)))
    if status.tasks:
        rows = [
            (
                str(one.round),
                UNKNOWN if one.number is None else str(one.number),
                one.state,
                str(one.images),
                f"{one.came_back} of {one.jobs}" if one.jobs else UNKNOWN,
                ", ".join(one.people),
                one.link,
            )
            for one in status.tasks
        ]
        print_table(status.project, ("round", "task", "state", "images", "jobs back", "people", "page"), rows)
