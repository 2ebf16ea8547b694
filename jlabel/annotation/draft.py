"""The draft: the mask that a person works on, kept by the kernel, with undo."""

from __future__ import annotations

import os
import secrets
from collections.abc import Hashable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.annotation.mask_change import MaskChange, prepare_change
from jlabel.annotation.paint_rules import PaintRules
from jlabel.annotation.prompt_group import GivenPrompt, PromptGroup, PromptGroups
from jlabel.annotation.prompt_layers import PromptLayers, without
from jlabel.annotation.prompt_serialization import Written, written
from jlabel.annotation.recovery.journal import Journal
from jlabel.annotation.snapshot import Snapshots
from jlabel.annotation.undo_history import UndoHistory
from jlabel.errors import LabelError, PromptError
from jlabel.imaging.codec.voxels import decode_labels
from jlabel.imaging.region import Region, bounding_region
from jlabel.prompts.prompt import InitialMask, Prompt
from jlabel.tasks.request import InferResult

# What is unpacked in a few milliseconds is not worth a thread.
_MANY_VOXELS = 4_000_000


class Draft:
    """The mask of one image, from opening to saving. Not thread safe: the labeler's lock guards it.

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
        self._used: dict[str, tuple[str, Prompt]] = {}
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
        self._make_room(value)
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

    # Prompts.

    def add_prompt(
        self,
        prompt: Prompt | None,
        label: str,
        value: int,
        scope: Hashable = None,
        axis: int = 0,
        name: str | None = None,
    ) -> PromptGroup:
        """Add a prompt; one for another structure, or of another scope (model, slice), begins a new group.

        Args:
            prompt: None for the structure as it is now: this begins a new group too, on what the former one made.
            label: The structure.
            value: Its value.
            scope: The model, and the axis and slice where it works in one.
            axis: The array axis across the plane in which it was given.
            name: Unique in the draft; made up if not given.

        Raises:
            PromptError: There is a prompt of that name already.
        """
        name = name or secrets.token_hex(4)
        if any(given.id == name for group in self.groups for given in group.given):
            raise PromptError("this prompt was sent before")
        found = self.layers.find((value, scope)) if prompt is not None else None
        return self.layers.put((found or PromptGroup(label, value, scope, axis)).with_prompt(GivenPrompt(name, prompt)))

    @property
    def groups(self) -> PromptGroups:
        """The prompts of all structures, the last used ones last."""
        return self.layers.groups

    @property
    def used_prompts(self) -> list[tuple[str, Prompt]]:
        """The label and prompt of all that were ever answered here, also of those that ended."""
        return list(self._used.values())

    def settle_prompts(self) -> None:
        """The prompts as they are now are a step of their own, which waits for an answer."""
        groups = tuple(group for group in self.layers.groups if group.given or group.region is not None)
        self.layers.revert_all()
        self._record_prompts(groups)

    def clear_prompts(self) -> None:
        """Forget the prompts; what they made stays."""
        self.layers.revert_all()
        self._record_prompts(())

    def initial_mask(self, group: PromptGroup) -> InitialMask | None:
        """Where the structure was before the prompts, for a model that can cut from it; None where it was not."""
        if not (group.has_negative or group.has_mask):
            return None
        before: NDArray[np.bool_] = self.mask == group.value
        if group.region is not None:
            voxels, _ = without(self.mask, self.layers.settled, group)
            before[group.region.slices] = voxels == group.value
        return InitialMask(before, group.label) if before.any() else None

    def answer(self, result: InferResult, asked: PromptGroup, replaces: bool) -> Region | None:
        """Put an interactive model's answer in the place of its last one, over what all other prompts made.

        Args:
            result: The structure's voxels.
            asked: What was asked; where it is gone by now, the answer is late and is dropped. Prompts that came since
                wait on.
            replaces: Whether the structure outside the answer goes, within the answer's region; else it is added to.

        Returns:
            The region that changed, or None.
        """
        group = self.layers.find(asked.key)
        if group is None:
            return None
        self._make_room(group.value)
        region = result.region if group.region is None else result.region.union(group.region)
        base, others = self._without(group, region)
        after = base.copy(order="F")
        part = after[result.region.inside(region).slices]
        if replaces:
            part[part == group.value] = 0
        np.copyto(part, group.value, where=result.values != 0)
        for given in asked.given:
            if given.prompt is not None:
                self._used[given.id] = (group.label, given.prompt)
        inside = np.zeros(region.shape, bool)
        inside[result.region.inside(region).slices] = result.values != 0
        return self._answered(region, (base, after, inside), replace(group, answered=asked.given), others)

    def unanswer(self, group: PromptGroup) -> Region | None:
        """Take a group's answer out of the mask: it has no prompts left that a model could answer."""
        if group.region is None:
            self.layers.revert(group.key)
            self._record_prompts(self.layers.settled_with(replace(group, answered=group.given)))
            return None
        base, others = self._without(group, group.region)
        voxels = (base, base.copy(order="F"), np.zeros(base.shape, bool))
        return self._answered(group.region, voxels, replace(group, answered=group.given), others)

    def _without(self, group: PromptGroup, region: Region) -> tuple[NDArray[Any], PromptGroups]:
        """A copy of the draft in a region, and the groups, as they would be without a group's answers."""
        copy, others = self.mask[region.slices].copy(order="F"), self.layers.settled
        if group.region is not None:
            copy[group.region.inside(region).slices], others = without(self.mask, others, group)
        return copy, others

    def _answered(
        self,
        region: Region,
        voxels: tuple[NDArray[Any], NDArray[Any], NDArray[np.bool_]],
        group: PromptGroup,
        others: PromptGroups,
    ) -> Region:
        """Put a group's answer in a region: the draft without and with it, and where it lies."""
        change = self.prepare(region, voxels[1])
        new = group.with_answer(region, *voxels, self.layers.top + 1)
        self.layers.revert(group.key)
        return self._apply(change, self.layers.settled_with(new, others))

    def _record_prompts(self, groups: PromptGroups) -> None:
        if groups != self.layers.settled:
            self.history.record((), (self.layers.settled, groups))
            self.layers.settle(groups)
            self._keep([])

    # Steps.

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

    def restore_prompts(self, groups: PromptGroups) -> None:
        """Prompts that were kept with what the draft began with."""
        self.layers.settle(groups)

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

    def _make_room(self, value: int) -> None:
        """At once, for a value that nobody has made room for: the labeler does so before there is such a label.

        Raises:
            LabelError: No label has a value that large.
        """
        if not self.has_room(value):
            if value > self.largest:
                raise LabelError(f"there is a voxel of the value {value}, which no label has")
            self.widen(self.mask.astype(np.uint16))

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
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        return list(pool.map(lambda patch: decode_labels(patch[1], patch[0]), patches))
