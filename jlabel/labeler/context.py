"""What a feature may use of the labeler that it belongs to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

from jlabel.labeler.actions import Action
from jlabel.labeler.background.tasks import TaskTracker
from jlabel.labeler.events import LabelerEvent
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.pages import Pages
from jlabel.labeler.protocol.choice_messages import Choice, ToolName
from jlabel.labeler.protocol.encoding import MaskParts
from jlabel.labeler.protocol.message import Outgoing
from jlabel.labeler.protocol.state import State
from jlabel.labels import Label
from jlabel.labels.object_values import ObjectValues
from jlabel.manager import AppManager


class LabelerContext(Protocol):
    """The labeler as its features see it.

    Attributes:
        manager: The app manager.
        lock: Guards all that features hold; nothing slow happens under it.
        pages: The pages that show the labeler.
        tasks: What takes time, as the person sees it.
        labels: The labels, in the order in which they are shown.
        label: The name of the chosen one.
        model: The name of the chosen model.
        strategy: The name of the chosen strategy.
        tool: The name of the chosen tool.
        open_image: What is open, or None.
        revision: Grows with every change of the draft or of the label set.
    """

    manager: AppManager
    lock: threading.RLock
    pages: Pages
    tasks: TaskTracker
    labels: tuple[Label, ...]
    label: str
    model: str | None
    strategy: str
    tool: ToolName
    open_image: OpenImage | None
    revision: int

    @property
    def tag(self) -> str:
        """Under which tag the label of the open image is saved: a reader's own, where several read it."""

    @property
    def own_tag(self) -> str:
        """Under which tag labels are saved of images that one person labels."""

    @property
    def values(self) -> dict[str, int]:
        """The labels' values by name."""

    @property
    def objects(self) -> ObjectValues | None:
        """The values of objects, where those of a label are told apart."""

    def label_of(self, value: int) -> Label | None:
        """The label of that value, or of the object of that value; None where there is none."""

    def name_of(self, value: int, unknown: str) -> str:
        """The name of the label of that value; ``unknown`` where there is none any more."""

    def title_of(self, value: int, unknown: str) -> str:
        """The same for a person to read: ``"nucleus 7"`` for an object."""

    def require_image(self) -> OpenImage:
        """What is open.

        Raises:
            JlabelError: Nothing is.
        """

    def publish(self, message: Outgoing, *buffers: bytes) -> None:
        """Send a message to the pages."""

    def publish_state(self, state: State) -> None:
        """Tell the pages those fields of the state that are others than what they were told."""

    def choose(self, what: Choice, value: str) -> None:
        """Choose a model, a strategy, a label or a tool.

        Raises:
            JlabelError: There is none of that name.
        """

    def happened(self, event: LabelerEvent) -> None:
        """Tell those who listen what has happened; called with the lock held, returns at once."""

    def notify(self, text: str) -> None:
        """Show what was done."""

    def clear_notice(self) -> None:
        """What was done before is read by now."""

    def report_error(self, text: str) -> None:
        """Show an error under the picture."""

    def reporting_errors(self, work: Callable[[], Any]) -> None:
        """Do something, and show what goes wrong under the picture."""

    def in_background(self, work: Callable[[], Any]) -> None:
        """Do something that takes time after all that was asked for before, and show what goes wrong."""

    def describe(self) -> str:
        """The labeler in a line of text."""

    def show_image(self, opened: OpenImage, parts: MaskParts) -> None:
        """Put another image in the place of the former one; called with the lock held.

        Args:
            opened: The image.
            parts: Its mask as it travels.
        """

    def did(self, action: Action) -> None:
        """The person has done something, or a model for them; called with the lock held."""

    def label_info(self) -> dict[str, Any]:
        """What features add to the info that is being saved with the label; called with the lock held."""

    def draft_saved(self) -> None:
        """The draft was saved; called with the lock held."""

    def counted_images(self) -> tuple[int, int]:
        """How many images there are, and how many have a label. Reads the catalogue."""

    def recount_images(self) -> None:
        """Count them anew, and tell the pages; without the lock."""

    def publish_counts(self, images: int, labelled: int) -> None:
        """Tell the pages how many images there are and how many have a label; called with the lock held."""

    @property
    def images(self) -> int:
        """How many images there are, as was counted last."""

    @property
    def labelled(self) -> int:
        """How many images have a label, as was counted last."""

    def draft_changed(self) -> None:
        """The draft was changed; called with the lock held."""

    def labels_changed(self, labels: tuple[Label, ...], label: str) -> None:
        """The label set is another; called with the lock held."""

    def studies_changed(self) -> None:
        """Images or labels have come or gone; called without the lock."""

    def models_changed(self) -> None:
        """A model can be run that could not, or takes another version."""

    def cancel_prompts(self) -> bool:
        """Give up what models are asked; returns whether prompts went that were given for it alone."""
