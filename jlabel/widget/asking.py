"""Prompts from the pages and from Python: they become requests to models, and answers find their way into the draft."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from numpy.typing import NDArray

from jlabel.errors import PromptError, TaskError
from jlabel.imaging import Region
from jlabel.imaging.watch import Watch
from jlabel.tasks import InferResult, InferTask, InitialMask, Prompt
from jlabel.tasks.slices import cut_to_slice, slice_of
from jlabel.widget.automatic import with_answer
from jlabel.widget.made_by import versioned, with_model
from jlabel.widget.opened import OpenedImage
from jlabel.widget.part import Handler, Part
from jlabel.widget.promptfeed import PromptFeed, model_of_scope, slice_of_scope
from jlabel.widget.protocol import prompt_from_wire
from jlabel.widget.requests import Requests
from jlabel.widget.session import Given, Key, PromptSession

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk


P = ParamSpec("P")


def _of_this_image(
    work: Callable[Concatenate[Asking, OpenedImage, P], None],
) -> Callable[Concatenate[Asking, int, P], None]:
    """What is called with an epoch, for the image of that epoch: under the lock, and not at all once it was left."""

    @wraps(work)
    def guarded(self: Asking, epoch: int, /, *args: P.args, **kwargs: P.kwargs) -> None:
        with self.desk.lock:
            opened = self.desk.need()
            if epoch == opened.epoch:
                work(self, opened, *args, **kwargs)

    return guarded


class Asking(Part):
    """The prompts of one labeler and what its models are asked. An answer to an image that was left is dropped."""

    auto_run = True

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.requests = Requests(desk, self._ask_again)
        self._feed = PromptFeed()

    def asks(self) -> Mapping[str, Handler]:
        """Adding, changing and removing prompts, running, cancelling."""
        return {
            "prompt": self._on_prompt,
            "change_prompt": self._on_change,
            "remove_prompt": lambda ask, _: self.remove(ask["epoch"], str(ask["id"])),
            "clear_prompts": lambda ask, _: self.clear(ask["epoch"]),
            "run": lambda ask, _: self.run(ask["epoch"], int(ask["axis"]), int(ask.get("slice", 0))),
            "cancel": lambda ask, _: self.desk.cancel(),
            "auto_run": lambda ask, _: self.run_at_once(bool(ask["on"])),
        }

    def state(self) -> dict[str, Any]:
        """``autoRun``: whether a model runs after every prompt."""
        return {"autoRun": self.auto_run}

    def opened(self, opened: OpenedImage) -> None:
        """The pages know none of its prompts yet, and the chosen model will soon be asked."""
        self._feed.begin()
        task = self.desk.manager.app.infers.get(self.desk.model or "")
        if task is not None:
            task.warm_up(opened.image)

    def greet(self, page: str) -> None:
        """Tell a new page all prompts."""
        opened = self.desk.opened
        if opened is not None:
            self.show()
            for message in self._feed.all():
                self.desk.labeler.tell({**message, "client": page, "epoch": opened.epoch})

    def show(self) -> None:
        """Tell the pages which prompts are others than before; with the lock held."""
        opened = self.desk.opened
        if opened is not None:
            for message in self._feed.news(opened.draft.sessions, self._names):
                self.desk.labeler.tell({**message, "epoch": opened.epoch})

    @_of_this_image
    def prompt(
        self, opened: OpenedImage, prompt: Prompt | None, axis: int, name: str | None = None, at: int = 0
    ) -> None:
        """Add a prompt for the chosen label, and ask the chosen model.

        Args:
            opened: The image that it is for; called with its epoch.
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
        task = self._interactive(desk.model)
        value = desk.values[desk.label]
        desk.rules.check_unlocked(value)
        if prompt is None and not task.takes_mask:
            raise TaskError(f"model {desk.model!r} cannot start from a mask; choose another model")
        scope = self._scope(opened, desk.model, prompt, axis, at)
        prompt = replace(prompt, label=desk.label) if prompt is not None else None
        session = opened.draft.add_prompt(prompt, desk.label, value, scope, axis, name)
        self._changed(opened, session)

    @_of_this_image
    def change(self, opened: OpenedImage, name: str, prompt: Prompt) -> None:
        """Put another prompt in the place of one: it was moved.

        Raises:
            PromptError: It is gone, or its model works in another slice.
            TaskError: Its model is not there any more.
            LabelError: The label is locked.
        """
        old = self._unlocked(opened, name)
        self._task_of(old)
        if self._scope(opened, model_of_scope(old), prompt, old.axis, 0) != old.scope:
            raise PromptError(f"model {model_of_scope(old)!r} works in one slice: move the prompt inside it")
        new = old.with_prompt(Given(name, replace(prompt, label=self._name(old))))
        if new.given != old.given:
            self._changed(opened, opened.draft.stack.put(new))

    @_of_this_image
    def remove(self, opened: OpenedImage, name: str) -> None:
        """Remove a prompt; without any left that a model could answer, what they made goes too.

        Raises:
            PromptError: It is gone.
            LabelError: The label is locked.
        """
        new = self._unlocked(opened, name).without(name)
        if not new.given or not self._answerable(opened, new):
            self.requests.drop(opened, new.key)
            self.desk.labeler.show_mask(opened, opened.draft.unanswer(new))
            self.desk.draft_changed()
        else:
            self._changed(opened, opened.draft.stack.put(new))

    @_of_this_image
    def clear(self, opened: OpenedImage) -> None:
        """Forget the prompts; what they made stays."""
        self.cancel()
        opened.draft.clear_prompts()
        self.desk.draft_changed()

    def run_at_once(self, on: bool) -> None:
        """Run the model after every prompt, or when the person says so."""
        with self.desk.lock:
            self.auto_run = on
            self.desk.show_state()

    @_of_this_image
    def run(self, opened: OpenedImage, axis: int, at: int = 0) -> None:
        """Run the chosen model: on the prompts that wait, again with the present ones, or on the whole image.

        Args:
            opened: The image that it is for; called with its epoch.
            axis: The array axis across the plane that the person works in.
            at: The slice there.

        Raises:
            PromptError: There are no prompts that the model could answer.
            LabelError: The label is locked.
        """
        desk = self.desk
        if desk.model is None:
            return
        if not desk.manager.app.infers[desk.model].interactive:
            self._run_automatic(opened, desk.model)
            return
        for session in self._to_run(opened):
            desk.rules.check_unlocked(session.value)
            self._ask(opened, session)

    def cancel(self) -> bool:
        """Give up what is still asked; returns whether prompts went that were given for it alone."""
        with self.desk.lock:
            opened = self.desk.opened
            reverted = opened is not None and opened.draft.stack.revert_all()
            self.requests.cancel()
            return reverted

    def take_back(self) -> bool:
        """Take back the newest prompt that has no answer yet, or what is asked; returns whether there was any."""
        with self.desk.lock:
            opened = self.desk.need()
            newest = opened.draft.stack.take_back()
            if newest is None:
                running = self.requests.running and not self.requests.running_aside
                self.requests.cancel()
                return running
            before = opened.draft.stack.find(newest.key)
            if self.auto_run and before is not None and before.stale:
                self.desk.labeler.in_words(lambda: self._ask(opened, before))
            else:
                self.requests.drop(opened, newest.key)
            self.desk.show_state()
            return True

    def close(self) -> None:
        """Give up what is asked."""
        self.cancel()

    def _on_prompt(self, ask: dict[str, Any], _: Any) -> None:
        wire, opened = ask["prompt"], self.desk.need()
        name = str(wire.pop("id")) if isinstance(wire, dict) and "id" in wire else None
        is_mask = isinstance(wire, dict) and wire.get("kind") == "mask"
        prompt = None if is_mask else prompt_from_wire(wire, opened.image.ndim)
        self.prompt(ask["epoch"], prompt, int(ask["axis"]), name, int(ask.get("slice", 0)))

    def _on_change(self, ask: dict[str, Any], _: Any) -> None:
        wire = {key: value for key, value in ask["prompt"].items() if key not in ("id", "waits", "slice")}
        self.change(ask["epoch"], str(ask["id"]), prompt_from_wire(wire, self.desk.need().image.ndim))

    def _unlocked(self, opened: OpenedImage, name: str) -> PromptSession:
        """The session of a prompt that may be changed.

        Raises:
            PromptError: It is gone.
            LabelError: The label is locked.
        """
        session = opened.draft.stack.with_prompt(name)
        self.desk.rules.check_unlocked(session.value)
        return session

    @property
    def _names(self) -> dict[int, str]:
        return {value: name for name, value in self.desk.values.items()}

    def _name(self, session: PromptSession) -> str:
        """The label's name, which may have been changed since the session began."""
        return self.desk.name_of(session.value, session.label)

    def _interactive(self, model: str | None) -> InferTask:
        task = self.desk.manager.app.infers.get(model or "")
        if task is None:
            raise TaskError("the app has no model to click with" if model is None else f"there is no model {model!r}")
        if not task.interactive:
            raise TaskError(f"model {model!r} takes no clicks; press Run, or choose another model")
        return task

    def _task_of(self, session: PromptSession) -> InferTask:
        """The model that the prompts are for.

        Raises:
            TaskError: It is not there any more.
        """
        model = model_of_scope(session)
        task = self.desk.manager.app.infers.get(model or "")
        if task is None or not task.interactive or not task.is_valid():
            raise TaskError(
                f"model {model!r}, which this prompt was for, is not available; choose a model and press Run"
            )
        return task

    def _scope(self, opened: OpenedImage, model: str | None, prompt: Prompt | None, axis: int, at: int) -> Hashable:
        if self._interactive(model).dimension != 2 or opened.image.ndim == 2:
            return (model,)
        if not 0 <= axis < opened.image.ndim:
            raise PromptError(f"an array axis is 0 to {opened.image.ndim - 1}, not {axis}")
        return (model, axis, at if prompt is None else slice_of(prompt, axis))

    def _to_run(self, opened: OpenedImage) -> list[PromptSession]:
        """The sessions of the chosen model that wait; else the one to run again, if need be for that model anew."""
        desk, stack = self.desk, opened.draft.stack
        waiting = [one for one in stack.sessions if one.stale and model_of_scope(one) == desk.model]
        if waiting:
            return waiting
        value = desk.values[desk.label]
        of_label = [one for one in reversed(stack.sessions) if one.value == value]
        of_model = [one for one in of_label if model_of_scope(one) == desk.model]
        session = next(iter(of_model or of_label), stack.last)
        if session is None:
            raise PromptError("point at the structure first: this model needs a click, a box or a scribble")
        if model_of_scope(session) == desk.model:
            return [session]
        scopes = {self._scope(opened, desk.model, one, session.axis, 0) for one in session.prompts}
        if len(scopes) != 1:
            raise PromptError(f"model {desk.model!r} works in one slice, and these prompts lie in several")
        other = replace(session, scope=scopes.pop())
        stack.replace(session, other)
        return [other]

    def _changed(self, opened: OpenedImage, session: PromptSession) -> None:
        """Prompts are others now: ask at once, or wait until the person says so."""
        if self.auto_run and self._is_available(session):
            self._ask(opened, session)
        else:
            opened.draft.settle_prompts()
            self.desk.draft_changed()

    def start_of(self, opened: OpenedImage, session: PromptSession) -> InitialMask | None:
        """Where the structure was before the prompts, for a model that starts from it."""
        start = opened.draft.initial_mask(session) if self._task_of(session).takes_mask else None
        where = slice_of_scope(session.scope)
        if start is None or where is None:
            return start
        cut = cut_to_slice(start, *where)
        return cut if isinstance(cut, InitialMask) else None

    def _is_available(self, session: PromptSession) -> bool:
        try:
            self._task_of(session)
        except TaskError:
            return False
        return True

    def _answerable(self, opened: OpenedImage, session: PromptSession) -> bool:
        if session.has_positive or not self._is_available(session):
            return session.has_positive
        return self.start_of(opened, session) is not None

    def _ask(self, opened: OpenedImage, session: PromptSession) -> None:
        desk, stack = self.desk, opened.draft.stack
        try:
            start = self.start_of(opened, session)
            if start is None and not session.has_positive:
                raise PromptError(_nothing_to_start_from(session, self._name(session)))
        except (PromptError, TaskError):
            stack.discard(session)
            raise
        if self.requests.line_up(session.key):
            desk.show_state()
            return
        model, options = self.question(opened, session, start)

        def put(result: InferResult) -> None:
            region = opened.draft.answer(result, session, replaces=start is not None)
            self._put(opened, versioned(model, result), region)
            if region is not None:
                desk.uncertain.answered(opened, session, result, options["probabilities"])

        self.requests.submit(opened, model, options, put, lambda: stack.revert(session.key), session.key)

    def question(
        self, opened: OpenedImage, session: PromptSession, start: InitialMask | None
    ) -> tuple[str, dict[str, Any]]:
        """The model that a session's prompts are for, and what it is asked, as options of a request."""
        name = self._name(session)
        given = tuple(replace(one, label=name) for one in session.prompts)
        return model_of_scope(session) or "", {
            "prompts": given if start is None else (replace(start, label=name), *given),
            "label": name,
            "axis": session.axis,
            "other_labels": self.desk.others_as_background.given_with(opened, session),
            "probabilities": self.desk.uncertain.on,
        }

    def _ask_again(self, opened: OpenedImage, key: Key) -> None:
        """The turn of a session that was in line has come."""
        session = opened.draft.stack.find(key)
        if session is not None and session.stale:
            self._ask(opened, session)

    def _run_automatic(self, opened: OpenedImage, model: str) -> None:
        def put(result: InferResult) -> None:
            def work(mask: NDArray[Any], _: Watch) -> tuple[Region, NDArray[Any]]:
                return with_answer(mask, result)

            text = f"Taking over what {model} found"
            self.desk.operating.later(opened, text, work, lambda _: self._note(versioned(model, result)))

        self.requests.submit(opened, model, {}, put, lambda: None)

    def _put(self, opened: OpenedImage, model: str, region: Region | None) -> None:
        self._note(model)
        self.desk.labeler.show_mask(opened, region)
        self.desk.draft_changed()

    def _note(self, model: str) -> None:
        """The draft holds what that model made."""
        self.desk.used_models = with_model(self.desk.used_models, model)
        self.desk.show_state()


def _nothing_to_start_from(session: PromptSession, label: str) -> str:
    if session.has_mask:
        return f"{label} has no voxels to start from here; paint it or click inside it first"
    return f"click inside {label} first; a negative click then takes parts away"
