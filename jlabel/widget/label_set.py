"""Changing the labels that people work with: their names, colours, order, and what becomes of their voxels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.editing.extent import find_label
from jlabel.errors import JlabelError, LabelError
from jlabel.imaging import Region
from jlabel.imaging.watch import Watch
from jlabel.tasks import Label, LabelSet
from jlabel.tasks.labels import PALETTE
from jlabel.widget.beside import change_beside
from jlabel.widget.change import Change as DraftChange
from jlabel.widget.copying import with_copy
from jlabel.widget.doing import Doing
from jlabel.widget.guard import Guard
from jlabel.widget.opened import OpenedImage
from jlabel.widget.part import Handler, Part

Change = Callable[[LabelSet], LabelSet]


@dataclass
class _Removal:
    """A label that went in a step of the draft's history: it comes back when the step is undone."""

    label: Label
    place: int
    again: Change
    step: int = 0
    gone: bool = True

    def back(self, now: LabelSet) -> LabelSet:
        """The set with the label."""
        return now.restore(self.label.value, self.place)


class LabelEditing(Part):
    """The label set at the desk. Every change is kept with the studies first, so each takes a moment: off the lock."""

    _removals: tuple[_Removal, ...] = ()

    def asks(self) -> Mapping[str, Handler]:
        """Messages that change the label set; they name labels by their values."""
        return {
            "add_label": lambda ask, _: self._later(lambda: self.add(str(ask["name"]), ask.get("color"))),
            "rename_label": lambda ask, _: self._later(lambda: self.rename(self._name(ask), str(ask["name"]))),
            "recolor_label": lambda ask, _: self._later(lambda: self.recolor(self._name(ask), str(ask["color"]))),
            "move_label": lambda ask, _: self._later(lambda: self.move(self._name(ask), int(ask["place"]))),
            "merge_label": lambda ask, _: self._later(lambda: self.merge(self._name(ask), self._name(ask, "into"))),
            "delete_label": lambda ask, _: self._later(lambda: self.delete(self._name(ask))),
        }

    def state(self) -> dict[str, Any]:
        """``savedElsewhere``: how many other images have a saved label; ``palette``: colours to choose from."""
        opened = self.desk.opened
        here = opened is not None and opened.version is not None
        return {"savedElsewhere": max(0, self.desk.counts[1] - here), "palette": list(PALETTE)}

    def opened(self, opened: OpenedImage) -> None:
        """What was removed from another draft stays removed."""
        self._removals = ()
        self._take_soon()

    def changed(self) -> None:
        """A label that went in a step comes back with it, and goes again."""
        opened = self.desk.opened
        if opened is None:
            return
        position = opened.draft.history.position
        for removal in self._removals:
            if removal.gone and position < removal.step:
                removal.gone = False
                self._foresee(removal.back)
            elif not removal.gone and position == removal.step:
                removal.gone = True
                self._foresee(removal.again)
        # A new step has taken the place of those that were undone.
        self._removals = tuple(one for one in self._removals if one.gone or position < one.step)

    def refresh(self) -> None:
        """Look what others have changed. Takes a moment.

        Raises:
            DatastoreError: The datastore cannot be read.
        """
        self.desk.manager.label_names.refresh()
        with self.desk.lock:
            self._take_soon()

    def add(self, name: str, color: str | None = None, value: int | None = None) -> Label:
        """Add a label, and choose it; see :meth:`jlabel.Labeler.add_label`."""
        seen = self.desk.volumes.seen()
        added = self._change(lambda now: now.add(name, color, value, seen)).labels[-1]
        self.desk.choose("label", added.name)
        return added

    def rename(self, name: str, to: str) -> None:
        """See :meth:`jlabel.Labeler.rename_label`."""
        self._change(lambda now: now.rename(name, to))

    def recolor(self, name: str, color: str) -> None:
        """See :meth:`jlabel.Labeler.recolor_label`."""
        self._change(lambda now: now.recolor(name, color))

    def move(self, name: str, place: int) -> None:
        """See :meth:`jlabel.Labeler.move_label`."""
        self._change(lambda now: now.move(name, place))

    def merge(self, name: str, into: str) -> None:
        """See :meth:`jlabel.Labeler.merge_label`."""
        target = self.desk.manager.label_names.current.get(into).label.value
        self.desk.rules.check_unlocked(target)
        self._remove(name, lambda now, value: now.merge(now.name_of(value), now.name_of(target)), target)
        self.desk.say(f"Merged {name} into {into}")

    def delete(self, name: str) -> None:
        """See :meth:`jlabel.Labeler.delete_label`."""
        self._remove(name, lambda now, value: now.delete(now.name_of(value)), 0)
        self.desk.say(f"Deleted {name}")

    def _remove(self, name: str, change: Callable[[LabelSet, int], LabelSet], to: int) -> None:
        label = self.desk.manager.label_names.current.get(name).label
        self.desk.rules.check_unlocked(label.value)
        place = [one.value for one in self.desk.labels].index(label.value)
        removal = _Removal(label, place, lambda now: change(now, label.value))
        with self.desk.under_way.doing(f"Removing {name}") as doing:
            self._change(removal.again)
            try:
                self._replace(removal, to, doing)
            except BaseException:
                with suppress(JlabelError):
                    self._change(removal.back)
                raise

    def _replace(self, removal: _Removal, to: int, doing: Doing) -> None:
        """Give a label's voxels another value, as one step of the draft; none where it has no voxel."""
        opened, value = self.desk.opened, removal.label.value
        if opened is None:
            return

        def work(mask: NDArray[Any], _: Watch) -> tuple[Region, NDArray[Any]]:
            region = find_label(mask, value, Region.whole(mask.shape)) or Region((0,) * mask.ndim, (1,) * mask.ndim)
            after = mask[region.slices].copy(order="F")
            after[after == value] = to
            return region, after

        def then(change: DraftChange) -> None:
            if change.voxels:
                removal.step = opened.draft.history.position
                self._removals = (*self._removals, removal)

        # The person said so: no rule holds it.
        change_beside(self.desk, opened, doing, work, then, Guard())

    def _change(self, change: Change) -> LabelSet:
        names = self.desk.manager.label_names
        # What cannot be done is refused below.
        with suppress(LabelError):
            self._make_room(change(names.current))
        now = names.change(change)
        self._show()
        return now

    def _show(self) -> None:
        """Show the label set as it is now, once the draft can hold all its values."""
        taken = False
        while not taken:
            self._make_room(self.desk.manager.label_names.current)
            with self.desk.lock:
                taken = self._take()
                self.desk.show_state()

    def _make_room(self, labels: LabelSet) -> None:
        """Widen the draft for labels above 255, while the person goes on with those that there are.

        Raises:
            Cancelled: It was given up.
        """
        opened, top = self.desk.opened, _largest(labels)
        if opened is None or opened.draft.has_room(top):
            return
        with self.desk.under_way.doing("Making room for label values above 255") as doing:
            with_copy(opened.draft, self.desk.lock, opened.draft.widen, doing.watch, np.dtype(np.uint16))

    def _foresee(self, change: Change) -> None:
        """Show a change at once, with the lock held, and keep it as soon as that can be done."""
        self.desk.manager.label_names.foresee(change)
        self._take_soon()
        self._later(self._keep_foreseen)

    def _keep_foreseen(self) -> None:
        self.desk.manager.label_names.keep_foreseen()
        self._show()

    def _take(self) -> bool:
        """The label set is another; with the lock held. Returns False where the draft has no room for it yet."""
        desk, now = self.desk, self.desk.manager.label_names.current
        if desk.opened is not None and not desk.opened.draft.has_room(_largest(now)):
            return False
        desk.revision += 1
        chosen = desk.values.get(desk.label)
        place = [label.name for label in desk.labels].index(desk.label)
        desk.labels = now.labels
        same = next((label for label in desk.labels if label.value == chosen), None)
        desk.label = (same or desk.labels[min(place, len(desk.labels) - 1)]).name
        if desk.opened is not None:
            desk.opened.draft.largest = _largest(now)
            desk.rules.opened(desk.opened)
        return True

    def _take_soon(self) -> None:
        if not self._take():
            self._later(self._show)

    def _name(self, ask: dict[str, Any], key: str = "value") -> str:
        return self.desk.manager.label_names.current.name_of(int(ask[key]))

    def _later(self, work: Callable[[], Any]) -> None:
        labeler = self.desk.labeler
        labeler.worker.do(lambda: labeler.in_words(work))


def _largest(labels: LabelSet) -> int:
    return max(label.value for label in labels.labels)
