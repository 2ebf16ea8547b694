"""What is open and chosen in a labeler, as attributes that a notebook reads, sets, observes and links."""

from __future__ import annotations

from jlabel.labeler.controller import LabelerController
from jlabel.manager.drawing import REVIEW_STRATEGY
from jlabel.widget.observing import Derived, ObservableWidget


class LabelerChoices(ObservableWidget):
    """The attributes of a labeler that follow its controller: each is read from it, and set by asking it.

    :class:`jlabel.Labeler` says what they are.
    """

    _controller: LabelerController

    image_id: Derived[str | None] = Derived(
        lambda self: self._image_id(), lambda self, image_id: self.open(image_id), help="The image on screen"
    ).tag(sync=True)
    label: Derived[str] = Derived(
        lambda self: self._controller.label,
        lambda self, name: self._controller.choose("label", name),
        help="The structure that clicks and strokes are for",
    ).tag(sync=True)
    tool: Derived[str] = Derived(
        lambda self: self._controller.tool,
        lambda self, name: self._controller.choose("tool", name),
        help="What the pointer does",
    ).tag(sync=True)
    dirty: Derived[bool] = Derived(
        lambda self: self._dirty(),
        instead=": labeler.save() saves the draft",
        help="Whether the draft has changes that are not saved",
    ).tag(sync=True)
    counts: Derived[dict[str, int]] = Derived(
        lambda self: {"images": self._controller.images, "labelled": self._controller.labelled},
        help="How many images there are, and how many have a label",
    ).tag(sync=True)
    progress: Derived[float] = Derived(
        lambda self: self._controller.tasks.progress, help="How far the labeler is with what it does, 0 to 1"
    ).tag(sync=True)

    @property
    def model(self) -> str | None:
        """The model that clicks run."""
        return self._controller.model

    @model.setter
    def model(self, name: str) -> None:
        self._controller.choose("model", name)

    @property
    def strategy(self) -> str:
        """The strategy that chooses the next image; ``"review"``: the labels that wait for a verdict."""
        return REVIEW_STRATEGY if self._controller.features.review.awaits_labels else self._controller.strategy

    @strategy.setter
    def strategy(self, name: str) -> None:
        review = self._controller.features.review
        if name == REVIEW_STRATEGY:
            review.await_labels()
            return
        self._controller.choose("strategy", name)
        if review.awaits_labels:
            review.end()

    @property
    def frame(self) -> int:
        """The frame of a 4D image that is shown and that models see; the label is one for all frames."""
        opened = self._controller.open_image
        return opened.image.frame if opened is not None else 0

    @frame.setter
    def frame(self, frame: int) -> None:
        self._controller.features.frames.show(frame)

    def _image_id(self) -> str | None:
        opened = self._controller.open_image
        return opened.image_id if opened is not None else None

    def _dirty(self) -> bool:
        opened = self._controller.open_image
        return opened is not None and opened.draft.dirty
