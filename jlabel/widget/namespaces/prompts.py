"""The prompts of a labeler, and what models are told and asked besides them."""

from __future__ import annotations

from jlabel.labeler.controller import LabelerController
from jlabel.prompts import Prompt
from jlabel.widget.namespaces.items import CurrentItems


class LabelerPrompts(CurrentItems[Prompt]):
    """The prompts that the present mask of the structure comes from; as a tuple, and with what models are told.

    Examples:
        >>> labeler = jlabel.AppManager(jlabel.RadiologyApp(studies, labels=["liver"]), device="cpu").labeler("case_0")
        >>> len(labeler.prompts)
        0
        >>> labeler.prompts.other_labels_as_background
        True
        >>> labeler.close()
    """

    def __init__(self, controller: LabelerController) -> None:
        self._controller = controller

    def _items(self) -> tuple[Prompt, ...]:
        opened = self._controller.open_image
        return opened.draft.layers.prompts if opened is not None else ()

    @property
    def other_labels_as_background(self) -> bool:
        """Whether a model that is asked for one label is told which voxels hold another: these are background then."""
        return self._controller.features.other_labels.on

    @other_labels_as_background.setter
    def other_labels_as_background(self, on: bool) -> None:
        self._controller.features.other_labels.switch(on)

    @property
    def uncertain_border(self) -> bool:
        """Whether the voxels are marked of which the model's last answer is not sure: probability 0.2 to 0.8."""
        return self._controller.features.uncertain_border.on

    @uncertain_border.setter
    def uncertain_border(self, on: bool) -> None:
        self._controller.features.uncertain_border.show(on)
