"""What a model is asked by the prompts of a structure, and which prompts it is asked by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from jlabel.annotation.prompt_group import Key, PromptGroup
from jlabel.errors import PromptError
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.features.objects import Objects
from jlabel.labeler.features.other_labels import OthersAsBackground
from jlabel.labeler.features.prompt_models import PromptModels
from jlabel.labeler.features.prompt_updates import model_of_scope
from jlabel.labeler.open_image import OpenImage
from jlabel.prompts import InitialMask
from jlabel.tasks import InferResult
from jlabel.tasks.interactive import ROOM


class AnswerListener(Protocol):
    """Who wants to know what models answered."""

    @property
    def wants_probabilities(self) -> bool:
        """Whether models shall say how sure they are."""

    def on_answer(self, opened: OpenImage, group: PromptGroup, result: InferResult, asked: bool) -> None:
        """An answer is in the draft; called with the lock held.

        Args:
            opened: The image.
            group: The prompts that it came from.
            result: The answer.
            asked: Whether probabilities were asked for.
        """


class PromptRequests:
    """Makes requests to models from the prompts of one labeler; called with its lock held.

    Args:
        context: The labeler.
        models: The app's models.
        other_labels: What models are told of the other labels.
        objects: Which object prompts are for.
    """

    def __init__(
        self, context: LabelerContext, models: PromptModels, other_labels: OthersAsBackground, objects: Objects
    ) -> None:
        self._context = context
        self._models = models
        self._other_labels = other_labels
        self._objects = objects
        self._room: dict[Key, int] = {}
        #: Who hears the answers.
        self.listeners: list[AnswerListener] = []

    def begin(self) -> None:
        """Another image is open."""
        self._room = {}

    def look_further(self, key: Key) -> None:
        """Give the model of a group a larger region from now on.

        Args:
            key: Of the group.
        """
        self._room[key] = self._room.get(key, 0) + 1

    def name_of(self, group: PromptGroup) -> str:
        """The label's name, which may have been changed since the group began."""
        return self._context.name_of(group.value, group.label)

    def start_of(self, opened: OpenImage, group: PromptGroup) -> InitialMask | None:
        """What the model starts from; None where it begins with the prompts alone.

        Raises:
            PromptError: There is nothing to start from.
            TaskError: The model is not there any more.
        """
        start = self._models.start_of(opened, group)
        if start is None and not group.has_positive:
            raise PromptError(_nothing_to_start_from(group, self.name_of(group)))
        return start

    def to_run(self, opened: OpenImage) -> list[PromptGroup]:
        """The groups of the chosen model that wait; else the one to run again, if need be for that model anew.

        Raises:
            PromptError: There are no prompts that the model could answer.
        """
        context, layers = self._context, opened.draft.layers
        waiting = [one for one in layers.groups if one.stale and model_of_scope(one) == context.model]
        if waiting:
            return waiting
        value = self._objects.value_of(context.label)
        of_label = [one for one in reversed(layers.groups) if one.value == value]
        of_model = [one for one in of_label if model_of_scope(one) == context.model]
        group = next(iter(of_model or of_label), layers.last)
        if group is None:
            raise PromptError("point at the structure first: this model needs a click, a box or a scribble")
        if model_of_scope(group) == context.model:
            return [group]
        scopes = {self._models.scope(opened, context.model, one, group.axis, 0) for one in group.prompts}
        if len(scopes) != 1:
            raise PromptError(f"model {context.model!r} works in one slice, and these prompts lie in several")
        other = replace(group, scope=scopes.pop())
        layers.replace(group, other)
        return [other]

    def options(self, opened: OpenImage, group: PromptGroup, start: InitialMask | None) -> tuple[str, dict[str, Any]]:
        """The model that a group's prompts are for, and what it is asked, as options of a request."""
        name = self.name_of(group)
        given = tuple(replace(one, label=name) for one in group.prompts)
        return model_of_scope(group) or "", {
            "prompts": given if start is None else (replace(start, label=name), *given),
            "label": name,
            "axis": group.axis,
            "other_labels": self._other_labels.given_with(opened, group),
            "probabilities": any(listener.wants_probabilities for listener in self.listeners),
            **({ROOM: self._room[group.key]} if group.key in self._room else {}),
        }


def _nothing_to_start_from(group: PromptGroup, label: str) -> str:
    if group.has_mask:
        return f"{label} has no voxels to start from here; paint it or click inside it first"
    return f"click inside {label} first; a negative click then takes parts away"
