"""The labeler: what is open, what is chosen, and the features that it is put together from."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, get_args

from jlabel.errors import Cancelled, JlabelError
from jlabel.labeler.actions import Action
from jlabel.labeler.assembly import Features
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.background.tasks import TaskTracker
from jlabel.labeler.closed import closed_error
from jlabel.labeler.events import LabelerEvent
from jlabel.labeler.message_dispatch import MessageDispatch
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.pages import Pages, Send
from jlabel.labeler.protocol import (
    page_messages,
)
from jlabel.labeler.protocol.choice_messages import Choice, ToolName
from jlabel.labeler.protocol.encoding import MaskParts
from jlabel.labeler.protocol.message import Outgoing
from jlabel.labeler.protocol.page_messages import Ack, Error, Progress, StateChange, WholeState
from jlabel.labeler.protocol.state import State
from jlabel.labeler.protocol.values import PROTOCOL
from jlabel.labels import Label, label_values
from jlabel.labels.object_values import ObjectValues
from jlabel.manager import AppManager

logger = logging.getLogger(__name__)
_RELOAD = "This page is of another version of jlabel: reload it. Your draft is safe in the kernel."


def _nobody(*_: object) -> None:
    return None


class LabelerController:
    """The kernel side of one labeler. Its lock guards all of it; nothing slow happens under the lock.

    Args:
        manager: The app manager.
        send: Sends a message, as plain values with its buffers, to all pages.
        view3d_script: Gives the text of the 3D view's script.
        tag: Under which tag labels are saved.
        strategy: Chosen at the start; the app's first if not given.
        model: Chosen at the start; the app's first interactive one if not given.
        on_event: Told what happens; called with the lock held, so it must return at once.
        on_change: Told that something of the state, or the progress, is another; likewise.

    Raises:
        JlabelError: There is no such strategy or model.
    """

    def __init__(
        self,
        manager: AppManager,
        send: Send,
        view3d_script: Callable[[], str],
        tag: str = "final",
        strategy: str | None = None,
        model: str | None = None,
        on_event: Callable[[LabelerEvent], object] = _nobody,
        on_change: Callable[[], object] = _nobody,
    ) -> None:
        app = manager.app
        self.manager = manager
        self._tag = tag
        self.lock = threading.RLock()
        self.pages = Pages(send)
        self.tasks = TaskTracker(self)
        self.labels: tuple[Label, ...] = manager.labels
        self.label = self.labels[0].name
        interactive = [name for name, task in app.infers.items() if task.interactive and task.is_valid()]
        self.model = model or next(iter(interactive), next(iter(app.infers), None))
        self.strategy = strategy or next(iter(app.strategies), "")
        self.tool: ToolName = "navigate"
        self.open_image: OpenImage | None = None
        self.revision = 0
        self._on_event, self._on_change = on_event, on_change
        self._closed = False
        self._counts = (0, 0)
        self._published: State = {}
        self._worker = SerialWorker("jlabel-labeler")
        # The kernel's ticker may call a feature before the last one is there.
        with self.lock:
            self.features = Features(self, view3d_script)
        self.messages = MessageDispatch(self, self.features)
        try:
            if model is not None:
                self.choose("model", model)
            if strategy is not None:
                self.choose("strategy", strategy)
        except BaseException:
            self.close()
            raise

    # What features use; see LabelerContext.

    @property
    def tag(self) -> str:
        """Under which tag the label of the open image is saved: a reader's own, where several read it."""
        return self._tag if self.open_image is None else self.open_image.tag

    @property
    def own_tag(self) -> str:
        """Under which tag labels are saved of images that one person labels."""
        return self._tag

    @property
    def values(self) -> dict[str, int]:
        """The labels' values by name."""
        return label_values(self.labels)

    @property
    def images(self) -> int:
        """How many images there are, as was counted last."""
        return self._counts[0]

    @property
    def labelled(self) -> int:
        """How many images have a label, as was counted last."""
        return self._counts[1]

    @property
    def objects(self) -> ObjectValues | None:
        """The values of objects, where those of a label are told apart."""
        return self.manager.label_names.current.objects

    def label_of(self, value: int) -> Label | None:
        """The label of that value, or of the object of that value; None where there is none."""
        found = next((label for label in self.labels if label.value == value), None)
        objects = self.objects
        return objects.label if found is None and objects is not None and value in objects else found

    def name_of(self, value: int, unknown: str) -> str:
        """The name of the label of that value; ``unknown`` where there is none any more."""
        label = self.label_of(value)
        return unknown if label is None else label.name

    def title_of(self, value: int, unknown: str) -> str:
        """The same for a person to read: ``"nucleus 7"`` for an object."""
        label = self.label_of(value)
        return unknown if label is None else f"{label.name} {value}" if label.instances else label.name

    def describe(self) -> str:
        """The labeler in a line of text."""
        image_id = self.open_image.image_id if self.open_image is not None else "no image"
        unshown = self.open_image is not None and self.open_image.unshown is not None
        note = "; its saved label is not shown" if unshown else ""
        return f"Labeler: {image_id} ({self._counts[1]} of {self._counts[0]} labelled{note})"

    def require_image(self) -> OpenImage:
        """What is open.

        Raises:
            JlabelError: Nothing is.
        """
        if self._closed:
            raise closed_error()
        if self.open_image is None:
            raise JlabelError("no image is open; press Next, or call labeler.open(image_id)")
        return self.open_image

    def choose(self, what: Choice, value: str) -> None:
        """Choose a model, a strategy, a label or a tool.

        Raises:
            JlabelError: There is none of that name.
        """
        app = self.manager.app
        names = {
            "model": list(app.infers),
            "strategy": list(app.strategies),
            "label": list(self.values),
            "tool": list(get_args(ToolName)),
        }[what]
        if value not in names:
            raise JlabelError(f"no {what} {value!r}; there is {', '.join(names) or 'none'}")
        with self.lock:
            setattr(self, what, value)
            self.features.choices.publish_state()
            if what == "model":
                self.models_changed()

    def publish(self, message: Outgoing, *buffers: bytes) -> None:
        """Send a message to the pages."""
        self.pages.publish(message, *buffers)

    def publish_state(self, state: State) -> None:
        """Tell the pages those fields of the state that are others than what they were told; with the lock held."""
        told = self._published
        changed: Any = {key: value for key, value in state.items() if key not in told or told.get(key) != value}
        if changed:
            told.update(changed)
            self.publish(StateChange(state=changed))
            self._on_change()

    def happened(self, event: LabelerEvent) -> None:
        """Tell those who listen what has happened; with the lock held."""
        self._on_event(event)

    def show_progress(self, text: str, fraction: float) -> None:
        """Tell the pages how far the task is that they show; with the lock held."""
        self._on_change()
        if self.open_image is not None:
            self.publish(Progress(epoch=self.open_image.epoch, text=text, fraction=fraction))

    def notify(self, text: str) -> None:
        """Show what was done."""
        with self.lock:
            self.publish_state({"notice": text})

    def clear_notice(self) -> None:
        """What was done before is read by now."""
        with self.lock:
            self.publish_state({"notice": None})

    def report_error(self, text: str) -> None:
        """Show an error under the picture, until the person has read it."""
        self.features.errors.report(text)

    def reporting_errors(self, work: Callable[[], Any]) -> None:
        """Do something, and show what goes wrong under the picture."""
        try:
            work()
        except Cancelled as error:
            self.notify(str(error))
        except JlabelError as error:
            self.report_error(str(error))
        except Exception as error:
            logger.exception("the labeler failed")
            self.report_error(f"something went wrong that should not: {type(error).__name__}: {error}")

    def in_background(self, work: Callable[[], Any]) -> None:
        """Do something that takes time after all that was asked for before, and show what goes wrong."""
        self._worker.do(lambda: self.reporting_errors(work))

    def show_image(self, opened: OpenImage, parts: MaskParts) -> None:
        """Put another image in the place of the former one; with the lock held."""
        self.open_image = opened
        for feature in self.features:
            feature.on_image_opened(opened)
        self.pages.show_image(opened)
        self.pages.show_parts(opened, parts)
        self.publish_state({**self._whole_state(), "notice": None})
        self.features.prompting.publish_prompts()

    def did(self, action: Action) -> None:
        """The person has done something, or a model for them; with the lock held."""
        for feature in self.features:
            feature.on_action(action)

    def label_info(self) -> dict[str, Any]:
        """What features add to the info that is being saved with the label; with the lock held."""
        return {key: value for feature in self.features for key, value in feature.label_info().items()}

    def draft_saved(self) -> None:
        """The draft was saved; with the lock held."""
        for feature in self.features:
            feature.on_saved()

    def draft_changed(self) -> None:
        """The draft was changed; with the lock held."""
        self.revision += 1
        self.clear_notice()
        for feature in self.features:
            feature.on_draft_changed()

    def labels_changed(self, labels: tuple[Label, ...], label: str) -> None:
        """The label set is another; with the lock held."""
        self.revision += 1
        self.labels, self.label = labels, label
        for feature in self.features:
            feature.on_labels_changed()

    def studies_changed(self) -> None:
        """Images or labels have come or gone; called without the lock."""
        for feature in self.features:
            feature.on_studies_changed()

    def models_changed(self) -> None:
        """A model can be run that could not, or takes another version."""
        with self.lock:
            for feature in self.features:
                feature.on_models_changed()

    def cancel_prompts(self) -> bool:
        """Give up what models are asked; returns whether prompts went that were given for it alone."""
        return self.features.prompting.cancel()

    def counted_images(self) -> tuple[int, int]:
        """How many images there are, and how many have a label. Reads the catalogue."""
        return self.manager.datastore.count_images(), self.manager.datastore.count_labeled()

    def recount_images(self) -> None:
        """Count them anew, and tell the pages; without the lock."""
        counts = self.counted_images()
        with self.lock:
            self.publish_counts(*counts)

    def publish_counts(self, images: int, labelled: int) -> None:
        """Tell the pages how many images there are and how many have a label; with the lock held."""
        self._counts = (images, labelled)
        self.publish_state({"images": images, "labelled": labelled})
        self.features.label_editing.publish_state()

    def connect(self, hello: page_messages.Hello, handled: int = 0) -> None:
        """A page says hello: tell it everything, unless it is of another version of jlabel.

        Args:
            hello: What it says.
            handled: The number of its last message that was handled.
        """
        page = hello.client
        with self.lock:
            self.models_changed()
            self.pages.connect(page, hello.views)
            self.publish(Ack(client=page, seq=handled))
            if hello.protocol != PROTOCOL:
                logger.warning("a page speaks version %d of the protocol, and the kernel %d", hello.protocol, PROTOCOL)
                self.publish(Error(client=page, text=_RELOAD))
                return
            self._published = self._whole_state()
            self.publish(WholeState(client=page, state=self._published))
            if self.open_image is None:
                return
            self.pages.show_image_to(page, self.open_image)
            for feature in self.features:
                feature.on_page_connected(page)

    def close(self) -> None:
        """Give up what is asked, finish what is being written, and let the image and its draft go."""
        for feature in self.features:
            feature.close()
        self._worker.close()
        with self.lock:
            self._closed = True
            self.open_image = None
            self._on_change()

    def flush(self) -> None:
        """Wait until everything is done that was asked for in the background."""
        self._worker.flush()

    def _own_state(self) -> State:
        opened = self.open_image
        return {
            "imageId": opened.image_id if opened is not None else None,
            "epoch": opened.epoch if opened is not None else 0,
            "notice": self._published.get("notice"),
            "images": self.images,
            "labelled": self.labelled,
            **self.tasks.state(),
        }

    def _whole_state(self) -> State:
        whole = self._own_state()
        for feature in self.features:
            whole.update(feature.state())
        return whole
