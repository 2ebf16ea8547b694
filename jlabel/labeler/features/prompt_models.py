"""Which model prompts are for, and what it starts from."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from jlabel.annotation.prompt_group import PromptGroup
from jlabel.errors import PromptError, TaskError
from jlabel.labeler.features.prompt_updates import model_of_scope, slice_of_scope
from jlabel.labeler.open_image import OpenImage
from jlabel.prompts import InitialMask, Prompt
from jlabel.prompts.in_slice import cut_to_slice, slice_of
from jlabel.tasks import InferTask


class PromptModels:
    """The app's models as prompts see them.

    Args:
        infers: The app's infer tasks by name.
    """

    def __init__(self, infers: Mapping[str, InferTask]) -> None:
        self._infers = infers

    def interactive(self, model: str | None) -> InferTask:
        """The model of that name, which takes prompts.

        Raises:
            TaskError: There is none, or it takes no prompts.
        """
        task = self._infers.get(model or "")
        if task is None:
            raise TaskError("the app has no model to click with" if model is None else f"there is no model {model!r}")
        if not task.interactive:
            raise TaskError(f"model {model!r} takes no clicks; press Run, or choose another model")
        return task

    def task_of(self, group: PromptGroup) -> InferTask:
        """The model that the prompts are for.

        Raises:
            TaskError: It is not there any more.
        """
        model = model_of_scope(group)
        task = self._infers.get(model or "")
        if task is None or not task.interactive or not task.is_valid():
            raise TaskError(
                f"model {model!r}, which this prompt was for, is not available; choose a model and press Run"
            )
        return task

    def scope(self, opened: OpenImage, model: str | None, prompt: Prompt | None, axis: int, at: int) -> Hashable:
        """What prompts of one group have in common: the model, and the axis and slice where it works in one.

        Args:
            opened: The image.
            model: The model's name.
            prompt: The prompt; None for one that has no place.
            axis: The array axis across the plane in which it was given.
            at: The slice that the person looks at, for a prompt that has no place.

        Raises:
            PromptError: The image has no such axis.
            TaskError: There is no such model, or it takes no prompts.
        """
        if self.interactive(model).dimension != 2 or opened.image.ndim == 2:
            return (model,)
        if not 0 <= axis < opened.image.ndim:
            raise PromptError(f"an array axis is 0 to {opened.image.ndim - 1}, not {axis}")
        return (model, axis, at if prompt is None else slice_of(prompt, axis))

    def start_of(self, opened: OpenImage, group: PromptGroup) -> InitialMask | None:
        """Where the structure was before the prompts, for a model that starts from it."""
        start = opened.draft.initial_mask(group) if self.task_of(group).takes_mask else None
        where = slice_of_scope(group.scope)
        if start is None or where is None:
            return start
        cut = cut_to_slice(start, *where)
        return cut if isinstance(cut, InitialMask) else None

    def is_available(self, group: PromptGroup) -> bool:
        """Whether the model that the prompts are for can be asked."""
        try:
            self.task_of(group)
        except TaskError:
            return False
        return True

    def answerable(self, opened: OpenImage, group: PromptGroup) -> bool:
        """Whether there is something in the prompts that a model could answer."""
        if group.has_positive or not self.is_available(group):
            return group.has_positive
        return self.start_of(opened, group) is not None
