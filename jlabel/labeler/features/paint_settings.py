"""The rules for painting that a person sets: locked labels, and painting over the background alone."""

from __future__ import annotations

import numpy as np

from jlabel.annotation.paint_rules import PaintRules
from jlabel.errors import JlabelError, LabelError
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import label_messages
from jlabel.labeler.protocol.state import State
from jlabel.labels.label import LARGEST_VALUE


class PaintSettings(Feature):
    """Holds for every image until the person says otherwise."""

    _locked: frozenset[int] = frozenset()
    _over_background = False

    def message_handlers(self) -> Handlers:
        """Locking labels, and painting over the background alone."""
        return {
            label_messages.Lock: lambda ask, _: self.lock(ask.value, ask.locked),
            label_messages.PaintOverBackground: lambda ask, _: self.paint_over_background(ask.on),
        }

    def state(self) -> State:
        """``locked`` and ``overBackground``."""
        return {"locked": sorted(self._locked), "overBackground": self._over_background}

    def on_image_opened(self, opened: OpenImage) -> None:
        """The rules hold for its draft too."""
        opened.draft.guard = self.guard

    def on_labels_changed(self) -> None:
        """The rules name labels."""
        if self.context.open_image is not None:
            self.context.open_image.draft.guard = self.guard

    @property
    def guard(self) -> PaintRules:
        """The rules as a draft obeys them."""
        names, objects = {label.value: label.name for label in self.context.labels}, self.context.objects
        locked = {v: names.get(v, f"value {v}") for v in self._locked}
        if objects is not None and objects.first in locked:
            # Those that are not there yet too.
            free = objects.table(LARGEST_VALUE + 1)
            locked |= dict.fromkeys(np.flatnonzero(free).tolist(), objects.label.name)
        return PaintRules(locked, self._over_background)

    def is_locked(self, value: int) -> bool:
        """Whether the label of that value is locked; an object is with its label."""
        label = self.context.label_of(value)
        return (value if label is None else label.value) in self._locked

    def check_unlocked(self, value: int) -> None:
        """Raise if the label is locked.

        Raises:
            LabelError: It is.
        """
        if self.is_locked(value):
            raise LabelError(f"{self.context.name_of(value, f'value {value}')} is locked; unlock it to change it")

    def lock(self, value: int, locked: bool = True) -> None:
        """Lock a label, or unlock it.

        Raises:
            JlabelError: No label has that value.
        """
        if locked and value not in self.context.values.values():
            raise JlabelError(f"no label has the value {value}; the labels are {self.context.values}")
        self._set(self._locked | {value} if locked else self._locked - {value}, self._over_background)

    def paint_over_background(self, on: bool) -> None:
        """Paint over what has no label alone, or over other labels too."""
        self._set(self._locked, on)

    def _set(self, locked: frozenset[int], over_background: bool) -> None:
        with self.context.lock:
            self.context.cancel_prompts()
            self._locked, self._over_background = locked, over_background
            self.on_labels_changed()
            self.publish_state()
