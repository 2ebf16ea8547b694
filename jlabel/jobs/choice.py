"""Which runner a word means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jlabel.errors import JobError
from jlabel.jobs.dask import DaskRunner
from jlabel.jobs.runners import JobRunner, LocalProcesses


def choose_runner(runner: JobRunner | str | None, options: dict[str, Any]) -> JobRunner:
    """The runner that is meant.

    Args:
        runner: A runner, ``"local"``, ``"slurm"``, ``"pbs"``, the address of a Dask scheduler, or None for
            ``"local"``.
        options: What that takes, such as ``queue="gpu"``.

    Raises:
        JobError: The word means nothing, or there are options that it does not take.

    Example:
        >>> choose_runner("tcp://scheduler:8786", {"lease": 60})
        DaskRunner('tcp://scheduler:8786')
    """
    makers: dict[str, Callable[..., JobRunner]] = {
        "local": LocalProcesses,
        "slurm": DaskRunner.slurm,
        "pbs": DaskRunner.pbs,
    }
    try:
        if runner is None or runner == "local":
            return LocalProcesses(**options)
        if not isinstance(runner, str):
            if options:
                raise TypeError(f"a runner that is made already takes no {', '.join(options)}")
            return runner
        if "://" in runner:
            return DaskRunner(runner, **options)
        if runner in makers:
            return makers[runner](**options)
    except TypeError as error:
        raise JobError(f"runner {runner!r}: {error}") from error
    raise JobError(
        f"runner is {', '.join(map(repr, makers))} or an address such as 'tcp://scheduler:8786', not {runner!r}"
    )
