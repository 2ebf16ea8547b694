"""What is exported: a version of a model, the task that applies it, and the task that trained it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jlabel.datastores.spelling import canonical
from jlabel.registry import ModelVersion
from jlabel.tasks.infer import InferTask
from jlabel.tasks.train import TrainTask


@dataclass(frozen=True)
class ExportedModel:
    """A version of a model that becomes a bundle.

    Attributes:
        task: The infer task that applies it to whole images.
        version: The version.
        trainer: The train task that trained it; None where the app has it no more.
        values: Name to value in label files: that of the app for a structure that the app has.
        network_def: The network as configuration, where the author of the model gives it.
    """

    task: InferTask
    version: ModelVersion
    trainer: TrainTask | None = None
    values: Mapping[str, int] = field(default_factory=dict)
    network_def: Mapping[str, Any] | None = None

    @property
    def classes(self) -> dict[str, int]:
        """The structures, name to class of the network, in the order of classes."""
        return dict(sorted(self.task.classes(self.version).items(), key=lambda item: item[1]))

    @property
    def class_count(self) -> int:
        """The highest class and those below it, with the background."""
        return max(self.classes.values(), default=0) + 1


def file_values(classes: Mapping[str, int], app: Mapping[str, int]) -> dict[str, int]:
    """The value of each structure in label files: the app's; for what the app does not have, one that is free.

    Args:
        classes: Name to class of the network.
        app: Name to value of the app.
    """
    known = {canonical(name): value for name, value in app.items()}
    values = {name: known[canonical(name)] for name in classes if canonical(name) in known}
    taken = {*app.values(), *values.values()}
    for name, number in classes.items():
        if name not in values:
            free = number if number not in taken else max(taken) + 1
            values[name] = free
            taken.add(free)
    return {name: values[name] for name in classes}
