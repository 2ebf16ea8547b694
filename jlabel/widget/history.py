"""Undo and redo: what each step changed, compressed, bounded in bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.patch import decode_voxels, encode_voxels
from jlabel.imaging.region import Region
from jlabel.widget.session import PromptSession


@dataclass(frozen=True)
class Step:
    """One thing that a person or a model did: the voxels of a region, and the prompts, before and after."""

    number: int
    region: Region
    before: bytes
    after: bytes
    session_before: PromptSession | None
    session_after: PromptSession | None

    @property
    def bytes(self) -> int:
        """Memory that the step's voxels take."""
        return len(self.before) + len(self.after)


class History:
    """Steps that can be undone and redone; the oldest are forgotten beyond ``max_bytes``, but never the last 100."""

    KEPT = 100

    def __init__(self, max_bytes: int = 512 * 1024**2) -> None:
        self.max_bytes = max_bytes
        self._done: list[Step] = []
        self._made = 0
        self._floor = 0
        self._undone: list[Step] = []
        self._bytes = 0

    @property
    def position(self) -> int:
        """A number for the mask as it is now: the same again after undo and redo, and never used for another mask."""
        return self._done[-1].number if self._done else self._floor

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to undo."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to redo."""
        return bool(self._undone)

    def record(
        self,
        region: Region,
        before: NDArray[Any],
        after: NDArray[Any],
        session_before: PromptSession | None,
        session_after: PromptSession | None,
    ) -> Step:
        """Add a step, and return it; what was undone before can no longer be redone."""
        self._made += 1
        step = Step(self._made, region, encode_voxels(before), encode_voxels(after), session_before, session_after)
        self._bytes += step.bytes - sum(undone.bytes for undone in self._undone)
        self._undone.clear()
        self._done.append(step)
        while self._bytes > self.max_bytes and len(self._done) > self.KEPT:
            forgotten = self._done.pop(0)
            self._bytes -= forgotten.bytes
            self._floor = forgotten.number
        return step

    def undo(self, mask: NDArray[Any]) -> Step | None:
        """Take the last step back in ``mask``, in place; returns the step, or None where there is none."""
        return self._move(self._done, self._undone, mask, "before")

    def redo(self, mask: NDArray[Any]) -> Step | None:
        """Do the last undone step again in ``mask``, in place."""
        return self._move(self._undone, self._done, mask, "after")

    @staticmethod
    def _move(source: list[Step], target: list[Step], mask: NDArray[Any], which: str) -> Step | None:
        if not source:
            return None
        step = source.pop()
        mask[step.region.slices] = decode_voxels(getattr(step, which), step.region, np.dtype(mask.dtype))
        target.append(step)
        return step
