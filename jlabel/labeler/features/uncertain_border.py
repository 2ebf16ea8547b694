"""The uncertain border: voxels that a model's last answer is neither sure to have nor sure not to have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jlabel.annotation.prompt_group import PromptGroup
from jlabel.imaging import Region
from jlabel.imaging.region import bounding_region
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.prompt_updates import model_of_scope
from jlabel.labeler.features.prompting import PromptController
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import uncertainty_messages
from jlabel.labeler.protocol.encoding import mask_parts, moved_region, region_to_wire
from jlabel.labeler.protocol.state import State
from jlabel.labeler.protocol.uncertainty_messages import NoUncertainRegion, UncertainRegion
from jlabel.tasks import InferResult

#: Between these probabilities a voxel counts as uncertain.
LOW, HIGH = 0.2, 0.8


@dataclass(frozen=True, eq=False)
class Border:
    """What is known of the last answer.

    Attributes:
        value: Of the label that was asked for.
        writes: How often the draft had been written when the answer was in it.
        region: The smallest one with all uncertain voxels; None where there is none.
        uncertain: 1 in those voxels, else 0: uint8, ``region.shape``.
    """

    value: int
    writes: int
    region: Region | None
    uncertain: NDArray[np.uint8]


class UncertainBorder(Feature):
    """Shows the uncertain border of the last answer until the mask is changed. It is never saved."""

    def __init__(self, context: LabelerContext, prompting: PromptController) -> None:
        super().__init__(context)
        self._prompting = prompting
        prompting.listen(self)
        self.on = False
        self._border: Border | None = None
        self._number = 0
        self._told_of: set[str] = set()

    def message_handlers(self) -> Handlers:
        """Showing the border, or not."""
        return {uncertainty_messages.ShowUncertainBorder: lambda ask, _: self.show(ask.on)}

    def state(self) -> State:
        """``uncertainBorder``: whether it is shown."""
        return {"uncertainBorder": self.on}

    def on_image_opened(self, opened: OpenImage) -> None:
        """Nothing is known of another image; its pages forget the former one by themselves."""
        self._border = None

    def on_page_connected(self, page: str) -> None:
        """Tell a new page what is shown."""
        if self.on:
            self._tell(page)

    def on_draft_changed(self) -> None:
        """The border goes with the mask that it was for."""
        opened = self.context.open_image
        if self._border is not None and opened is not None and opened.draft.writes != self._border.writes:
            self._forget()

    def show(self, on: bool) -> None:
        """Show the border of the last answer, or not. Where it is not known, the model is asked again for it alone.

        Raises:
            TaskError: The model cannot be asked.
        """
        with self.context.lock:
            self.on = on
            self._told_of.clear()
            self._tell()
            self.publish_state()
            if on and self._border is None and self.context.open_image is not None:
                self._ask(self.context.open_image)

    @property
    def wants_probabilities(self) -> bool:
        """Whether the border is shown."""
        return self.on

    def on_answer(self, opened: OpenImage, group: PromptGroup, result: InferResult, asked: bool) -> None:
        """An answer is in the draft; with the lock held.

        Args:
            opened: The image.
            group: The prompts that it came from.
            result: The answer.
            asked: Whether probabilities were asked for. Where it was too early for that, the model is asked again.
        """
        if asked:
            self._take(opened, group, result)
        elif self.on:
            self._ask(opened)

    def _ask(self, opened: OpenImage) -> None:
        """Ask for the newest answer's probabilities alone: the draft stays as it is."""
        prompting, group = self._prompting, opened.draft.layers.last
        if group is None or group.stale or not group.given or prompting.requests.running:
            return
        model, options = prompting.prompt_requests.options(opened, group, prompting.models.start_of(opened, group))
        options["probabilities"] = True

        def put(result: InferResult) -> None:
            self._take(opened, group, result)

        prompting.requests.submit(opened, model, options, put, lambda: None, group.key, aside=True)
        self.publish_state()

    def _take(self, opened: OpenImage, group: PromptGroup, result: InferResult) -> None:
        sure = probabilities_of(result, group.value)
        if sure is None:
            self._forget()
            self._say_once(model_of_scope(group) or "This model")
            return
        uncertain = (sure > LOW) & (sure < HIGH)
        part = bounding_region(uncertain)
        region = None if part is None else part.moved(result.region.lower)
        cut = uncertain[part.slices if part is not None else ()].view(np.uint8)
        self._border = Border(group.value, opened.draft.writes, region, cut)
        if self.on:
            self._tell()

    def _forget(self) -> None:
        if self._border is not None:
            self._border = None
            self._tell()

    def _say_once(self, model: str) -> None:
        if self.on and model not in self._told_of:
            self._told_of.add(model)
            self.context.notify(f"{model} does not say how sure it is")

    def _tell(self, page: str | None = None) -> None:
        """Tell the pages, or one, what is to be shown now."""
        context, opened, border = self.context, self.context.open_image, self._border
        if opened is None:
            return
        if not self.on or border is None or border.region is None:
            context.publish(NoUncertainRegion(client=page, epoch=opened.epoch))
            return
        self._number += 1
        box = region_to_wire(border.region)
        for part, data in mask_parts(border.uncertain, Region.whole(border.uncertain.shape)):
            message = UncertainRegion(
                client=page,
                epoch=opened.epoch,
                number=self._number,
                value=border.value,
                box=box,
                region=moved_region(part, box),
            )
            context.publish(message, data)


def probabilities_of(result: InferResult, value: int) -> NDArray[np.float16] | None:
    """The probabilities of the label of that value, of the result's region's shape; None where there are none."""
    if result.probabilities is None:
        return None
    index = next((i for i, name in enumerate(result.classes) if result.labels.get(name) == value), None)
    return None if index is None else result.probabilities[index]
