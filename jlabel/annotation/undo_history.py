"""Undo and redo: what each step changed, compressed, bounded in bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jlabel.annotation.prompt_group import PromptGroups
from jlabel.imaging.region import Region


@dataclass(frozen=True)
class Patch:
    """The voxels of a region before and after a change, as :func:`jlabel.imaging.encode_voxels` writes them."""

    region: Region
    before: bytes
    after: bytes
    #: Of the voxels.
    dtype: str = "uint8"


@dataclass(frozen=True)
class Step:
    """One thing that a person or a model did: what changed in the mask, and the prompts before and after.

    A step that changed the prompts alone has no patches; a large one has several, which do not overlap.
    """

    number: int
    patches: tuple[Patch, ...]
    groups_before: PromptGroups
    groups_after: PromptGroups

    @property
    def bytes(self) -> int:
        """Memory that the step takes beyond what the step before it holds."""
        before = set(self.groups_before)
        new = [group for group in self.groups_after if group not in before]
        voxels = sum(len(patch.before) + len(patch.after) for patch in self.patches)
        return voxels + sum(group.size for group in new)


class UndoHistory:
    """Steps that can be undone and redone; the oldest are forgotten beyond ``max_bytes``, but never the last 100."""

    KEPT = 100

    def __init__(self, max_bytes: int = 512 * 1024**2) -> None:
        self.max_bytes = max_bytes
        self._done: list[Step] = []
        self._made = 0
        self._floor = 0
        self._undone: list[Step] = []
        self._bytes = 0
        #: Called with what was changed (True) or changed back (False); it must return at once.
        self.on_change: Callable[[tuple[Patch, ...], bool], None] | None = None

    @property
    def position(self) -> int:
        """A number for the mask as it is now: the same again after undo and redo, and never used for another mask."""
        return self._done[-1].number if self._done else self._floor

    @property
    def next_undo(self) -> Step | None:
        """The step that undo takes back, or None."""
        return self._done[-1] if self._done else None

    @property
    def next_redo(self) -> Step | None:
        """The step that redo does again, or None."""
        return self._undone[-1] if self._undone else None

    def record(
        self, patches: tuple[Patch, ...], groups: tuple[PromptGroups, PromptGroups], joins: bool = False
    ) -> Step:
        """Add a step, and return it; what was undone before can no longer be redone.

        Args:
            patches: What changed in the mask.
            groups: The prompts before and after.
            joins: Make it one with the last step.
        """
        self._made += 1
        step = Step(self._made, patches, *groups)
        if joins:
            last = self._done.pop()
            self._bytes -= last.bytes
            step = Step(self._made, (*last.patches, *patches), last.groups_before, groups[1])
        self._bytes += step.bytes - sum(undone.bytes for undone in self._undone)
        self._undone.clear()
        self._done.append(step)
        while self._bytes > self.max_bytes and len(self._done) > self.KEPT:
            forgotten = self._done.pop(0)
            self._bytes -= forgotten.bytes
            self._floor = forgotten.number
        self._tell(patches, True)
        return step

    def undone(self) -> None:
        """The last step was taken back."""
        self._undone.append(self._done.pop())
        self._tell(self._undone[-1].patches, False)

    def redone(self) -> None:
        """The last undone step was done again."""
        self._done.append(self._undone.pop())
        self._tell(self._done[-1].patches, True)

    def _tell(self, patches: tuple[Patch, ...], forwards: bool) -> None:
        if self.on_change is not None and patches:
            self.on_change(patches, forwards)
