"""The manager of the app that a command works with, for as long as the command takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jlabel.cli.options import pairs
from jlabel.cli.runner_options import RunnerChoice

if TYPE_CHECKING:
    from jlabel.manager import AppManager


@contextmanager
def opened_manager(
    studies: Path,
    app: str,
    labels: list[str] | dict[str, int] | None,
    conf: list[str] | None,
    runner: RunnerChoice | None = None,
) -> Iterator[AppManager]:
    """A manager, closed at the end.

    Args:
        studies: The folder of images.
        app: As typed, see :class:`jlabel.cli.studies_app.AppChoice`.
        labels: The structures to label; None for those that are known.
        conf: Settings of the app as typed.
        runner: Where its jobs run; on this machine if not given.

    Raises:
        JlabelError: The app cannot be made.
    """
    from jlabel.cli.studies_app import AppChoice
    from jlabel.manager import AppManager

    made = AppChoice(studies, app, labels, pairs(conf, "--conf")).make()
    manager = AppManager(made, **(runner.arguments if runner else {}))
    try:
        yield manager
    finally:
        manager.close()
