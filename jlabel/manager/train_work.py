"""What a training job has to do, as it is handed to a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jlabel.datastores import Datastore
from jlabel.tasks.train import TrainRun, TrainTask


@dataclass(frozen=True)
class TrainWork:
    """A train task and what it is asked.

    Attributes:
        name: The app's name for the task.
        task: The task.
        datastore: Where images and labels are; opened anew in the other process.
        labels: The app's labels, name to value.
        options: What the caller gave by name.
    """

    name: str
    task: TrainTask
    datastore: Datastore
    labels: Mapping[str, int]
    options: Mapping[str, Any]

    @property
    def one_machine(self) -> bool:
        """See :attr:`jlabel.Datastore.one_machine`."""
        return self.datastore.one_machine

    def __call__(self, run: TrainRun) -> dict[str, Any]:
        """Train, in the job's process."""
        request = {**self.options, "name": self.name, "labels": dict(self.labels), "run": run}
        return self.task(request, self.datastore)
