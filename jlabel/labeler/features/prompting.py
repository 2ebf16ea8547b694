"""Prompts from the pages and from Python: they become requests to models, and answers find their way into the draft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from jlabel.annotation.prompt_group import GivenPrompt, Key, PromptGroup
from jlabel.annotation.provenance import versioned, with_model
from jlabel.errors import PromptError, TaskError
from jlabel.imaging import Region
from jlabel.labeler.actions import PromptGiven
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.automatic_segmentation import AutomaticSegmentation
from jlabel.labeler.features.inference import InferenceRequests
from jlabel.labeler.features.label_operations import LabelOperations
from jlabel.labeler.features.objects import Objects
from jlabel.labeler.features.other_labels import OthersAsBackground
from jlabel.labeler.features.paint_settings import PaintSettings
from jlabel.labeler.features.prompt_models import PromptModels
from jlabel.labeler.features.prompt_requests import AnswerListener, PromptRequests
from jlabel.labeler.features.prompt_updates import PromptUpdates, model_of_scope
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import page_messages, prompt_messages
from jlabel.labeler.protocol.encoding import prompt_from_wire
from jlabel.labeler.protocol.state import State
from jlabel.prompts import Prompt
from jlabel.prompts.prompt import MOST_POSITIONS, thinning
from jlabel.tasks import InferResult

P = ParamSpec("P")
ResultListener = Callable[[OpenImage, str, InferResult], None]


def _of_this_image(
    work: Callable[Concatenate[PromptController, OpenImage, P], None],
) -> Callable[Concatenate[PromptController, int, P], None]:
    """What is called with an epoch, for the image of that epoch: under the lock, and not at all once it was left."""

    @wraps(work)
    def guarded(self: PromptController, epoch: int, /, *args: P.args, **kwargs: P.kwargs) -> None:
        with self.context.lock:
            opened = self.context.require_image()
            if epoch == opened.epoch:
                work(self, opened, *args, **kwargs)

    return guarded


class PromptController(Feature):
    """The prompts of one labeler and what its models are asked. An answer to an image that was left is dropped."""

    auto_run = True

    def __init__(
        self,
        context: LabelerContext,
        paint_settings: PaintSettings,
        other_labels: OthersAsBackground,
        operations: LabelOperations,
        objects: Objects,
    ) -> None:
        super().__init__(context)
        self._paint_settings = paint_settings
        self._objects = objects
        #: Which models prompts are for.
        self.models = PromptModels(context.manager.app.infers)
        #: What they are asked by prompts.
        self.prompt_requests = PromptRequests(context, self.models, other_labels, objects)
        self.requests = InferenceRequests(context, self._ask_again, self.publish_state)
        #: Called with the lock held, with every answer of a model: the image, the model's name, the answer.
        self.result_listeners: list[ResultListener] = []
        self._automatic = AutomaticSegmentation(
            self.requests, operations, self._note, lambda: context.objects, self._told
        )
        self._updates = PromptUpdates()

    def listen(self, listener: AnswerListener) -> None:
        """Tell somebody of every answer from now on."""
        self.prompt_requests.listeners.append(listener)

    def message_handlers(self) -> Handlers:
        """Adding, changing and removing prompts, running, cancelling."""
        return {
            prompt_messages.AddPrompt: self._on_prompt,
            prompt_messages.ChangePrompt: self._on_change,
            prompt_messages.RemovePrompt: lambda ask, _: self.remove(ask.epoch, ask.id),
            prompt_messages.ClearPrompts: lambda ask, _: self.clear(ask.epoch),
            prompt_messages.Run: lambda ask, _: self.run(ask.epoch, ask.axis, ask.slice),
            page_messages.Cancel: lambda _, __: self._cancel_all(),
            prompt_messages.AutoRun: lambda ask, _: self.run_at_once(ask.on),
        }

    def state(self) -> State:
        """``autoRun``: whether a model runs after every prompt; ``madeBy``: the models that made the draft."""
        opened = self.context.open_image
        return {"autoRun": self.auto_run, "madeBy": list(opened.made_by) if opened is not None else []}

    def on_image_opened(self, opened: OpenImage) -> None:
        """The pages know none of its prompts yet, and the chosen model will soon be asked."""
        self._updates.begin()
        self.prompt_requests.begin()
        task = self.context.manager.app.infers.get(self.context.model or "")
        if task is not None:
            task.warm_up(opened.image)

    def on_page_connected(self, page: str) -> None:
        """Tell a new page all prompts."""
        opened = self.context.open_image
        if opened is not None:
            self.publish_prompts()
            for message in self._updates.all(opened.epoch, page):
                self.context.publish(message)

    def on_draft_changed(self) -> None:
        """Prompts may have come or gone with it."""
        self.publish_prompts()

    def on_labels_changed(self) -> None:
        """Prompts are shown with their labels' names."""
        self.publish_prompts()

    def publish_prompts(self) -> None:
        """Tell the pages which prompts are others than before; with the lock held."""
        opened = self.context.open_image
        if opened is not None:
            for message in self._updates.news(opened.epoch, opened.draft.groups, self._names, self.context.objects):
                self.context.publish(message)

    def publish_state(self) -> None:
        """As for every feature, and the prompts with it."""
        with self.context.lock:
            self.publish_prompts()
            super().publish_state()

    @_of_this_image
    def prompt(self, opened: OpenImage, prompt: Prompt | None, axis: int, name: str | None = None, at: int = 0) -> None:
        """Add a prompt for the chosen label, of which it may begin a new object, and ask the chosen model.

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
        context = self.context
        task = self.models.interactive(context.model)
        self._paint_settings.check_unlocked(context.values[context.label])
        if prompt is None and not task.takes_mask:
            raise TaskError(f"model {context.model!r} cannot start from a mask; choose another model")
        scope = self.models.scope(opened, context.model, prompt, axis, at)
        value = self._objects.value_for(prompt)
        prompt = replace(prompt, label=context.label) if prompt is not None else None
        group = opened.draft.add_prompt(prompt, context.label, value, scope, axis, name)
        self._changed(opened, group)
        context.did(PromptGiven("mask" if prompt is None else type(prompt).__name__.lower()))

    @_of_this_image
    def change(self, opened: OpenImage, name: str, prompt: Prompt) -> None:
        """Put another prompt in the place of one: it was moved.

        Raises:
            PromptError: It is gone, or its model works in another slice.
            TaskError: Its model is not there any more.
            LabelError: The label is locked.
        """
        old = self._unlocked(opened, name)
        self.models.task_of(old)
        if self.models.scope(opened, model_of_scope(old), prompt, old.axis, 0) != old.scope:
            raise PromptError(f"model {model_of_scope(old)!r} works in one slice: move the prompt inside it")
        new = old.with_prompt(GivenPrompt(name, replace(prompt, label=self.prompt_requests.name_of(old))))
        if new.given != old.given:
            self._changed(opened, opened.draft.layers.put(new))

    @_of_this_image
    def remove(self, opened: OpenImage, name: str) -> None:
        """Remove a prompt; without any left that a model could answer, what they made goes too.

        Raises:
            PromptError: It is gone.
            LabelError: The label is locked.
        """
        new = self._unlocked(opened, name).without(name)
        if not new.given or not self.models.answerable(opened, new):
            self.requests.drop(opened, new.key)
            self.context.pages.show_mask(opened, opened.draft.unanswer(new))
            self.context.draft_changed()
        else:
            self._changed(opened, opened.draft.layers.put(new))

    @_of_this_image
    def clear(self, opened: OpenImage) -> None:
        """Forget the prompts; what they made stays."""
        self.cancel()
        opened.draft.clear_prompts()
        self.context.draft_changed()

    def run_at_once(self, on: bool) -> None:
        """Run the model after every prompt, or when the person says so."""
        with self.context.lock:
            self.auto_run = on
            self.publish_state()

    @_of_this_image
    def run(self, opened: OpenImage, axis: int, at: int = 0) -> None:
        """Run the chosen model: on the prompts that wait, again with the present ones, or on the whole image.

        Args:
            opened: The image that it is for; called with its epoch.
            axis: The array axis across the plane that the person works in.
            at: The slice there.

        Raises:
            PromptError: There are no prompts that the model could answer.
            LabelError: The label is locked.
        """
        context = self.context
        if context.model is None:
            return
        task = context.manager.app.infers[context.model]
        if not task.interactive:
            self._automatic.run(opened, context.model, task.makes_masks)
            return
        for group in self.prompt_requests.to_run(opened):
            self._paint_settings.check_unlocked(group.value)
            self._ask(opened, group)

    @_of_this_image
    def run_automatic(self, opened: OpenImage, model: str) -> None:
        """Run a model that takes no prompts on the whole image, whichever is chosen.

        Args:
            opened: The image that it is for; called with its epoch.
            model: The model's name.
        """
        self._automatic.run(opened, model, self.context.manager.app.infers[model].makes_masks)

    def look_further(self, key: Key) -> None:
        """Ask for a structure again in a larger region, since it goes on beyond the one that was looked at.

        Args:
            key: Of the group of its prompts.

        Raises:
            PromptError: Its prompts are gone.
            LabelError: The label is locked.
        """
        with self.context.lock:
            opened = self.context.require_image()
            group = opened.draft.layers.find(key)
            if group is None:
                raise PromptError("the prompts that this structure was found by are gone")
            self._paint_settings.check_unlocked(group.value)
            self.prompt_requests.look_further(key)
            self._ask(opened, group)

    def cancel(self) -> bool:
        """Give up what is still asked; returns whether prompts went that were given for it alone."""
        with self.context.lock:
            opened = self.context.open_image
            reverted = opened is not None and opened.draft.layers.revert_all()
            self.requests.cancel()
            if reverted:
                self.publish_prompts()
            return reverted

    def _cancel_all(self) -> None:
        """Give up everything that takes time."""
        self.context.tasks.cancel()
        self.cancel()

    def take_back(self) -> bool:
        """Take back the newest prompt that has no answer yet, or what is asked; returns whether there was any."""
        with self.context.lock:
            opened = self.context.require_image()
            newest = opened.draft.layers.take_back()
            if newest is None:
                running = self.requests.running and not self.requests.running_aside
                self.requests.cancel()
                return running
            before = opened.draft.layers.find(newest.key)
            if self.auto_run and before is not None and before.stale:
                self.context.reporting_errors(lambda: self._ask(opened, before))
            else:
                self.requests.drop(opened, newest.key)
            self.publish_state()
            return True

    def close(self) -> None:
        """Give up what is asked."""
        self.cancel()

    def _on_prompt(self, ask: prompt_messages.AddPrompt, _: Any) -> None:
        ndim = self.context.require_image().image.ndim
        prompt = None if ask.prompt.kind == "mask" else prompt_from_wire(ask.prompt, ndim)
        self.prompt(ask.epoch, prompt, ask.axis, ask.prompt.id, ask.slice)
        given = len(getattr(ask.prompt, "positions", None) or ())
        if given > MOST_POSITIONS:
            self.context.notify(thinning(given, "a scribble").capitalize())

    def _on_change(self, ask: prompt_messages.ChangePrompt, _: Any) -> None:
        self.change(ask.epoch, ask.id, prompt_from_wire(ask.prompt, self.context.require_image().image.ndim))

    def _unlocked(self, opened: OpenImage, name: str) -> PromptGroup:
        """The group of a prompt that may be changed.

        Raises:
            PromptError: It is gone.
            LabelError: The label is locked.
        """
        group = opened.draft.layers.with_prompt(name)
        self._paint_settings.check_unlocked(group.value)
        return group

    @property
    def _names(self) -> dict[int, str]:
        return {value: name for name, value in self.context.values.items()}

    def _changed(self, opened: OpenImage, group: PromptGroup) -> None:
        """Prompts are others now: ask at once, or wait until the person says so."""
        if self.auto_run and self.models.is_available(group):
            self._ask(opened, group)
        else:
            opened.draft.settle_prompts()
            self.context.draft_changed()

    def _ask(self, opened: OpenImage, group: PromptGroup) -> None:
        layers = opened.draft.layers
        try:
            start = self.prompt_requests.start_of(opened, group)
        except (PromptError, TaskError):
            layers.discard(group)
            raise
        if self.requests.line_up(group.key):
            self.publish_state()
            return
        model, options = self.prompt_requests.options(opened, group, start)

        def put(result: InferResult) -> None:
            region = opened.draft.answer(result, group, replaces=start is not None)
            self._put(opened, versioned(model, result), region)
            self._told(opened, model, result)
            for listener in self.prompt_requests.listeners if region is not None else ():
                listener.on_answer(opened, group, result, options["probabilities"])

        self.requests.submit(opened, model, options, put, lambda: layers.revert(group.key), group.key)
        self.publish_prompts()

    def _ask_again(self, opened: OpenImage, key: Key) -> None:
        """The turn of a group that was in line has come."""
        group = opened.draft.layers.find(key)
        if group is not None and group.stale:
            self._ask(opened, group)

    def _put(self, opened: OpenImage, model: str, region: Region | None) -> None:
        self._note(opened, model)
        self.context.pages.show_mask(opened, region)
        self.context.draft_changed()

    def _told(self, opened: OpenImage, model: str, result: InferResult) -> None:
        """A model has answered."""
        for listener in self.result_listeners:
            listener(opened, model, result)

    def _note(self, opened: OpenImage, model: str) -> None:
        """The draft holds what that model made."""
        opened.made_by = with_model(opened.made_by, model)
        self.publish_state()
