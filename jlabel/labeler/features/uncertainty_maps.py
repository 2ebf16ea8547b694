"""How unsure a model is of the open image: asked for in the background, once for each image and version, and kept."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import Cancelled, JlabelError, TaskError
from jlabel.labeler.actions import Action, ModelAsked, ModelRan
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature
from jlabel.labeler.open_image import OpenImage
from jlabel.manager.device_queue import QueuedWork
from jlabel.selection.scoring.model_scoring import model_for_scores
from jlabel.tasks import InferResult, InferTask

_NO_MODEL = "This app has no model that works without prompts, so nobody knows where it would be unsure"
_UNTRAINED = "There is no trained model yet: save the labels of a few images, then press Train"


@dataclass(frozen=True, eq=False)
class UncertaintyMap:
    """What a model says of the open image.

    Attributes:
        model: The model and its version, in words: "segmentation version 3".
        uncertainty: From 0, sure, to 255: uint8 of the image's shape.
        answer: The labels that it finds, of the same shape.
    """

    model: str
    uncertainty: NDArray[np.uint8]
    answer: NDArray[Any]


Listener = Callable[[], None]


class UncertaintyMaps(Feature):
    """Asks the app's first model that needs no prompts, while anybody wants to know. What a person asks of a model
    comes first: it is given up then, and asked for again when that has ended."""

    def __init__(self, context: LabelerContext) -> None:
        super().__init__(context)
        self._worker = SerialWorker("jlabel-uncertainty")
        self._listeners: list[Listener] = []
        self._wants: list[Callable[[], bool]] = []
        self._model, self._version, self._obstacle = self._look()
        # Of this image alone.
        self._problem = ""
        #: Of the open image; None where it is not there, or not yet.
        self.found: UncertaintyMap | None = None
        self._queued: list[QueuedWork] = []
        self._number = 0

    @property
    def model(self) -> str:
        """The model that is asked, with its version, in words."""
        return f"{self._model} version {self._version}" if self._version else self._model

    @property
    def hint(self) -> str:
        """Why it cannot be known, and what to do; empty where it can."""
        return self._obstacle or self._problem

    @property
    def asking(self) -> bool:
        """Whether it is being worked out."""
        return bool(self._queued)

    def listen(self, wants: Callable[[], bool], listener: Listener) -> None:
        """Take part.

        Args:
            wants: Whether it is wanted now; called with the lock held.
            listener: Called with the lock held when :attr:`found`, :attr:`hint` or :attr:`asking` is another.
        """
        self._wants.append(wants)
        self._listeners.append(listener)

    def on_image_opened(self, opened: OpenImage) -> None:
        """Of another image nothing is known."""
        self._forget()
        self.ask()

    def on_models_changed(self) -> None:
        """Another version knows something else; looks at the models' files."""
        looked = self._look()
        if looked == (self._model, self._version, self._obstacle):
            return
        self._model, self._version, self._obstacle = looked
        self._forget()
        self._tell()
        self.ask()

    def on_action(self, action: Action) -> None:
        """What the person asks of a model comes first."""
        if isinstance(action, ModelAsked):
            self._give_up()
        elif isinstance(action, ModelRan):
            self.ask()

    def close(self) -> None:
        """Nobody wants to know any more."""
        with self.context.lock:
            self._give_up()
        self._worker.close()

    def ask(self) -> None:
        """Ask for it, where somebody wants it and it is not there; with the lock held."""
        opened = self.context.open_image
        wanted = any(wants() for wants in self._wants)
        if opened is None or not wanted or self.hint or self.found is not None or self.asking:
            return
        self._number += 1
        manager, number = self.context.manager, self._number
        frame = opened.image.frame
        try:
            self._queued = [
                manager.submit_uncertainty(opened.image_id, self._model, opened.image),
                manager.submit(self._model, opened.image_id, frame=frame, image=opened.image),
            ]
        except (JlabelError, Cancelled) as error:
            self._queued, self._problem = [], str(error)
        self._tell()
        if not self._queued:
            return
        self._queued[-1].future.add_done_callback(lambda _: self._worker.do(partial(self._take, number, opened)))

    def _take(self, number: int, opened: OpenImage) -> None:
        with self.context.lock:
            if number != self._number or not self._queued:
                return
            unsure, answer = (queued.future for queued in self._queued)
            model = self.model
        found, problem = None, ""
        try:
            found = _put_together(model, unsure, answer)
        except JlabelError as error:
            problem = str(error)
        with self.context.lock:
            if number != self._number or opened is not self.context.open_image:
                return
            self._queued = []
            self.found, self._problem = found, problem
            self._tell()

    def _forget(self) -> None:
        self._give_up()
        self.found, self._problem = None, ""

    def _give_up(self) -> None:
        """With the lock held."""
        given_up, self._queued = self._queued, []
        self._number += 1
        for queued in given_up:
            queued.cancel()
        if given_up:
            self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    def _look(self) -> tuple[str, int, str]:
        """The model, its version and, where it cannot be asked, what to do. Looks at its files."""
        infers = self.context.manager.app.infers
        try:
            name = model_for_scores(infers)
        except TaskError:
            return "", 0, _NO_MODEL
        return name, *_version_of(infers[name])


def _version_of(task: InferTask) -> tuple[int, str]:
    """The version in use, and what to do where there is none."""
    try:
        version = task.version_in_use()
        number = version.number if version is not None else 0
        return number, "" if task.is_valid() else _UNTRAINED
    except JlabelError as error:
        return 0, str(error)


def _put_together(model: str, unsure: Future[Any], answer: Future[InferResult]) -> UncertaintyMap:
    entropy = unsure.result()
    if entropy is None:
        raise TaskError(f"{model} does not say how sure it is")
    scaled = np.nan_to_num(entropy.astype(np.float32)) * 255
    return UncertaintyMap(model, np.clip(np.rint(scaled), 0, 255).astype(np.uint8), answer.result().mask)
