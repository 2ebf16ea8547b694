"""The mask of a draft: painted by rules, with undo, each step kept on disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.annotation.mask_change import MaskChange, prepare_change
from jlabel.annotation.paint_rules import PaintRules
from jlabel.annotation.prompt_group import PromptGroups
from jlabel.annotation.prompt_layers import PromptLayers
from jlabel.annotation.prompt_serialization import Written, written
from jlabel.annotation.recovery.journal import Journal
from jlabel.annotation.snapshot import Snapshots
from jlabel.annotation.undo_history import UndoHistory
from jlabel.errors import LabelError
from jlabel.imaging.codec.voxels import decode_labels
from jlabel.imaging.region import Region, bounding_region
from jlabel.resources import available_cores

# What is unpacked in a few milliseconds is not worth a thread.
_MANY_VOXELS = 4_000_000


class MaskDraft:
    """The mask of one image, from opening to saving. Not thread safe: the labeler's lock guards it.

    Every step has the prompts before and after it, which :class:`jlabel.annotation.draft.Draft` adds and answers.

    Args:
        shape: The image's shape.
        start: A saved label to go on from.
        largest: The largest value that will be painted; decides between one and two bytes a voxel at first.
        unsaved: Whether ``start`` is a draft that was never saved.
        journal: Where every change is kept until the draft is saved.
        unkept: Why there is no journal, where there should be one.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        start: NDArray[Any] | None = None,
        largest: int = 255,
        unsaved: bool = False,
        journal: Journal | None = None,
        unkept: str | None = None,
    ) -> None:
        top = max(largest, int(start.max(initial=0)) if start is not None else 0)
        if top > np.iinfo(np.uint16).max:
            raise LabelError(f"the label holds the value {top}; a labeler shows values up to 65535")
        dtype = np.dtype(np.uint8 if top <= np.iinfo(np.uint8).max else np.uint16)
        self.mask: NDArray[Any] = np.zeros(shape, dtype, order="F")
        self.largest = largest
        #: Grows whenever voxels are written.
        self.writes = 0
        self.start = start
        self._began_empty = start is None
        if start is not None:
            self.mask[...] = start
        self.copies = Snapshots()
        self.history = UndoHistory()
        self.guard = PaintRules()
        self.layers = PromptLayers()
        self._unfinished: tuple[str, int] | None = None
        self._saved = -1 if unsaved else self.history.position
        self._journal = journal
        self._unkept = unkept
        self._written: Written = {}
        self._kept = False

    @property
    def dirty(self) -> bool:
        """Whether there are changes that are not saved."""
        return self.history.position != self._saved

    def mark_saved(self, position: int, mask: NDArray[Any]) -> None:
        """The draft was saved.

        Args:
            position: Of the history, when it was saved.
            mask: What was saved; nobody may change it any more.
        """
        self._saved = position
        if not self.dirty and self._journal is not None:
            self._journal.clear(mask)

    def begin_with(self, start: NDArray[Any], region: Region) -> None:
        """Begin with a label that was saved since, where nobody has changed anything; no step of undo.

        Args:
            start: Label values for which there is room; nobody may change the array any more.
            region: Where it differs from the mask.
        """
        self.start, self._began_empty = start, False
        if self._journal is not None:
            self._journal.clear(start)
        self._put(region, start[region.slices])

    @property
    def untouched(self) -> bool:
        """Whether it is as it began, with nothing to undo or to do again, and without prompts."""
        history = self.history
        return not (self.dirty or self.groups or history.next_undo or history.next_redo)

    @property
    def groups(self) -> PromptGroups:
        """The prompts of all structures, the last used ones last."""
        return self.layers.groups

    @property
    def kept_in(self) -> Path | None:
        """The file in which the changes are kept."""
        return self._journal.file if self._journal is not None else None

    @property
    def not_on_disk(self) -> str | None:
        """Why unsaved changes are in memory alone, in words; None while they are on disk, or there are none."""
        if not self.dirty:
            return None
        return self._unkept if self._journal is None else self._journal.problem

    def note(self, notes: Mapping[str, Any]) -> None:
        """Keep what there is to know of the draft besides, while it has changes that are not saved.

        Args:
            notes: Plain JSON by topic, in the place of all former notes.
        """
        if self._journal is None or not self.dirty:
            return
        if not self._kept:
            # It was left behind by another labeler: from now on it is this one's.
            self._keep([])
        self._journal.note(notes)

    def let_go(self) -> None:
        """The labeler ends: what is not saved is left behind on disk."""
        if self._journal is not None:
            self._journal.close()

    def forget(self) -> None:
        """The changes need not be kept on disk any more: they are given up."""
        if self._journal is not None:
            self._journal.clear()

    def paint(self, region: Region, touched: NDArray[np.bool_], value: int, page: str = "", more: bool = False) -> bool:
        """A stroke: ``value`` (0 erases) in the touched voxels of a region, as far as the rules allow it.

        Args:
            region: Where.
            touched: Which of its voxels.
            value: Their label's value.
            page: Who paints.
            more: Further parts of the same stroke follow from that page, for the same step of undo.

        Returns:
            Whether the rules allowed all of it; else the mask is not what the stroke would have made it.
        """
        self.make_room(value)
        joins = self._unfinished == (page, self.history.position)
        after = self.mask[region.slices].copy(order="F")
        np.copyto(after, np.array(value, after.dtype), where=touched)
        change = self.prepare(region, after)
        if change.voxels > 0:
            self._apply(change, self.layers.end(change.touched), joins)
        if joins or change.voxels > 0:
            self._unfinished = (page, self.history.position) if more else None
        return change.kept == 0

    def change(self, region: Region, after: NDArray[Any]) -> Region:
        """Put label values in a region, as far as the rules allow it: one step of undo.

        Prompts of the structures that it changes end: what they made is the person's now.

        Args:
            region: Where.
            after: The values wanted, of the draft's type; changed in place where the rules keep a voxel.

        Returns:
            The part of the region that is another now.
        """
        return self.commit(self.prepare(region, after))

    def prepare(self, region: Region, after: NDArray[Any]) -> MaskChange:
        """The part of :meth:`change` that takes time with a large region; it may run without the labeler's lock.

        Whoever commits it sees to it that nothing changed the draft or its rules meanwhile.
        """
        return prepare_change(self.mask, self.guard, region, after)

    def commit(self, change: MaskChange) -> Region:
        """Carry out what was prepared, and return where the mask is another now."""
        return self._apply(change, self.layers.end(change.touched))

    def undo(self) -> Region | None:
        """Take the last step back; returns where the mask changed.

        Raises:
            LabelError: It would change a locked label.
        """
        step = self.history.next_undo
        if step is None:
            return None
        patches = [(patch.region, patch.before) for patch in reversed(step.patches)]
        region = self._step(patches, step.groups_before, "Undo")
        self.history.undone()
        return region

    def redo(self) -> Region | None:
        """Do the last undone step again; returns where the mask changed.

        Raises:
            LabelError: It would change a locked label.
        """
        step = self.history.next_redo
        if step is None:
            return None
        patches = [(patch.region, patch.after) for patch in step.patches]
        region = self._step(patches, step.groups_after, "Redo")
        self.history.redone()
        return region

    def occupied(self) -> Region | None:
        """The smallest region with every labelled voxel; an empty one that nobody has touched is not searched."""
        if self._began_empty and self.history.position == 0:
            return None
        return bounding_region(self.mask)

    def has_room(self, value: int) -> bool:
        """Whether a voxel can have that value."""
        return value <= int(np.iinfo(self.mask.dtype).max)

    def widen(self, mask: NDArray[Any]) -> None:
        """Two bytes a voxel from now on; steps of one byte stay as they are.

        Args:
            mask: A copy of the present mask with two bytes a voxel; it is the draft's from now on.
        """
        self.mask = mask
        self.copies.begin_again(mask)

    def make_room(self, value: int) -> None:
        """At once, for a value that nobody has made room for: the labeler does so before there is such a label.

        Raises:
            LabelError: No label has a value that large.
        """
        if not self.has_room(value):
            if value > self.largest:
                raise LabelError(f"there is a voxel of the value {value}, which no label has")
            self.widen(self.mask.astype(np.uint16))

    def takes(self, value: int) -> bool:
        """Whether a voxel can have that value; room for one that a label may have is made at once."""
        if value <= self.largest:
            self.make_room(value)
        return self.has_room(value)

    def _put(self, region: Region, values: NDArray[Any]) -> None:
        self.mask[region.slices] = values
        self.writes += 1
        self.copies.put(region, values)

    def _apply(self, change: MaskChange, groups: PromptGroups, joins: bool = False) -> Region:
        """Put the new values in the mask and keep the step; with ``joins``, it is one with the step before."""
        self.history.record(change.patches, (self.layers.settled, groups), joins)
        for patch in change.patches:
            self._put(patch.region, change.values(patch))
        self.layers.settle(groups)
        self._keep([(patch.region, patch.after) for patch in change.patches])
        return change.region

    def _step(self, patches: list[tuple[Region, bytes]], groups: PromptGroups, what: str) -> Region:
        """Put voxels where they were, all or nothing; a stroke that is not told to its end is a step as it is."""
        self._unfinished = None
        found = list(zip((region for region, _ in patches), _decoded(patches), strict=True))
        for region, new in found:
            self.guard.check(self.mask[region.slices], new, what)
        changed = Region((0,) * self.mask.ndim, (0,) * self.mask.ndim)
        for region, new in found:
            self._put(region, new)
            changed = changed.union(region)
        self.layers.revert_all()
        self.layers.settle(groups)
        self._keep(patches)
        return changed

    def _keep(self, parts: list[tuple[Region, bytes]]) -> None:
        self._kept = True
        if self._journal is not None:
            self._written = written(self.layers.settled, self.mask.dtype.name, self._written)
            self._journal.append(parts, self.mask.dtype, list(self._written.values()))


def _decoded(patches: list[tuple[Region, bytes]]) -> Iterable[NDArray[Any]]:
    """The voxels of each; of a large step on several cores."""
    if sum(region.size for region, _ in patches) < _MANY_VOXELS:
        return [decode_labels(voxels, region) for region, voxels in patches]
    with ThreadPoolExecutor(min(8, available_cores())) as pool:
        return list(pool.map(lambda patch: decode_labels(patch[1], patch[0]), patches))
