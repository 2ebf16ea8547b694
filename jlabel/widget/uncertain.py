"""The uncertain border: voxels that a model's last answer is neither sure to have nor sure not to have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging import Region
from jlabel.imaging.region import bounding_region
from jlabel.widget.part import Handler, Part
from jlabel.widget.promptfeed import model_of_scope
from jlabel.widget.protocol import mask_parts, region_to_wire

if TYPE_CHECKING:
    from jlabel.tasks import InferResult
    from jlabel.widget.desk import Desk
    from jlabel.widget.opened import OpenedImage
    from jlabel.widget.session import PromptSession

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


class Uncertain(Part):
    """Shows the uncertain border of the last answer until the mask is changed. It is never saved."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.on = False
        self._border: Border | None = None
        self._number = 0
        self._told_of: set[str] = set()

    def asks(self) -> Mapping[str, Handler]:
        """``uncertain_border``."""
        return {"uncertain_border": lambda ask, _: self.show(bool(ask["on"]))}

    def state(self) -> dict[str, Any]:
        """``uncertainBorder``: whether it is shown."""
        return {"uncertainBorder": self.on}

    def opened(self, opened: OpenedImage) -> None:
        """Nothing is known of another image; its pages forget the former one by themselves."""
        self._border = None

    def greet(self, page: str) -> None:
        """Tell a new page what is shown."""
        if self.on:
            self._tell(page)

    def changed(self) -> None:
        """The border goes with the mask that it was for."""
        opened = self.desk.opened
        if self._border is not None and opened is not None and opened.draft.writes != self._border.writes:
            self._forget()

    def show(self, on: bool) -> None:
        """Show the border of the last answer, or not. Where it is not known, the model is asked again for it alone.

        Raises:
            TaskError: The model cannot be asked.
        """
        with self.desk.lock:
            self.on = on
            self._told_of.clear()
            self._tell()
            self.desk.show_state()
            if on and self._border is None and self.desk.opened is not None:
                self._ask(self.desk.opened)

    def answered(self, opened: OpenedImage, session: PromptSession, result: InferResult, asked: bool) -> None:
        """An answer is in the draft; with the lock held.

        Args:
            opened: The image.
            session: The prompts that it came from.
            result: The answer.
            asked: Whether probabilities were asked for. Where it was too early for that, the model is asked again.
        """
        if asked:
            self._take(opened, session, result)
        elif self.on:
            self._ask(opened)

    def _ask(self, opened: OpenedImage) -> None:
        """Ask for the newest answer's probabilities alone: the draft stays as it is."""
        asking, session = self.desk.asking, opened.draft.stack.last
        if session is None or session.stale or not session.given or asking.requests.running:
            return
        model, options = asking.question(opened, session, asking.start_of(opened, session))
        options["probabilities"] = True

        def put(result: InferResult) -> None:
            self._take(opened, session, result)

        asking.requests.submit(opened, model, options, put, lambda: None, session.key, aside=True)
        self.desk.show_state()

    def _take(self, opened: OpenedImage, session: PromptSession, result: InferResult) -> None:
        sure = probabilities_of(result, session.value)
        if sure is None:
            self._forget()
            self._say_once(model_of_scope(session) or "This model")
            return
        uncertain = (sure > LOW) & (sure < HIGH)
        part = bounding_region(uncertain)
        region = None if part is None else part.moved(result.region.lower)
        cut = uncertain[part.slices if part is not None else ()].view(np.uint8)
        self._border = Border(session.value, opened.draft.writes, region, cut)
        if self.on:
            self._tell()

    def _forget(self) -> None:
        if self._border is not None:
            self._border = None
            self._tell()

    def _say_once(self, model: str) -> None:
        if self.on and model not in self._told_of:
            self._told_of.add(model)
            self.desk.say(f"{model} does not say how sure it is")

    def _tell(self, page: str | None = None) -> None:
        """Tell the pages, or one, what is to be shown now."""
        opened, border, tell = self.desk.opened, self._border, self.desk.labeler.tell
        if opened is None:
            return
        to = {"epoch": opened.epoch, **({"client": page} if page is not None else {})}
        if not self.on or border is None or border.region is None:
            tell({"type": "no_uncertain", **to})
            return
        self._number += 1
        box = region_to_wire(border.region)
        content = {"type": "uncertain", **to, "number": self._number, "value": border.value, "box": box}
        for part, data in mask_parts(border.uncertain, Region.whole(border.uncertain.shape)):
            tell({**content, "region": [at + low for at, low in zip(part, box[:3] * 2, strict=True)]}, data)


def probabilities_of(result: InferResult, value: int) -> NDArray[np.float16] | None:
    """The probabilities of the label of that value, of the result's region's shape; None where there are none."""
    if result.probabilities is None:
        return None
    index = next((i for i, name in enumerate(result.classes) if result.labels.get(name) == value), None)
    return None if index is None else result.probabilities[index]
