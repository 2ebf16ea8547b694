"""Asking the models: prompts become requests, and answers find their way into the draft they were asked for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jlabel.errors import Cancelled, PromptError, TaskError
from jlabel.imaging import Region
from jlabel.tasks import InferResult, InferTask, Prompt
from jlabel.tasks.slices import slice_of
from jlabel.widget.kept_prompts import given_to_json
from jlabel.widget.opened import OpenedImage
from jlabel.widget.part import Handler, Part
from jlabel.widget.protocol import prompt_from_wire
from jlabel.widget.session import Given, PromptSession

if TYPE_CHECKING:
    from jlabel.manager.queue import Ticket

Put = Callable[[InferResult], Region | None]


class Asking(Part):
    """What one labeler has asked its models. An answer to an image that was left meanwhile is dropped."""

    _ticket: Ticket | None = None
    auto_run = True

    def asks(self) -> Mapping[str, Handler]:
        """Adding, changing and removing prompts, running, cancelling."""
        return {
            "prompt": self._on_prompt,
            "change_prompt": self._on_change,
            "remove_prompt": lambda ask, _: self.remove(ask["epoch"], str(ask["id"])),
            "clear_prompts": lambda ask, _: self.clear(),
            "run": lambda ask, _: self.run(ask["epoch"], ask["axis"]),
            "cancel": lambda ask, _: self._on_cancel(),
            "auto_run": lambda ask, _: self.run_at_once(bool(ask["on"])),
        }

    def state(self) -> dict[str, Any]:
        """``prompts``, ``autoRun`` and whether prompts wait for a run."""
        opened = self.desk.opened
        sessions = opened.draft.sessions if opened is not None else ()
        return {
            "prompts": [
                {**given_to_json(given, one.label), "label": self.desk.name_of(one.value, one.label)}
                for one in sessions
                for given in one.given
            ],
            "autoRun": self.auto_run,
        }

    def prompt(self, epoch: int, prompt: Prompt | None, axis: int, name: str | None = None, at: int = 0) -> None:
        """Add a prompt for the chosen label, and ask the chosen model.

        Args:
            epoch: The opened image that it is for.
            prompt: In voxel indices; None for the structure as it is now.
            axis: The array axis across the plane in which it was given.
            name: Its id.
            at: The slice that the person looks at, for a prompt that has no place.

        Raises:
            TaskError: The chosen model takes no prompts.
            PromptError: The prompt cannot be used.
            LabelError: The label is locked.
        """
        desk = self.desk
        with desk.lock:
            opened = desk.need()
            if epoch != opened.epoch:
                return
            task = self._interactive_task()
            value = desk.values[desk.label]
            desk.rules.check_unlocked(value)
            if prompt is None and not task.takes_mask:
                raise TaskError(f"model {desk.model!r} cannot start from a mask; choose another model")
            prompt = replace(prompt, label=desk.label) if prompt is not None else None
            scope = self._scope(opened, task, prompt, axis, at)
            session = opened.draft.add_prompt(prompt, desk.label, value, scope, axis, name)
            self._changed(opened, task, session)

    def change(self, epoch: int, name: str, prompt: Prompt) -> None:
        """Put another prompt in the place of one: it was moved.

        Raises:
            PromptError: It is gone.
            TaskError: The chosen model takes no prompts.
            LabelError: The label is locked.
        """
        desk = self.desk
        with desk.lock:
            opened = desk.need()
            if epoch != opened.epoch:
                return
            task = self._interactive_task()
            old = opened.draft.session_with(name)
            desk.rules.check_unlocked(old.value)
            new = old.with_prompt(Given(name, replace(prompt, label=old.label)))
            self._changed(opened, task, opened.draft.set_session(old, new))

    def remove(self, epoch: int, name: str) -> None:
        """Remove a prompt; without any left that a model could answer, what they made goes too.

        Raises:
            PromptError: It is gone.
            LabelError: The label is locked.
        """
        desk = self.desk
        with desk.lock:
            opened = desk.need()
            if epoch != opened.epoch:
                return
            old = opened.draft.session_with(name)
            desk.rules.check_unlocked(old.value)
            session = opened.draft.set_session(old, old.without(name))
            if session.given and (session.has_positive or session.has_negative or session.has_mask):
                self._changed(opened, self._interactive_task(), session)
                return
            self.cancel()
            desk.labeler.show_mask(opened, opened.draft.unanswer(session))
            desk.draft_changed()

    def clear(self) -> None:
        """Forget the prompts; what they made stays."""
        with self.desk.lock:
            self.cancel()
            self.desk.need().draft.clear_prompts()
            self.desk.draft_changed()

    def run_at_once(self, on: bool) -> None:
        """Run the model after every prompt, or when the person says so."""
        with self.desk.lock:
            self.auto_run = on
            self.desk.show_state()

    def run(self, epoch: int, axis: int) -> None:
        """Run the chosen model: again with the present prompts, or on the whole image."""
        desk = self.desk
        with desk.lock:
            opened = desk.need()
            if epoch != opened.epoch or desk.model is None:
                return
            task = desk.manager.app.infers[desk.model]
            if not task.interactive:
                self._submit(opened, {}, opened.draft.replace_labels)
                return
            session = opened.draft.session_for(desk.values[desk.label]) or opened.draft.session
            if session is None:
                raise PromptError("point at the structure first: this model needs a click, a box or a scribble")
            desk.rules.check_unlocked(session.value)
            self._ask(opened, task, session)

    def cancel(self) -> bool:
        """Give up what is still asked; returns whether prompts went that were given for it alone."""
        desk, reverted = self.desk, False
        with desk.lock:
            ticket, self._ticket = self._ticket, None
            if ticket is None:
                return False
            ticket.cancel()
            if desk.opened is not None:
                desk.manager.cancel(desk.opened.image_id)
                reverted = desk.opened.draft.revert_prompts()
            desk.show_busy(None)
        return reverted

    def close(self) -> None:
        """Give up what is asked."""
        self.cancel()

    def _on_cancel(self) -> None:
        self.desk.shelf.give_up()
        self.desk.cancel()

    def _on_prompt(self, ask: dict[str, Any], _: Any) -> None:
        wire, opened = ask["prompt"], self.desk.need()
        name = str(wire.pop("id")) if isinstance(wire, dict) and "id" in wire else None
        is_mask = isinstance(wire, dict) and wire.get("kind") == "mask"
        prompt = None if is_mask else prompt_from_wire(wire, opened.image.ndim)
        self.prompt(ask["epoch"], prompt, int(ask["axis"]), name, int(ask.get("slice", 0)))

    def _on_change(self, ask: dict[str, Any], _: Any) -> None:
        wire = {key: value for key, value in ask["prompt"].items() if key != "id"}
        self.change(ask["epoch"], str(ask["id"]), prompt_from_wire(wire, self.desk.need().image.ndim))

    def _interactive_task(self) -> InferTask:
        task = self.desk.manager.app.infers.get(self.desk.model or "")
        if task is None:
            raise TaskError("the app has no model to click with")
        if not task.interactive:
            raise TaskError(f"model {self.desk.model!r} takes no clicks; press Run, or choose another model")
        return task

    def _scope(self, opened: OpenedImage, task: InferTask, prompt: Prompt | None, axis: int, at: int) -> Hashable:
        if task.dimension != 2 or opened.image.ndim == 2:
            return (self.desk.model,)
        return (self.desk.model, axis, at if prompt is None else slice_of(prompt, axis))

    def _changed(self, opened: OpenedImage, task: InferTask, session: PromptSession) -> None:
        """Prompts are others now: ask at once, or wait until the person says so."""
        if self.auto_run:
            self._ask(opened, task, session)
        else:
            opened.draft.settle_prompts()
            self.desk.draft_changed()

    def _ask(self, opened: OpenedImage, task: InferTask, session: PromptSession) -> None:
        start = opened.draft.initial_mask(session) if task.takes_mask else None
        if start is None and not session.has_positive:
            opened.draft.revert_prompts()
            raise PromptError(f"click inside {session.label} first; a negative click then takes parts away")

        def put(result: InferResult) -> Region | None:
            return opened.draft.answer(result, session, replaces=start is not None)

        label = self.desk.name_of(session.value, session.label)
        prompts = session.prompts if start is None else (start, *session.prompts)
        prompts = tuple(replace(prompt, label=label) for prompt in prompts)
        options = {"prompts": prompts, "label": label, "axis": session.axis}
        self._submit(opened, options, put, session)

    def _submit(
        self, opened: OpenedImage, options: dict[str, Any], put: Put, session: PromptSession | None = None
    ) -> None:
        desk, model = self.desk, self.desk.model or ""
        ticket = desk.manager.submit(model, opened.image_id, **options)
        self._ticket = ticket
        desk.notice = None
        desk.show_busy(f"{model} is running")

        def done(future: Future[InferResult]) -> None:
            with desk.lock:
                if self._ticket is ticket:
                    self._ticket, desk.busy = None, None
                if opened is desk.opened and not ticket.cancelled:
                    desk.labeler.in_words(lambda: self._take(opened, future, put, session, model))
                desk.show_state()

        ticket.future.add_done_callback(done)

    def _take(
        self, opened: OpenedImage, future: Future[InferResult], put: Put, asked: PromptSession | None, model: str
    ) -> None:
        desk, error = self.desk, future.exception()
        if error is None:
            desk.used_models = [*(name for name in desk.used_models if name != model), model]
            desk.labeler.show_mask(opened, put(future.result()))
            desk.draft_changed()
        elif not isinstance(error, Cancelled):
            if asked is not None and any(present is asked for present in opened.draft.sessions):
                opened.draft.revert_prompts()
            desk.fail(str(error))
