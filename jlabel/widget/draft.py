"""The draft: the mask that a person works on, kept by the kernel, with undo."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import LabelError
from jlabel.imaging.region import Region, bounding_region, changed_region
from jlabel.tasks.prompts import InitialMask, Prompt
from jlabel.tasks.request import InferResult
from jlabel.widget.history import History
from jlabel.widget.journal import Journal
from jlabel.widget.session import PromptSession


class Draft:
    """The mask of one image, from opening to saving. Not thread safe: the labeler's lock guards it.

    Args:
        shape: The image's shape.
        start: A saved label to go on from.
        largest: The largest value that will be painted; decides between one and two bytes a voxel.
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
        self._began_empty = start is None
        if start is not None:
            self.mask[...] = start
        self.history = History()
        self.session: PromptSession | None = None
        self._settled: PromptSession | None = None
        self._saved = -1 if unsaved else self.history.position
        self._journal = journal

    @property
    def dirty(self) -> bool:
        """Whether there are changes that are not saved."""
        return self.history.position != self._saved

    def mark_saved(self, position: int) -> None:
        """The draft was saved as it was at that position of the history."""
        self._saved = position
        if not self.dirty:
            self.forget()

    def forget(self) -> None:
        """The changes need not be kept on disk any more: they are saved, or given up."""
        if self._journal is not None:
            self._journal.clear()

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The prompts that the next answer will be for."""
        return self.session.prompts if self.session is not None else ()

    def paint(self, region: Region, touched: NDArray[np.bool_], value: int) -> None:
        """A stroke: ``value`` (0 erases) in the touched voxels of a region. Ends the present prompts' session."""
        after = self.mask[region.slices].copy(order="F")
        after[touched] = value
        self._change(region, after, None)

    def add_prompt(self, prompt: Prompt, label: str, value: int, scope: Hashable = None) -> PromptSession:
        """Add a prompt; one for another structure, or of another scope (model, slice), begins a new session."""
        if self.session is None or self.session.label != label or self.session.scope != scope:
            self.session = PromptSession(label, value, scope)
        self.session = self.session.with_prompt(prompt)
        return self.session

    def drop_prompt(self, prompt: Prompt) -> None:
        """Take a prompt back that could not be answered."""
        if self.session is not None:
            kept = tuple(other for other in self.session.prompts if other is not prompt)
            self.session = replace(self.session, prompts=kept) if kept else None

    def clear_prompts(self) -> None:
        """Forget the prompts; what they made stays."""
        self.session = None

    def initial_mask(self) -> InitialMask | None:
        """Where the structure was before the prompts, for a model that can cut from it; None where it was not."""
        if self.session is None or not self.session.has_negative:
            return None
        before = self.session.original(self.mask)
        return InitialMask(before, self.session.label) if before.any() else None

    def answer(self, result: InferResult, session: PromptSession, replaces: bool) -> Region | None:
        """Put an interactive model's answer in the place of its last one.

        Args:
            result: The structure's voxels.
            session: What was asked; where there are newer prompts by now, the answer is late and is dropped.
            replaces: Whether the structure outside the answer goes, within the answer's region; else it is added to.

        Returns:
            The region that changed, or None.
        """
        present = self.session
        if present is None or present is not session:
            return None
        region = result.region if present.region is None else result.region.union(present.region)
        base = present.base_of(self.mask, region)
        after = base.copy(order="F")
        part = after[result.region.inside(region).slices]
        if replaces:
            part[part == present.value] = 0
        np.copyto(part, present.value, where=result.values != 0)
        return self._change(region, after, present.with_answer(region, base, after))

    def replace_labels(self, result: InferResult) -> Region | None:
        """Put an automatic model's answer in the place of all voxels of the labels that it knows.

        Raises:
            LabelError: The answer has a value that the draft cannot hold: a label that the app does not know.
        """
        region = result.region
        most, top = np.iinfo(self.mask.dtype).max, int(result.values.max(initial=0))
        if top > most:
            raise LabelError(f"the model's answer has the value {top}, which none of the app's labels has")
        after = self.mask[region.slices].copy(order="F")
        known = [value for value in result.labels.values() if value <= most]
        after[np.isin(after, known)] = 0
        np.copyto(after, result.values, where=result.values != 0, casting="unsafe")
        return self._change(region, after, None)

    def undo(self) -> Region | None:
        """Take the last step back; returns where the mask changed."""
        step = self.history.undo(self.mask)
        return self._stepped(step.region, step.before, step.session_before) if step is not None else None

    def redo(self) -> Region | None:
        """Do the last undone step again; returns where the mask changed."""
        step = self.history.redo(self.mask)
        return self._stepped(step.region, step.after, step.session_after) if step is not None else None

    def occupied(self) -> Region | None:
        """The smallest region with every labelled voxel; an empty one that nobody has touched is not searched."""
        if self._began_empty and self.history.position == 0:
            return None
        return bounding_region(self.mask)

    def _change(self, region: Region, after: NDArray[Any], session: PromptSession | None) -> Region:
        """Put ``after`` in the region, keep the step, and return the part of the region that is another now."""
        part = changed_region(self.mask[region.slices], after)
        changed = part.moved(region.lower) if part is not None else region
        view, new = self.mask[changed.slices], after[changed.inside(region).slices]
        step = self.history.record(changed, view, new, self._settled, session)
        view[...] = new
        self._keep(changed, step.after)
        self._settle(session)
        return changed

    def _settle(self, session: PromptSession | None) -> None:
        self.session = self._settled = session

    def _stepped(self, region: Region, voxels: bytes, session: PromptSession | None) -> Region:
        self._keep(region, voxels)
        self._settle(session)
        return region

    def _keep(self, region: Region, voxels: bytes) -> None:
        if self._journal is not None:
            self._journal.append(region, voxels, self.mask.dtype)
