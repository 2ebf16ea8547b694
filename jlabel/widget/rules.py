"""The rules for painting that a person sets: locked labels, and painting over the background alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jlabel.errors import JlabelError, LabelError
from jlabel.widget.guard import Guard
from jlabel.widget.opened import OpenedImage
from jlabel.widget.part import Handler, Part


class Rules(Part):
    """Holds for every image until the person says otherwise."""

    _locked: frozenset[int] = frozenset()
    _over_background = False

    def asks(self) -> Mapping[str, Handler]:
        """``lock`` and ``over_background``."""
        return {
            "lock": lambda ask, _: self.lock(int(ask["value"]), bool(ask["locked"])),
            "over_background": lambda ask, _: self.paint_over_background(bool(ask["on"])),
        }

    def state(self) -> dict[str, Any]:
        """``locked`` and ``overBackground``."""
        return {"locked": sorted(self._locked), "overBackground": self._over_background}

    def opened(self, opened: OpenedImage) -> None:
        """The rules hold for its draft too."""
        opened.draft.guard = self.guard

    @property
    def guard(self) -> Guard:
        """The rules as a draft obeys them."""
        names = {label.value: label.name for label in self.desk.labels}
        return Guard({v: names.get(v, f"value {v}") for v in self._locked}, self._over_background)

    def is_locked(self, value: int) -> bool:
        """Whether the label of that value is locked."""
        return value in self._locked

    def check_unlocked(self, value: int) -> None:
        """Raise if the label is locked.

        Raises:
            LabelError: It is.
        """
        if value in self._locked:
            raise LabelError(f"{self.guard.locked[value]} is locked; unlock it to change it")

    def lock(self, value: int, locked: bool = True) -> None:
        """Lock a label, or unlock it.

        Raises:
            JlabelError: No label has that value.
        """
        if locked and value not in self.desk.values.values():
            raise JlabelError(f"no label has the value {value}; the labels are {self.desk.values}")
        self._set(self._locked | {value} if locked else self._locked - {value}, self._over_background)

    def paint_over_background(self, on: bool) -> None:
        """Paint over what has no label alone, or over other labels too."""
        self._set(self._locked, on)

    def _set(self, locked: frozenset[int], over_background: bool) -> None:
        with self.desk.lock:
            self.desk.asking.cancel()
            self._locked, self._over_background = locked, over_background
            if self.desk.opened is not None:
                self.opened(self.desk.opened)
            self.desk.show_state()
