"""``jlabel run``: an app from files, in a notebook or, where it says so, without one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from jlabel.cli.options import RUNNER_OPTION, Browser, Port, joined_pairs
from jlabel.cli.overrides import misspelled_option, parsed, split_overrides
from jlabel.cli.runner_options import Queue, Runner, RunnerChoice, RunnerOptions, runner_choice
from jlabel.cli.studies_folder import studies_argument, studies_named

if TYPE_CHECKING:
    from jlabel.app import LabelApp
    from jlabel.apps.app_file.app_file import AppFile

_OVERRIDES = "overrides"


class RunCommand(TyperCommand):
    """A command whose unknown options are overrides of the app file."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the overrides out."""
        takes_value = {name: not getattr(one, "is_flag", False) for one in self.params for name in one.opts}
        known = {name: value for name, value in takes_value.items() if name.startswith("--")}
        own, overrides = split_overrides(joined_pairs(args, [RUNNER_OPTION]), {**known, "--help": False})
        ctx.meta[_OVERRIDES] = overrides
        return list(super().parse_args(ctx, own))


Files = Annotated[list[Path], typer.Argument(metavar="APP_FILE...", help="JSON or YAML; several are merged in order.")]
Studies = Annotated[
    Path | None,
    typer.Option(
        "--studies",
        metavar="STUDIES",
        help="The folder of images, or a URL; if not given, the file's.",
        parser=studies_argument,
    ),
]


def run(
    context: typer.Context,
    files: Files,
    studies: Studies = None,
    runner: Runner = "",
    queue: Queue = "",
    runner_option: RunnerOptions = None,
    browser: Browser = "",
    port: Port = None,
) -> None:
    """Run a labeling app from a file.

    An app file runs code: name only files that you trust.

    A file with 'run' does what that says, in order, with @app and @manager; jobs that it gives are waited for. For any
    other, JupyterLab opens on a notebook with the labeler.

    Any other option replaces a value of the file, as in monai.bundle: --infers#spleen#roi_size "[96,96,96]",
    --infers::spleen::device cpu, --labels="['liver']", --infers %other.yaml::infers.
    """
    overrides = _overrides(context)
    where = runner_choice(runner, queue, runner_option)
    from jlabel.apps.app_file.app_file import AppFile

    file = AppFile(files, overrides)
    app = file.make(studies)
    if file.has_run:
        raise typer.Exit(_run(file, app, where))
    from jlabel.cli.lab import serve
    from jlabel.cli.notebook import app_notebook, notebooks_folder, write_notebook

    named = [path.expanduser().absolute() for path in files]
    given = None if studies is None else studies_named(studies.expanduser().absolute())
    folder = notebooks_folder(named, studies)
    notebook = write_notebook(folder, app_notebook(app.name, named, given, overrides, where.arguments))
    raise typer.Exit(serve(folder, notebook, port, browser))


def _overrides(context: typer.Context) -> dict[str, Any]:
    typed: dict[str, str] = context.meta[_OVERRIDES]
    options = [name for one in context.command.params for name in one.opts if name.startswith("--")]
    wrong = misspelled_option(typed, _own_keys(), options)
    if wrong is not None:
        context.fail(f"No such option: {wrong[0]}. Did you mean {wrong[1]}? (An override of that id is not possible.)")
    return parsed(typed)


def _own_keys() -> set[str]:
    from jlabel.apps.app_file.schema import schema

    return set(schema()["properties"])


def _run(file: AppFile, app: LabelApp, where: RunnerChoice) -> int:
    """Do what the file says; 1 where a job failed."""
    from jlabel.jobs import Job
    from jlabel.manager import AppManager

    manager = AppManager(app, **where.arguments)
    failed = False
    try:
        for given in file.run(manager):
            if isinstance(given, Job):
                given.wait(progress=sys.stderr.isatty())
                failed |= given.state != "done"
                typer.echo(f"{given.kind} {given.name}: {given.state}{f' ({given.error})' if given.error else ''}")
            elif given is not None:
                typer.echo(str(given))
    finally:
        manager.close()
    return 1 if failed else 0
