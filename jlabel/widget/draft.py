"""The draft: the mask that a person works on, kept by the kernel, with undo."""

from __future__ import annotations

import os
import secrets
from collections.abc import Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import LabelError, PromptError
from jlabel.imaging.patch import decode_labels
from jlabel.imaging.region import Region, bounding_region
from jlabel.tasks.prompts import InitialMask, Prompt
from jlabel.tasks.request import InferResult
from jlabel.widget.change import Change, prepared
from jlabel.widget.copying import Copies
from jlabel.widget.guard import Guard
from jlabel.widget.history import History
from jlabel.widget.journal import Journal
from jlabel.widget.kept_prompts import Written, written
from jlabel.widget.session import Given, PromptSession, Sessions
from jlabel.widget.stack import SessionStack, without

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
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        start: NDArray[Any] | None = None,
        largest: int = 255,
        unsaved: bool = False,
        journal: Journal | None = None,
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
        self.copies = Copies()
        self.history = History()
        self.guard = Guard()
        self.stack = SessionStack()
        self._used: dict[str, tuple[str, Prompt]] = {}
        self._unfinished: tuple[str, int] | None = None
        self._saved = -1 if unsaved else self.history.position
        self._journal = journal
        self._written: Written = {}

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

    @property
    def kept_in(self) -> Path | None:
        """The file in which the changes are kept."""
        return self._journal.file if self._journal is not None else None

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
            self._apply(change, self.stack.end(change.touched), joins)
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

    def prepare(self, region: Region, after: NDArray[Any]) -> Change:
        """The part of :meth:`change` that takes time with a large region; it may run without the labeler's lock.

        Whoever commits it sees to it that nothing changed the draft or its rules meanwhile.
        """
        return prepared(self.mask, self.guard, region, after)

    def commit(self, change: Change) -> Region:
        """Carry out what was prepared, and return where the mask is another now."""
        return self._apply(change, self.stack.end(change.touched))

    # Prompts.

    def add_prompt(
        self,
        prompt: Prompt | None,
        label: str,
        value: int,
        scope: Hashable = None,
        axis: int = 0,
        name: str | None = None,
    ) -> PromptSession:
        """Add a prompt; one for another structure, or of another scope (model, slice), begins a new session.

        Args:
            prompt: None for the structure as it is now: this begins a new session too, on what the former one made.
            label: The structure.
            value: Its value.
            scope: The model, and the axis and slice where it works in one.
            axis: The array axis across the plane in which it was given.
            name: Unique in the draft; made up if not given.

        Raises:
            PromptError: There is a prompt of that name already.
        """
        name = name or secrets.token_hex(4)
        if any(given.id == name for session in self.sessions for given in session.given):
            raise PromptError("this prompt was sent before")
        found = self.stack.find((value, scope)) if prompt is not None else None
        return self.stack.put((found or PromptSession(label, value, scope, axis)).with_prompt(Given(name, prompt)))

    @property
    def sessions(self) -> Sessions:
        """The prompts of all structures, the last used ones last."""
        return self.stack.sessions

    @property
    def used_prompts(self) -> list[tuple[str, Prompt]]:
        """The label and prompt of all that were ever answered here, also of those that ended."""
        return list(self._used.values())

    def settle_prompts(self) -> None:
        """The prompts as they are now are a step of their own, which waits for an answer."""
        sessions = tuple(session for session in self.stack.sessions if session.given or session.region is not None)
        self.stack.revert_all()
        self._record_prompts(sessions)

    def clear_prompts(self) -> None:
        """Forget the prompts; what they made stays."""
        self.stack.revert_all()
        self._record_prompts(())

    def initial_mask(self, session: PromptSession) -> InitialMask | None:
        """Where the structure was before the prompts, for a model that can cut from it; None where it was not."""
        if not (session.has_negative or session.has_mask):
            return None
        before: NDArray[np.bool_] = self.mask == session.value
        if session.region is not None:
            voxels, _ = without(self.mask, self.stack.settled, session)
            before[session.region.slices] = voxels == session.value
        return InitialMask(before, session.label) if before.any() else None

    def answer(self, result: InferResult, asked: PromptSession, replaces: bool) -> Region | None:
        """Put an interactive model's answer in the place of its last one, over what all other prompts made.

        Args:
            result: The structure's voxels.
            asked: What was asked; where it is gone by now, the answer is late and is dropped. Prompts that came since
                wait on.
            replaces: Whether the structure outside the answer goes, within the answer's region; else it is added to.

        Returns:
            The region that changed, or None.
        """
        session = self.stack.find(asked.key)
        if session is None:
            return None
        self._make_room(session.value)
        region = result.region if session.region is None else result.region.union(session.region)
        base, others = self._without(session, region)
        after = base.copy(order="F")
        part = after[result.region.inside(region).slices]
        if replaces:
            part[part == session.value] = 0
        np.copyto(part, session.value, where=result.values != 0)
        for given in asked.given:
            if given.prompt is not None:
                self._used[given.id] = (session.label, given.prompt)
        inside = np.zeros(region.shape, bool)
        inside[result.region.inside(region).slices] = result.values != 0
        return self._answered(region, (base, after, inside), replace(session, answered=asked.given), others)

    def unanswer(self, session: PromptSession) -> Region | None:
        """Take a session's answer out of the mask: it has no prompts left that a model could answer."""
        if session.region is None:
            self.stack.revert(session.key)
            self._record_prompts(self.stack.settled_with(replace(session, answered=session.given)))
            return None
        base, others = self._without(session, session.region)
        voxels = (base, base.copy(order="F"), np.zeros(base.shape, bool))
        return self._answered(session.region, voxels, replace(session, answered=session.given), others)

    def _without(self, session: PromptSession, region: Region) -> tuple[NDArray[Any], Sessions]:
        """A copy of the draft in a region, and the sessions, as they would be without a session's answers."""
        copy, others = self.mask[region.slices].copy(order="F"), self.stack.settled
        if session.region is not None:
            copy[session.region.inside(region).slices], others = without(self.mask, others, session)
        return copy, others

    def _answered(
        self,
        region: Region,
        voxels: tuple[NDArray[Any], NDArray[Any], NDArray[np.bool_]],
        session: PromptSession,
        others: Sessions,
    ) -> Region:
        """Put a session's answer in a region: the draft without and with it, and where it lies."""
        change = self.prepare(region, voxels[1])
        new = session.with_answer(region, *voxels, self.stack.top + 1)
        self.stack.revert(session.key)
        return self._apply(change, self.stack.settled_with(new, others))

    def _record_prompts(self, sessions: Sessions) -> None:
        if sessions != self.stack.settled:
            self.history.record((), (self.stack.settled, sessions))
            self.stack.settle(sessions)
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
        region = self._step(patches, step.sessions_before, "Undo")
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
        region = self._step(patches, step.sessions_after, "Redo")
        self.history.redone()
        return region

    def occupied(self) -> Region | None:
        """The smallest region with every labelled voxel; an empty one that nobody has touched is not searched."""
        if self._began_empty and self.history.position == 0:
            return None
        return bounding_region(self.mask)

    def go_on_with(self, sessions: Sessions) -> None:
        """Prompts that were kept with what the draft began with."""
        self.stack.settle(sessions)

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

    def _apply(self, change: Change, sessions: Sessions, joins: bool = False) -> Region:
        """Put the new values in the mask and keep the step; with ``joins``, it is one with the step before."""
        self.history.record(change.patches, (self.stack.settled, sessions), joins)
        for patch in change.patches:
            self._put(patch.region, change.values(patch))
        self.stack.settle(sessions)
        self._keep([(patch.region, patch.after) for patch in change.patches])
        return change.region

    def _step(self, patches: list[tuple[Region, bytes]], sessions: Sessions, what: str) -> Region:
        """Put voxels where they were, all or nothing; a stroke that is not told to its end is a step as it is."""
        self._unfinished = None
        found = list(zip((region for region, _ in patches), _decoded(patches), strict=True))
        for region, new in found:
            self.guard.check(self.mask[region.slices], new, what)
        changed = Region((0,) * self.mask.ndim, (0,) * self.mask.ndim)
        for region, new in found:
            self._put(region, new)
            changed = changed.union(region)
        self.stack.revert_all()
        self.stack.settle(sessions)
        self._keep(patches)
        return changed

    def _keep(self, parts: list[tuple[Region, bytes]]) -> None:
        if self._journal is not None:
            self._written = written(self.stack.settled, self.mask.dtype.name, self._written)
            self._journal.append(parts, self.mask.dtype, list(self._written.values()))


def _decoded(patches: list[tuple[Region, bytes]]) -> Iterable[NDArray[Any]]:
    """The voxels of each; of a large step on several cores."""
    if sum(region.size for region, _ in patches) < _MANY_VOXELS:
        return [decode_labels(voxels, region) for region, voxels in patches]
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        return list(pool.map(lambda patch: decode_labels(patch[1], patch[0]), patches))
