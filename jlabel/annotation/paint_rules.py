"""What may not be changed: the voxels of locked labels, and, where a person wants it so, those of any other label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import LabelError


@dataclass(frozen=True)
class PaintRules:
    """The rules that every change of a draft obeys, whoever makes it: a stroke, a model, an operation.

    Attributes:
        locked: Values of the locked labels, with their names. A voxel never gets such a value, and never loses it.
        over_background: Paint over what has no label alone: a voxel never goes from one label to another.
    """

    locked: Mapping[int, str] = field(default_factory=dict)
    over_background: bool = False

    def kept(self, before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.bool_] | None:
        """Which voxels must stay as they are; None where the rules allow the whole change.

        Args:
            before: Label values now.
            after: Label values wanted, of the same shape and type.
        """
        if not self.locked and not self.over_background:
            return None
        kept: NDArray[np.bool_] = np.zeros(before.shape, bool, order="F")
        if self.locked:
            table = self._table(before.dtype)
            kept |= table[before] | table[after]
        if self.over_background:
            kept |= (before != 0) & (after != 0)
        kept &= before != after
        return kept if kept.any() else None

    def check(self, before: NDArray[Any], after: NDArray[Any], what: str) -> None:
        """Raise where a change would touch a locked label.

        Args:
            before: Label values now.
            after: Label values wanted.
            what: What is to be done, for the error: "Undo".

        Raises:
            LabelError: It would; the text names the label.
        """
        if not self.locked:
            return
        changed = before != after
        touched = {*np.unique(before[changed]).tolist(), *np.unique(after[changed]).tolist()}
        # Objects of one label have its name, each of them.
        names = dict.fromkeys(name for value, name in self.locked.items() if value in touched)
        if names:
            raise LabelError(f"{what} would change {', '.join(names)}, which is locked; unlock it first")

    def _table(self, dtype: np.dtype[Any]) -> NDArray[np.bool_]:
        table: NDArray[np.bool_] = np.zeros(int(np.iinfo(dtype).max) + 1, bool)
        table[[value for value in self.locked if value < table.size]] = True
        return table
