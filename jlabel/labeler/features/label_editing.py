"""Changing the labels that people work with: their names, colours, order, and what becomes of their voxels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.annotation.mask_change import MaskChange
from jlabel.annotation.paint_rules import PaintRules
from jlabel.annotation.snapshot import with_snapshot
from jlabel.editing.extent import find_label
from jlabel.errors import JlabelError, LabelError
from jlabel.imaging import Region
from jlabel.labeler.background.optimistic_edit import apply_optimistically
from jlabel.labeler.background.tasks import BackgroundTask
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.label_volumes import LabelVolumes
from jlabel.labeler.features.objects import Objects
from jlabel.labeler.features.paint_settings import PaintSettings
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import label_messages
from jlabel.labeler.protocol.state import State
from jlabel.labels import Label, LabelSet
from jlabel.labels.label import LARGEST_VALUE, PALETTE
from jlabel.labels.names import label_name
from jlabel.labels.object_values import ObjectValues
from jlabel.progress import Progress

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


class LabelEditing(Feature):
    """Changes the label set. Each change is saved with the studies first, which takes a moment: without the lock."""

    def __init__(
        self, context: LabelerContext, paint_settings: PaintSettings, volumes: LabelVolumes, objects: Objects
    ) -> None:
        super().__init__(context)
        self._paint_settings = paint_settings
        self._volumes = volumes
        self._objects = objects
        self._removals: tuple[_Removal, ...] = ()
        self._seen: tuple[OpenImage | None, frozenset[int]] = (None, frozenset())
        volumes.on_counted = self._show_unnamed

    def message_handlers(self) -> Handlers:
        """Messages that change the label set; they name labels by their values."""
        later, name = self.context.in_background, self._name
        return {
            label_messages.AddLabel: lambda ask, _: later(lambda: self.add(ask.name, ask.color)),
            label_messages.AddLabels: lambda ask, _: later(lambda: self.add_all(ask.names)),
            label_messages.RenameLabel: lambda ask, _: later(lambda: self.rename(name(ask.value), ask.name)),
            label_messages.RecolorLabel: lambda ask, _: later(lambda: self.recolor(name(ask.value), ask.color)),
            label_messages.TellApart: lambda ask, _: later(lambda: self.tell_apart(name(ask.value), ask.apart)),
            label_messages.MoveLabel: lambda ask, _: later(lambda: self.move(name(ask.value), ask.place)),
            label_messages.MergeLabel: lambda ask, _: later(lambda: self.merge(name(ask.value), name(ask.into))),
            label_messages.DeleteLabel: lambda ask, _: later(lambda: self.delete(name(ask.value))),
        }

    def state(self) -> State:
        """``savedElsewhere``: how many other images have a saved label; ``palette``: colours to choose from."""
        opened = self.context.open_image
        here = opened is not None and opened.version is not None
        return {"savedElsewhere": max(0, self.context.labelled - here), "palette": list(PALETTE)}

    def on_image_opened(self, opened: OpenImage) -> None:
        """What was removed from another draft stays removed."""
        self._removals = ()
        self._take_soon()

    def on_draft_changed(self) -> None:
        """A label that went in a step comes back with it, and goes again."""
        opened = self.context.open_image
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
        self.context.manager.label_names.refresh()
        with self.context.lock:
            self._take_soon()

    def add(self, name: str, color: str | None = None, value: int | None = None, instances: bool = False) -> Label:
        """Add a label, and choose it; see :meth:`jlabel.Labeler.add_label`."""
        seen = self._volumes.seen()

        def change(now: LabelSet) -> LabelSet:
            made = now.add(name, color, value, seen)
            return made.tell_apart(made.labels[-1].name) if instances else made

        added = self._change(change).labels[-1]
        self.context.choose("label", added.name)
        return added

    def add_all(self, names: Sequence[str]) -> None:
        """Add several labels, and choose the first.

        Raises:
            LabelError: One is there already or cannot be used; then none is added.
        """
        if not names:
            return
        seen = self._volumes.seen()
        self._change(lambda now: reduce(lambda labels, name: labels.add(name, seen=seen), names, now))
        self.context.choose("label", label_name(names[0]))
        self.context.notify(f"Added {len(names)} labels" if len(names) > 1 else f"Added {names[0]}")

    def rename(self, name: str, to: str) -> None:
        """See :meth:`jlabel.Labeler.rename_label`."""
        self._change(lambda now: now.rename(name, to))

    def recolor(self, name: str, color: str) -> None:
        """See :meth:`jlabel.Labeler.recolor_label`."""
        self._change(lambda now: now.recolor(name, color))

    def tell_apart(self, name: str, on: bool = True) -> None:
        """See :meth:`jlabel.widget.namespaces.LabelerLabels.tell_apart`."""
        self._change(lambda now: now.tell_apart(name, on))
        opened = self.context.open_image
        if opened is not None:
            self._show_unnamed(opened, self._volumes.seen())

    def move(self, name: str, place: int) -> None:
        """See :meth:`jlabel.Labeler.move_label`."""
        self._change(lambda now: now.move(name, place))

    def merge(self, name: str, into: str) -> None:
        """See :meth:`jlabel.Labeler.merge_label`."""
        target = self.context.manager.label_names.current.get(into).label
        self._paint_settings.check_unlocked(target.value)
        # It becomes one object among those that there are.
        to = self._objects.free_value() if target.instances and self.context.open_image else target.value
        self._remove(name, lambda now, value: now.merge(now.name_of(value), now.name_of(target.value)), to)
        self.context.notify(f"Merged {name} into {into}")

    def delete(self, name: str) -> None:
        """See :meth:`jlabel.Labeler.delete_label`."""
        self._remove(name, lambda now, value: now.delete(now.name_of(value)), 0)
        self.context.notify(f"Deleted {name}")

    def _remove(self, name: str, change: Callable[[LabelSet, int], LabelSet], to: int) -> None:
        label = self.context.manager.label_names.current.get(name).label
        self._paint_settings.check_unlocked(label.value)
        place = [one.value for one in self.context.labels].index(label.value)
        removal = _Removal(label, place, lambda now: change(now, label.value))
        removed = self.context.objects if label.instances else None
        with self.context.tasks.running(f"Removing {name}") as task:
            self._change(removal.again)
            try:
                self._replace(removal, removed, to, task)
            except BaseException:
                with suppress(JlabelError):
                    self._change(removal.back)
                raise

    def _replace(self, removal: _Removal, objects: ObjectValues | None, to: int, task: BackgroundTask) -> None:
        """Give the voxels of a label, or of its objects, another value: a step of the draft, if it has any voxel."""
        opened, value = self.context.open_image, removal.label.value
        if opened is None:
            return

        def work(mask: NDArray[Any], _: Progress) -> tuple[Region, NDArray[Any]]:
            values = mask if objects is None else objects.joined(mask)
            region = find_label(values, value, Region.whole(mask.shape)) or Region((0,) * mask.ndim, (1,) * mask.ndim)
            after = mask[region.slices].copy(order="F")
            after[values[region.slices] == value] = to
            return region, after

        def then(change: MaskChange) -> None:
            if change.voxels:
                removal.step = opened.draft.history.position
                self._removals = (*self._removals, removal)

        # The person said so: no rule holds it.
        apply_optimistically(self.context, opened, task, work, then, PaintRules())

    def _show_unnamed(self, opened: OpenImage, values: set[int]) -> None:
        """List the values of an image that nobody has named, so that they can be chosen, named, locked and merged."""
        names = self.context.manager.label_names
        with self.context.lock:
            if opened is not self.context.open_image:
                return
            before, known = self._seen[1] if self._seen[0] is opened else frozenset(), names.current.unnamed_values
            # One that was erased stays while the image is open; one that was named or merged does not come back.
            kept = before & set(known) if self._seen[0] is opened else frozenset()
            self._seen = (opened, kept | values)
            if names.show_unnamed(self._seen[1]):
                self._take_soon()
            found = [value for value in names.current.unnamed_values if value not in before]
        if found:
            listed = ", ".join(map(str, found[:5])) + (", …" if len(found) > 5 else "")
            one = len(found) == 1
            self.context.notify(
                f"This label holds {'a value' if one else 'values'} without a name ({listed}): rename "
                f"{'it' if one else 'them'} in the list, or merge {'it' if one else 'them'} into a label"
            )

    def _change(self, change: Change) -> LabelSet:
        names = self.context.manager.label_names
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
            self._make_room(self.context.manager.label_names.current)
            with self.context.lock:
                taken = self._take()

    def _make_room(self, labels: LabelSet) -> None:
        """Widen the draft for labels above 255, while the person goes on with those that there are.

        Raises:
            Cancelled: It was given up.
        """
        opened, top = self.context.open_image, _largest(labels)
        if opened is None or opened.draft.has_room(top):
            return
        with self.context.tasks.running("Making room for label values above 255") as task:
            with_snapshot(opened.draft, self.context.lock, opened.draft.widen, task.progress, np.dtype(np.uint16))

    def _foresee(self, change: Change) -> None:
        """Show a change at once, with the lock held, and keep it as soon as that can be done."""
        self.context.manager.label_names.foresee(change)
        self._take_soon()
        self.context.in_background(self._keep_foreseen)

    def _keep_foreseen(self) -> None:
        self.context.manager.label_names.keep_foreseen()
        self._show()

    def _take(self) -> bool:
        """The label set is another; with the lock held. Returns False where the draft has no room for it yet."""
        context, now = self.context, self.context.manager.label_names.current
        if context.open_image is not None and not context.open_image.draft.has_room(_largest(now)):
            return False
        chosen = context.values.get(context.label)
        place = [label.name for label in context.labels].index(context.label)
        same = next((label for label in now.labels if label.value == chosen), None)
        if context.open_image is not None:
            context.open_image.draft.largest = LARGEST_VALUE if now.objects is not None else _largest(now)
        context.labels_changed(now.labels, (same or now.labels[min(place, len(now.labels) - 1)]).name)
        return True

    def _take_soon(self) -> None:
        if not self._take():
            self.context.in_background(self._show)

    def _name(self, value: int) -> str:
        return self.context.manager.label_names.current.name_of(value)


def _largest(labels: LabelSet) -> int:
    return max(label.value for label in labels.labels)
