"""Asking the models: prompts become requests, and answers find their way into the draft they were asked for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jlabel.errors import Cancelled, PromptError, TaskError
from jlabel.imaging import Region
from jlabel.tasks import InferResult, InferTask, Prompt
from jlabel.tasks.slices import slice_of
from jlabel.widget.opened import OpenedImage
from jlabel.widget.session import PromptSession

if TYPE_CHECKING:
    from jlabel.manager.queue import Ticket
    from jlabel.widget.desk import Desk

Put = Callable[[InferResult], Region | None]


class Asking:
    """What one labeler has asked its models. An answer to an image that was left meanwhile is dropped.

    Args:
        desk: The work at the labeler; its lock guards this too.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ticket: Ticket | None = None

    def prompt(self, epoch: int, prompt: Prompt, axis: int) -> None:
        """Add a prompt for the chosen label, and ask the chosen model.

        Args:
            epoch: The opened image that it is for.
            prompt: In voxel indices.
            axis: The array axis across the plane in which it was given.

        Raises:
            TaskError: The chosen model takes no prompts.
            PromptError: The prompt cannot be used.
        """
        desk = self._desk
        with desk.lock:
            opened = desk.need()
            if epoch != opened.epoch:
                return
            task = self._interactive_task()
            scope = (desk.model, axis, slice_of(prompt, axis)) if _in_slices(task, opened) else (desk.model,)
            prompt = replace(prompt, label=desk.label)
            session = opened.draft.add_prompt(prompt, desk.label, desk.values[desk.label], scope)
            self._ask(opened, task, session, axis, prompt)

    def run(self, epoch: int, axis: int) -> None:
        """Run the chosen model: again with the present prompts, or on the whole image."""
        desk = self._desk
        with desk.lock:
            opened = desk.need()
            if epoch != opened.epoch or desk.model is None:
                return
            task = desk.manager.app.infers[desk.model]
            if not task.interactive:
                self._submit(opened, {}, opened.draft.replace_labels)
            elif opened.draft.session is None:
                raise PromptError("point at the structure first: this model needs a click, a box or a scribble")
            else:
                self._ask(opened, task, opened.draft.session, axis, None)

    def cancel(self) -> None:
        """Give up what is still asked."""
        desk = self._desk
        with desk.lock:
            ticket, self._ticket = self._ticket, None
            if ticket is not None:
                ticket.cancel()
                if desk.opened is not None:
                    desk.manager.cancel(desk.opened.image_id)
                desk.show_busy(None)

    def _interactive_task(self) -> InferTask:
        task = self._desk.manager.app.infers.get(self._desk.model or "")
        if task is None:
            raise TaskError("the app has no model to click with")
        if not task.interactive:
            raise TaskError(f"model {self._desk.model!r} takes no clicks; press Run, or choose another model")
        return task

    def _ask(
        self, opened: OpenedImage, task: InferTask, session: PromptSession, axis: int, newest: Prompt | None
    ) -> None:
        start = opened.draft.initial_mask() if task.takes_mask else None
        if start is None and not session.has_positive:
            opened.draft.clear_prompts()
            raise PromptError(f"click inside {session.label} first; a negative click then takes parts away")

        def put(result: InferResult) -> Region | None:
            return opened.draft.answer(result, session, replaces=start is not None)

        prompts = session.prompts if start is None else (start, *session.prompts)
        self._submit(opened, {"prompts": prompts, "label": session.label, "axis": axis}, put, newest)

    def _submit(self, opened: OpenedImage, options: dict[str, Any], put: Put, newest: Prompt | None = None) -> None:
        desk, model = self._desk, self._desk.model or ""
        ticket = desk.manager.submit(model, opened.image_id, **options)
        self._ticket = ticket
        desk.notice = None
        desk.show_busy(f"{model} is running")

        def done(future: Future[InferResult]) -> None:
            with desk.lock:
                if self._ticket is ticket:
                    self._ticket, desk.busy = None, None
                if opened is desk.opened and not ticket.cancelled:
                    desk.labeler.in_words(lambda: self._take(opened, future, put, newest, model))
                desk.show_state()

        ticket.future.add_done_callback(done)

    def _take(
        self, opened: OpenedImage, future: Future[InferResult], put: Put, newest: Prompt | None, model: str
    ) -> None:
        desk, error = self._desk, future.exception()
        if error is None:
            desk.used_models = [*(name for name in desk.used_models if name != model), model]
            desk.labeler.show_mask(opened, put(future.result()))
        elif not isinstance(error, Cancelled):
            if newest is not None:
                opened.draft.drop_prompt(newest)
            desk.fail(str(error))


def _in_slices(task: InferTask, opened: OpenedImage) -> bool:
    return task.dimension == 2 and opened.image.ndim == 3
