"""The names that methods of the labeler had in 0.1.0, for notebooks that use them."""

from __future__ import annotations

from typing import Any

from jlabel.jobs import Job
from jlabel.labels import Label
from jlabel.widget.namespaces import LabelerLabels, LabelerPrompts, LabelerTraining, LabelerVersions


class FormerNames:
    """Each does what the namespaces of :class:`jlabel.Labeler` do, where it is documented."""

    labels: LabelerLabels
    prompts: LabelerPrompts
    training: LabelerTraining
    versions: LabelerVersions

    @property
    def volumes(self) -> dict[str, float]:
        """As ``labels.volumes``."""
        return self.labels.volumes

    def add_label(self, name: str, color: str | None = None, value: int | None = None) -> Label:
        """As ``labels.add``."""
        return self.labels.add(name, color, value)

    def rename_label(self, name: str, to: str) -> None:
        """As ``labels.rename``."""
        self.labels.rename(name, to)

    def recolor_label(self, name: str, color: str) -> None:
        """As ``labels.recolor``."""
        self.labels.recolor(name, color)

    def move_label(self, name: str, place: int) -> None:
        """As ``labels.move``."""
        self.labels.move(name, place)

    def merge_label(self, name: str, into: str) -> None:
        """As ``labels.merge``."""
        self.labels.merge(name, into)

    def delete_label(self, name: str) -> None:
        """As ``labels.delete``."""
        self.labels.delete(name)

    def compare(self, tag: str | None = None, version: int | None = None) -> None:
        """As ``versions.compare``."""
        self.versions.compare(tag, version)

    def take_over(self, tag: str = "original", version: int | None = None, label: str | None = None) -> int:
        """As ``versions.take_over``."""
        return self.versions.take_over(tag, version, label)

    def train(self, name: str | None = None, **options: Any) -> Job:
        """As ``training.start``."""
        return self.training.start(name, **options)

    def first_masks(self, model: str | None = None) -> Job:
        """As ``training.first_masks``."""
        return self.training.first_masks(model)

    @property
    def train_automatically(self) -> bool:
        """As ``training.automatic``."""
        return self.training.automatic

    @train_automatically.setter
    def train_automatically(self, on: bool) -> None:
        self.training.automatic = on

    @property
    def other_labels_as_background(self) -> bool:
        """As ``prompts.other_labels_as_background``."""
        return self.prompts.other_labels_as_background

    @other_labels_as_background.setter
    def other_labels_as_background(self, on: bool) -> None:
        self.prompts.other_labels_as_background = on

    @property
    def uncertain_border(self) -> bool:
        """As ``prompts.uncertain_border``."""
        return self.prompts.uncertain_border

    @uncertain_border.setter
    def uncertain_border(self, on: bool) -> None:
        self.prompts.uncertain_border = on
