"""What a notebook can say about how a labeler asks its models."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk


class PromptMethods:
    """The part of :class:`jlabel.Labeler` that says what models are told and asked besides prompts."""

    _desk: Desk

    @property
    def other_labels_as_background(self) -> bool:
        """Whether a model that is asked for one label is told which voxels hold another: these are background then."""
        return self._desk.others_as_background.on

    @other_labels_as_background.setter
    def other_labels_as_background(self, on: bool) -> None:
        self._desk.others_as_background.switch(on)

    @property
    def uncertain_border(self) -> bool:
        """Whether the voxels are marked of which the model's last answer is not sure: probability 0.2 to 0.8."""
        return self._desk.uncertain.on

    @uncertain_border.setter
    def uncertain_border(self, on: bool) -> None:
        self._desk.uncertain.show(on)
