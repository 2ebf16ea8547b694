"""Counting what is done to an image while it is open."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

from jlabel.effort.effort_record import EffortRecord, FirstMask
from jlabel.effort.work_time import WorkTime

Slice = tuple[int, int]
"""The array axis across a slice, and its index there."""

Counted = Literal["strokes", "undos", "operations", "model_runs"]
"""What is counted by whole numbers."""

_MOST_INDEX = 1_000_000
_MOST_SLICES = 100_000


class EffortCounter:
    """The numbers of one draft so far, of this sitting and of those before.

    Args:
        unit: Of the length of strokes, ``"mm"`` or ``"px"``.
        kept: What former sittings on the same draft have counted.
        seen: The slices that were looked at in them.

    Attributes:
        first_mask: The model's mask that the draft began with.
        time: When something was done in this sitting.
        seen: The slices that were looked at.
    """

    def __init__(self, unit: str, kept: EffortRecord | None = None, seen: Iterable[Slice] = ()) -> None:
        self.first_mask: FirstMask | None = None if kept is None else kept.first_mask
        self.time = WorkTime()
        self.seen: set[Slice] = set(seen)
        self._unit = unit
        self._id = secrets.token_hex(8) if kept is None else kept.id
        self._sittings = 1 if kept is None else kept.sittings + 1
        before = kept or EffortRecord()
        self._seconds, self._length, self._model_seconds = before.seconds, before.stroke_length, before.model_seconds
        self._prompts = Counter(before.prompts)
        self._counts = Counter({name: getattr(before, name) for name in get_args(Counted)})

    @classmethod
    def resumed(cls, kept: Any, unit: str) -> EffortCounter | None:
        """The counter of a draft that was left unsaved, one sitting more; None where nothing of it was kept.

        Args:
            kept: What :meth:`to_json` wrote; anybody may have written it.
            unit: Of the length of strokes.
        """
        before = EffortRecord.from_json(kept)
        return None if before is None else cls(unit, before, _slices(kept.get("seen")))

    def count(self, what: Counted) -> None:
        """One more."""
        self._counts[what] += 1

    def stroke(self, length: float) -> None:
        """A stroke was made whose way is so long."""
        self.count("strokes")
        self._length += length

    def prompt(self, kind: str) -> None:
        """A prompt of that kind was given."""
        self._prompts[kind] += 1

    def model_ran(self, seconds: float) -> None:
        """What a model was asked took so long."""
        self._model_seconds += seconds

    def record(self) -> EffortRecord:
        """All that was counted so far."""
        return EffortRecord(
            seconds=max(0.0, self._seconds + self.time.seconds),
            prompts=dict(+self._prompts),
            stroke_length=max(0.0, self._length),
            unit=self._unit,
            slices=len(self.seen),
            model_seconds=max(0.0, self._model_seconds),
            sittings=self._sittings,
            first_mask=self.first_mask,
            id=self._id,
            **self._counts,
        )

    def to_json(self) -> dict[str, Any]:
        """As it is kept with the draft, to go on from after a restart."""
        return {**self.record().to_json(), "seen": _runs(self.seen)}

    def saved(self, record: EffortRecord, seen: Iterable[Slice]) -> None:
        """What was counted up to a save is kept with the label; what came since belongs to the next version.

        Args:
            record: What was saved.
            seen: The slices that were looked at by then.
        """
        self._seconds -= record.seconds
        self._length -= record.stroke_length
        self._model_seconds -= record.model_seconds
        self._prompts.subtract(record.prompts)
        self._counts.subtract({name: getattr(record, name) for name in self._counts})
        self.seen -= set(seen)
        self._id, self._sittings, self.first_mask = secrets.token_hex(8), 1, None


def _runs(seen: Iterable[Slice]) -> dict[str, list[list[int]]]:
    """Slices by axis as runs of neighbours, first and last: a few numbers for hundreds of slices."""
    runs: dict[str, list[list[int]]] = {}
    for axis, index in sorted(seen):
        listed = runs.setdefault(str(axis), [])
        if listed and listed[-1][1] == index - 1:
            listed[-1][1] = index
        else:
            listed.append([index, index])
    return runs


def _slices(runs: Any) -> set[Slice]:
    """What :func:`_runs` wrote; what makes no sense is left out."""
    seen: set[Slice] = set()
    for axis, listed in runs.items() if isinstance(runs, Mapping) else ():
        for run in listed if isinstance(listed, list) and axis in ("0", "1", "2") else ():
            if _is_run(run) and len(seen) + run[1] - run[0] < _MOST_SLICES:
                seen |= {(int(axis), index) for index in range(run[0], run[1] + 1)}
    return seen


def _is_run(run: Any) -> bool:
    whole = isinstance(run, list) and len(run) == 2 and all(type(index) is int for index in run)
    return whole and 0 <= run[0] <= run[1] < _MOST_INDEX
