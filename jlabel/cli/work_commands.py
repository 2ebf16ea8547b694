"""``jlabel train``, ``infer``, ``score`` and ``next``: the work of an app on a studies folder, without a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jlabel.cli.opened_manager import opened_manager
from jlabel.cli.options import (
    App,
    Conf,
    Detach,
    Device,
    Json,
    Labels,
    Options,
    Studies,
    Threads,
    chosen_images,
    named_labels,
    task_options,
)
from jlabel.cli.runner_options import Queue, Runner, RunnerChoice, RunnerOptions, runner_choice
from jlabel.cli.tables import UNKNOWN, print_json, print_table

if TYPE_CHECKING:
    from jlabel.jobs.job import Job
    from jlabel.manager import AppManager
    from jlabel.tasks.strategy import Choice

_SETS = ("unlabeled", "all")
Images = Annotated[
    str,
    typer.Option("--images", metavar="WHICH", help="'unlabeled', 'all', or ids with commas between them."),
]


def train(
    studies: Studies,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A train task of the app; the first for these images if not given.")
    ] = "",
    labels: Labels = None,
    app: App = "",
    conf: Conf = None,
    epochs: Annotated[
        int | None, typer.Option("--max-epochs", metavar="NUMBER", min=1, help="How many epochs at most.")
    ] = None,
    seconds: Annotated[
        int | None, typer.Option("--max-seconds", metavar="NUMBER", min=1, help="How many seconds at most.")
    ] = None,
    option: Options = None,
    device: Device = "auto",
    threads: Threads = None,
    runner: Runner = "",
    queue: Queue = "",
    runner_option: RunnerOptions = None,
    detach: Detach = False,
    as_json: Json = False,
) -> None:
    """Train a model on the labels that are saved.

    It is the same job that a notebook begins. Ctrl-C asks whether to cancel it or to leave it to itself.
    """
    asked = task_options(option, "device", "threads")
    chosen_runner = runner_choice(runner, queue, runner_option, detach=detach)
    with opened_manager(studies, app, named_labels(labels), conf, chosen_runner) as manager:
        chosen = name or manager.training_check.first_suitable()
        limits = {key: value for key, value in (("max_epochs", epochs), ("max_seconds", seconds)) if value is not None}
        job = manager.train(chosen, device=device, threads=threads, **{**limits, **asked})
        raise typer.Exit(_followed(job, studies, as_json, detach, chosen_runner))


def infer(
    studies: Studies,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model of the app that needs no prompts.")],
    labels: Labels = None,
    app: App = "",
    conf: Conf = None,
    images: Images = "unlabeled",
    tag: Annotated[
        str, typer.Option("--tag", metavar="TAG", help="Under which the masks are saved; 'final' is a person's.")
    ] = "original",
    option: Options = None,
    device: Device = "auto",
    runner: Runner = "",
    queue: Queue = "",
    runner_option: RunnerOptions = None,
    detach: Detach = False,
    as_json: Json = False,
) -> None:
    """Let a model make first masks or tags of many images."""
    asked = task_options(option, "images", "tag", "device")
    chosen_runner = runner_choice(runner, queue, runner_option, detach=detach)
    with opened_manager(studies, app, named_labels(labels), conf, chosen_runner) as manager:
        job = manager.batch_infer(model, chosen_images(images, *_SETS), tag, device, **asked)
        raise typer.Exit(_followed(job, studies, as_json, detach, chosen_runner))


def score(
    studies: Studies,
    method: Annotated[
        str, typer.Argument(metavar="METHOD", help="A scoring method of the app; the first one if not given.")
    ] = "",
    labels: Labels = None,
    app: App = "",
    conf: Conf = None,
    images: Images = "unlabeled",
    option: Options = None,
    device: Device = "auto",
    runner: Runner = "",
    queue: Queue = "",
    runner_option: RunnerOptions = None,
    detach: Detach = False,
    as_json: Json = False,
) -> None:
    """Score images, for the strategies that choose by scores what to label next."""
    asked = task_options(option, "images", "device")
    chosen_runner = runner_choice(runner, queue, runner_option, detach=detach)
    with opened_manager(studies, app, named_labels(labels), conf, chosen_runner) as manager:
        known = list(manager.app.scoring_methods)
        job = manager.score(method or (known[0] if known else ""), chosen_images(images, *_SETS), device, **asked)
        raise typer.Exit(_followed(job, studies, as_json, detach, chosen_runner))


def next_image(
    studies: Studies,
    strategy: Annotated[str, typer.Option("--strategy", metavar="NAME", help="A strategy of the app.")] = "random",
    count: Annotated[int, typer.Option("--count", "-k", metavar="NUMBER", min=1, help="How many images.")] = 1,
    labels: Labels = None,
    app: App = "",
    conf: Conf = None,
    option: Options = None,
    as_json: Json = False,
) -> None:
    """Tell which image to label next, and why; nobody else of a team is given it for ten minutes.

    It exits with 0 also where all images are labelled. The strategy 'review' gives labels that wait for a verdict.
    """
    asked = task_options(option, "strategy", "count")
    with opened_manager(studies, app, named_labels(labels), conf) as manager:
        choices = _drawn(manager, strategy, count, asked)
        rows = [(one.image_id, one.reason, one.score) for one in choices]
    if as_json:
        print_json([{"image": image, "reason": reason, "score": score} for image, reason, score in rows])
    elif rows:
        shown = [(image, UNKNOWN if score is None else f"{score:.4g}", reason) for image, reason, score in rows]
        print_table(f"Chosen by {strategy}", ("image", "score", "reason"), shown)
    else:
        typer.echo("All images are labelled")


def _drawn(manager: AppManager, strategy: str, count: int, params: dict[str, Any]) -> list[Choice]:
    """Images that nobody else has, taken for this person."""
    if count == 1 or strategy == "review":
        drawn: list[Choice] = []
        while len(drawn) < count:
            choice = manager.choose_next(strategy, **{**params, "exclude": tuple(one.image_id for one in drawn)})
            if choice is None:
                break
            drawn.append(choice)
        return drawn
    return [one for one in manager.next_images(strategy, count, **params) if manager.lease(one.image_id) is not None]


def _followed(job: Job, studies: Path, as_json: bool, detach: bool, runner: RunnerChoice) -> int:
    from jlabel.cli.following import follow_job

    return follow_job(job, studies, as_json, detach, can_leave=not runner.ends_with_command)
