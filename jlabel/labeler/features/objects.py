"""Objects that are told apart: which of them strokes and prompts are for, and where a new one begins."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import JlabelError
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.label_volumes import count_values
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import label_messages
from jlabel.labeler.protocol.state import State
from jlabel.labels.label import LARGEST_VALUE
from jlabel.labels.object_values import ObjectValues
from jlabel.prompts import Prompt
from jlabel.prompts.prompt_geometry import prompt_place, says_what_belongs


class Objects(Feature):
    """Knows the active object: where the label of objects is chosen, strokes, prompts and operations are for it.

    An object is a value in the draft and nothing besides: it is there as long as it has a voxel, and undo takes it back
    with its voxels.
    """

    each_prompt = True
    _active: int | None = None

    def message_handlers(self) -> Handlers:
        """A new object, another active one, and whether each prompt begins one."""
        return {
            label_messages.NewObject: lambda _, __: self._on_new(),
            label_messages.ChooseObject: lambda ask, _: self.choose(ask.value),
            label_messages.ObjectEachPrompt: lambda ask, _: self.begin_each(ask.on),
        }

    def state(self) -> State:
        """``activeObject``: the value of the active object, or None; ``objectEachPrompt``."""
        return {"activeObject": self.active, "objectEachPrompt": self.each_prompt}

    def on_image_opened(self, opened: OpenImage) -> None:
        """In another image a new object begins."""
        self._active = None
        if self.context.objects is not None:
            opened.draft.largest = LARGEST_VALUE

    def on_labels_changed(self) -> None:
        """The objects of another label may be told apart."""
        self.publish_state()

    @property
    def active(self) -> int | None:
        """The value of the active object; None where no objects are told apart, or no image is open."""
        objects, opened = self.context.objects, self.context.open_image
        if objects is None or opened is None:
            return None
        if self._active is None or self._active not in objects:
            self._active = self._free(objects, opened)
        return self._active

    def value_of(self, label: str) -> int:
        """The value that strokes and operations for a label are for: of objects, that of the active one."""
        value = self.context.values[label]
        objects, active = self.context.objects, self.active
        return value if objects is None or active is None or value != objects.first else active

    def free_value(self) -> int:
        """The value of an object that is not there yet.

        Raises:
            JlabelError: No objects are told apart, or no image is open.
            LabelError: All values are taken.
        """
        return self._free(self._objects(), self.context.require_image())

    def begin(self) -> int:
        """Begin a new object and return its value; the one that has just begun is as good as another.

        Raises:
            JlabelError: No objects are told apart, or no image is open.
            LabelError: All values are taken.
        """
        with self.context.lock:
            self._active = self.free_value()
            self._chosen(self._objects())
            return self._active

    def choose(self, value: int) -> None:
        """Go on with an object.

        Raises:
            JlabelError: No object has that value.
        """
        with self.context.lock:
            objects = self._objects()
            if value not in objects:
                raise JlabelError(f"no object of {objects.label.name} can have the value {value}")
            self._active = value
            self._chosen(objects)

    def begin_each(self, on: bool) -> None:
        """Begin a new object with each prompt that lies on none, or go on with the active one."""
        with self.context.lock:
            self.each_prompt = on
            self.publish_state()

    def value_for(self, prompt: Prompt | None) -> int:
        """The value that a prompt for the chosen label is for; makes its object the active one. With the lock held.

        One on an object goes on with it. Elsewhere, one that says what belongs to an object begins a new one, or goes
        on with the active one where the person wants that.

        Args:
            prompt: The prompt; None for the structure as it is now.
        """
        context, objects = self.context, self.context.objects
        value = context.values[context.label]
        if objects is None or value != objects.first:
            return value
        if prompt is not None and says_what_belongs(prompt):
            under = _value_at(context.require_image().draft.mask, prompt_place(prompt))
            if under in objects:
                self.choose(under)
            elif self.each_prompt:
                self.begin()
        return self.value_of(context.label)

    def _on_new(self) -> None:
        self.begin()

    def _objects(self) -> ObjectValues:
        objects = self.context.objects
        if objects is None:
            raise JlabelError("no label's objects are told apart; labeler.labels.tell_apart(name) begins with that")
        return objects

    def _chosen(self, objects: ObjectValues) -> None:
        self.publish_state()
        if self.context.label != objects.label.name:
            self.context.choose("label", objects.label.name)

    def _free(self, objects: ObjectValues, opened: OpenImage) -> int:
        draft = opened.draft
        # One that a model is asked for has no voxel yet.
        asked = {group.value for group in draft.groups if group.value in objects}
        top = max(int(draft.mask.max(initial=0)), *asked, 0)
        used = {*np.flatnonzero(count_values(draft.mask)).tolist(), *asked} if top == LARGEST_VALUE else asked
        draft.largest = LARGEST_VALUE
        return objects.next_free(top, used)


def _value_at(mask: NDArray[Any], place: tuple[int, ...] | None) -> int:
    if place is None or len(place) != mask.ndim:
        return 0
    inside = all(0 <= index < size for index, size in zip(place, mask.shape, strict=True))
    return int(mask[place]) if inside else 0
