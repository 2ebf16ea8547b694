"""Train tasks: how a model learns from the labels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from jlabel.datastores import Datastore
from jlabel.tasks.described import Described


class TrainRun(Protocol):
    """The run that a training is part of: where it runs, whom to tell, and whether to stop."""

    @property
    def device(self) -> str:
        """Where this process runs: ``"cpu"``, ``"cuda:0"``, …."""
        ...

    @property
    def devices(self) -> Sequence[str]:
        """Where the training may run, a process for each; the first one's is where it is begun."""
        ...

    @property
    def rank(self) -> int:
        """Which of the processes this is; rank 0 is the one that was begun, and tells and keeps all."""
        ...

    @property
    def meeting(self) -> Path:
        """A file that is not there yet, through which the processes can find each other."""
        ...

    def start_ranks(self, work: Callable[[Any], dict[str, Any] | None]) -> None:
        """Start a process for each device after the first, which calls the work with a run of its own."""
        ...

    def join_ranks(self) -> list[dict[str, Any]]:
        """Wait until those have done their work; returns what each has found."""
        ...

    @property
    def threads(self) -> int:
        """How many threads the training may use."""
        ...

    @property
    def folder(self) -> Path:
        """The run's folder, for what is of use to the person when it is over."""
        ...

    @property
    def checkpoints(self) -> Path:
        """A folder of its own; what is there at the start was kept by an earlier attempt at the same run.

        It is removed once the run is done, and a folder ``cache`` in it whenever an attempt is over.
        """
        ...

    @property
    def cancelled(self) -> bool:
        """Whether someone wants it to stop."""
        ...

    def check_cancelled(self) -> None:
        """Raise :class:`jlabel.Cancelled` where someone wants it to stop."""
        ...

    def progress(self, fraction: float, left: float | None = None) -> None:
        """Say how far it is (0 to 1) and how many seconds are left; cheap enough for every iteration."""
        ...

    def metrics(self, epoch: int, **values: float | None) -> None:
        """Add to the row of an epoch."""
        ...

    def note(self, text: str) -> None:
        """Tell the person something."""
        ...


class TrainTask(Described, ABC):
    """A way to train a model on the datastore's labels.

    Attributes:
        several_devices: Whether it can train on several devices at once; if so it sees to their processes by the run.
        trains_along: Whether *Train automatically* trains it too, after the trainer that was chosen.
    """

    several_devices = False
    trains_along = False

    def check(self, options: Mapping[str, Any]) -> None:
        """Refuse options before a job is begun for them; nothing is refused here.

        Args:
            options: What the caller gave by name.

        Raises:
            TaskError: They make no sense, or need what is not installed.
        """

    @abstractmethod
    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
        """Train; returns what came of it, as JSON values.

        Args:
            request: What the caller gave by name, and ``name`` (the app's name for the task), ``labels`` (the app's,
                name to value) and ``run`` (a :class:`TrainRun`).
            datastore: Where images and labels are.

        Raises:
            Cancelled: It was stopped; what it keeps under ``run.checkpoints`` is found when it is called again.
        """
