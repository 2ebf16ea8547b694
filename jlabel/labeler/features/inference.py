"""One request to a model at a time: what is asked, what is in line, and what is late."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from jlabel.annotation.prompt_group import Key
from jlabel.errors import Cancelled, JlabelError
from jlabel.labeler.actions import ModelAsked, ModelRan
from jlabel.labeler.background.tasks import BackgroundTask
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.open_image import OpenImage
from jlabel.manager.device_queue import QueuedWork
from jlabel.tasks import InferResult


class InferenceRequests:
    """The requests of one labeler; its lock guards them.

    Prompts of one group (one structure, one model) replace each other's requests; those of another group wait in
    line, so that none is lost. An answer to a request that was given up is dropped.

    Args:
        context: Where the answers go.
        ask: Asks for the group of a key, when its turn has come.
        settled: Called with the lock held when a request has ended.
    """

    def __init__(
        self, context: LabelerContext, ask: Callable[[OpenImage, Key], None], settled: Callable[[], None]
    ) -> None:
        self._context = context
        self._settled = settled
        self._ask = ask
        self._queued: QueuedWork | None = None
        self._key: Key | None = None
        self._doing: BackgroundTask | None = None
        self._aside = False
        self._line: list[Key] = []

    @property
    def running(self) -> bool:
        """Whether a model is asked."""
        return self._queued is not None

    @property
    def running_aside(self) -> bool:
        """Whether a model is asked for something that changes nothing in the draft."""
        return self._queued is not None and self._aside

    def is_for(self, key: Key) -> bool:
        """Whether what is asked now is for the group of that key."""
        return self._queued is not None and self._key == key

    def line_up(self, key: Key) -> bool:
        """Wait in line if another group or an automatic model has its turn; returns whether it waits."""
        waits = self._queued is not None and self._key != key
        if waits and key not in self._line:
            self._line.append(key)
        return waits

    def submit(
        self,
        opened: OpenImage,
        model: str,
        options: dict[str, Any],
        put: Callable[[InferResult], None],
        failed: Callable[[], None],
        key: Key | None = None,
        aside: bool = False,
    ) -> None:
        """Ask a model, instead of what was asked before.

        Args:
            opened: The image.
            model: Its name.
            options: For :meth:`jlabel.AppManager.submit`.
            put: Takes the answer; called with the lock held.
            failed: Called with the lock held where there is none.
            key: Of the group that it is for; None for an automatic model.
            aside: The answer changes nothing in the draft.
        """
        context = self._context
        before, self._queued = self._queued, None
        if before is not None:
            before.cancel()
        queued = context.manager.submit(model, opened.image_id, frame=opened.image.frame, image=opened.image, **options)
        begun = time.monotonic()
        self._queued, self._key, self._aside = queued, key, aside
        context.clear_notice()
        context.did(ModelAsked())
        former, self._doing = self._doing, context.tasks.begin(f"{model} is running")
        self._end(former)

        def done(future: Future[InferResult]) -> None:
            with context.lock:
                if opened is context.open_image:
                    context.did(ModelRan(time.monotonic() - begun))
                if self._queued is not queued:
                    return
                self._queued = None
                task, self._doing = self._doing, None
                if opened is context.open_image:
                    context.reporting_errors(lambda: _take(future, put, failed))
                    self._next(opened)
                self._end(task)
                self._settled()

        queued.future.add_done_callback(done)

    def drop(self, opened: OpenImage, key: Key) -> None:
        """Give up what is asked, or is in line, for one group."""
        self._line = [one for one in self._line if one != key]
        if self.is_for(key):
            self._give_up()
            self._next(opened)

    def cancel(self) -> None:
        """Give up everything."""
        self._line = []
        self._give_up()

    def _give_up(self) -> None:
        queued, self._queued = self._queued, None
        if queued is not None:
            queued.cancel()
            task, self._doing = self._doing, None
            self._end(task)

    def _end(self, task: BackgroundTask | None) -> None:
        if task is not None:
            self._context.tasks.end(task)

    def _next(self, opened: OpenImage) -> None:
        while self._line and self._queued is None:
            key = self._line.pop(0)
            self._context.reporting_errors(partial(self._ask, opened, key))


def _take(future: Future[InferResult], put: Callable[[InferResult], None], failed: Callable[[], None]) -> None:
    error = future.exception()
    if error is None:
        put(future.result())
        return
    failed()
    if isinstance(error, Cancelled):
        raise JlabelError("the request was given up: another labeler of this image asked for something else")
    raise error if isinstance(error, JlabelError) else JlabelError(str(error))
