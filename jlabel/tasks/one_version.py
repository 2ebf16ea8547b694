"""An infer task held to one version of its model, whichever is in use."""

from __future__ import annotations

import copy
from dataclasses import dataclass

from jlabel.registry import ModelVersion, PublishedModel
from jlabel.tasks.infer import InferTask


@dataclass(frozen=True)
class OneVersion(PublishedModel):
    """A published model of which one version counts.

    Attributes:
        version: That version.
    """

    version: ModelVersion

    def in_use(self) -> ModelVersion:
        """That version."""
        return self.version


def at_version(task: InferTask, version: ModelVersion) -> InferTask:
    """A copy of the task that always uses this version.

    Args:
        task: A task with a published model.
        version: One of its versions.
    """
    assert task.published is not None
    held = copy.copy(task)
    held.published = OneVersion(task.published.store, task.published.name, version)
    return held
