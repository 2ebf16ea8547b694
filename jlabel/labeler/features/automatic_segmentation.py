"""A model that takes no prompts, on the whole image that is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from jlabel.annotation.mask_change import MaskChange
from jlabel.annotation.model_answer import with_answer
from jlabel.annotation.provenance import versioned
from jlabel.imaging import Region
from jlabel.labeler.features.inference import InferenceRequests
from jlabel.labeler.features.label_operations import LabelOperations
from jlabel.labeler.open_image import OpenImage
from jlabel.labels.object_values import ObjectValues
from jlabel.progress import Progress
from jlabel.tasks import InferResult


class AutomaticSegmentation:
    """Runs automatic models for one labeler; called with its lock held.

    Args:
        requests: What models are asked.
        operations: Puts large changes in the draft.
        made_by: Told which model, with its version, made something of the draft.
        objects: Gives the values of objects, where those of a label are told apart.
        told: Told of every answer: the image, the model's name, and the answer.
    """

    def __init__(
        self,
        requests: InferenceRequests,
        operations: LabelOperations,
        made_by: Callable[[OpenImage, str], None],
        objects: Callable[[], ObjectValues | None],
        told: Callable[[OpenImage, str, InferResult], None],
    ) -> None:
        self._requests = requests
        self._operations = operations
        self._made_by = made_by
        self._objects = objects
        self._told = told

    def run(self, opened: OpenImage, model: str, makes_masks: bool = True) -> None:
        """Ask the model, and take over all that it finds as one step of undo.

        Args:
            opened: The image.
            model: The model's name.
            makes_masks: Whether its answer is a mask; if not, the draft stays as it is.
        """
        begins = opened.version is None and opened.draft.untouched

        def put(result: InferResult) -> None:
            self._told(opened, model, result)
            if not makes_masks:
                return

            objects = self._objects()
            if objects is not None:
                opened.draft.make_room(int(result.values.max(initial=0)))

            def work(mask: NDArray[Any], _: Progress) -> tuple[Region, NDArray[Any]]:
                return with_answer(mask, result, objects)

            def then(_: MaskChange) -> None:
                if begins:
                    opened.first_mask = versioned(model, result)
                self._made_by(opened, versioned(model, result))

            self._operations.later(opened, f"Taking over what {model} found", work, then)

        self._requests.submit(opened, model, {}, put, lambda: None, aside=not makes_masks)
