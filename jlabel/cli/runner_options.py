"""``--runner``: where the jobs of a command run, and what that takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jlabel.cli.options import RUNNER_OPTION, pairs

if TYPE_CHECKING:
    from jlabel.jobs.runners import JobRunner

_LOCAL, _QUEUED = "local", ("slurm", "pbs")

Runner = Annotated[
    str,
    typer.Option(
        "--runner",
        metavar="RUNNER",
        help="Where jobs run: 'local', the address of a Dask scheduler (tcp://scheduler:8786), 'slurm' or 'pbs'.",
    ),
]
Queue = Annotated[
    str, typer.Option("--queue", metavar="NAME", help="The partition of SLURM, or the queue of PBS, for --runner.")
]
RunnerOptions = Annotated[
    list[str] | None,
    typer.Option(
        RUNNER_OPTION, metavar="KEY VALUE", help="What the runner takes, such as gpus 1; several times for several."
    ),
]


@dataclass(frozen=True)
class RunnerChoice:
    """Where jobs are to run.

    Attributes:
        runner: As :class:`jlabel.AppManager` takes it; processes of this machine if empty.
        options: What that takes.
    """

    runner: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arguments(self) -> dict[str, Any]:
        """What :class:`jlabel.AppManager` is called with."""
        return {"runner": self.runner, **self.options} if self.runner else {}

    def make(self) -> JobRunner:
        """The runner.

        Raises:
            JobError: There is no such runner, or an option that it does not take.
        """
        from jlabel.jobs.choice import choose_runner

        return choose_runner(self.runner or None, dict(self.options))

    @property
    def ends_with_command(self) -> bool:
        """Whether the workers end when the command does, because their scheduler is part of it."""
        return self.runner in _QUEUED


def runner_choice(runner: str, queue: str, options: Sequence[str] | None, *, detach: bool = False) -> RunnerChoice:
    """What ``--runner``, ``--queue`` and ``--runner-option`` say together.

    Args:
        runner: As typed; empty if it was not.
        queue: As typed; empty if it was not.
        options: Of the runner, as typed.
        detach: Whether the command is to end before its job does.

    Raises:
        BadParameter: They do not go together, or there is no such runner.
    """
    from jlabel.cli.studies_app import literal

    given = {key: literal(value) for key, value in pairs(options, RUNNER_OPTION).items()}
    if queue and runner not in _QUEUED:
        raise typer.BadParameter("--queue goes with --runner slurm or --runner pbs")
    if given and runner in ("", _LOCAL):
        raise typer.BadParameter(f"{RUNNER_OPTION} goes with a --runner that is not this machine")
    if "runner" in given:
        raise typer.BadParameter(f"{RUNNER_OPTION} runner: that is --runner")
    choice = RunnerChoice(runner, {**given, **({"queue": queue} if queue else {})})
    if detach and choice.ends_with_command:
        raise typer.BadParameter(
            f"--detach: the workers of --runner {runner} end with the command; leave --detach out, or name the address "
            "of a scheduler that goes on"
        )
    if runner:
        from jlabel.errors import JobError

        try:
            choice.make()
        except JobError as error:
            raise typer.BadParameter(str(error)) from error
    return choice
