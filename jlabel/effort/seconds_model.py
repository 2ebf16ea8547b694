"""How many seconds labeling takes: pointing by Fitts' law, decisions, drawing, and looking at what came of it.

The constants that are assumed come from the keystroke-level model (Card, Moran and Newell, *The keystroke-level model
for user performance time with interactive systems*, Communications of the ACM 23(7), 1980), where it has them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from jlabel.display.html import table_html

#: From how many labels on constants are fitted.
ENOUGH = 20


class Counts(Protocol):
    """What was done for one label, such as :class:`jlabel.effort.EffortRecord`."""

    @property
    def seconds(self) -> float:
        """At work."""
        ...

    @property
    def model_seconds(self) -> float:
        """Waiting for models."""
        ...

    @property
    def actions(self) -> int:
        """Prompts, strokes, operations and undos."""
        ...

    @property
    def stroke_length(self) -> float:
        """In mm."""
        ...

    @property
    def slices(self) -> int:
        """Looked at."""
        ...


@dataclass(frozen=True)
class SecondsModel:
    """The seconds that labeling takes, from what is done.

    Each action (a prompt, a stroke, an operation, an undo) is a decision and a pointing movement, which takes
    ``click + bit * log2(distance / width + 1)`` seconds; strokes are drawn besides. Each slice is looked at, and each
    label is verified once before it is saved.

    Attributes:
        click: The fixed part of pointing at something and pressing the button, s. Assumed: 0.8 + 0.2.
        bit: What each bit of Fitts' index of difficulty adds to it, s. Assumed: 0.1.
        decision: Seeing what to do next, s for an action. Assumed: one mental operator, 1.35.
        verification: Seeing that the label is right, s for a label. Assumed: one mental operator, 1.35.
        slice: Looking at a slice, s. Assumed: a glance, 0.25; no measurement stands behind it.
        drawing: Drawing a stroke, s for a mm (for a pixel of a picture). Assumed: 0.016 at life size on the screen.
        difficulty: Fitts' index of difficulty where distance and width are not known, bits. Assumed: 4, that is 15
            widths away.
        fitted: The names of the constants that were fitted; all others are assumed.
        labels: How many labels they were fitted to.

    Examples:
        >>> from jlabel.effort import SecondsModel
        >>> model = SecondsModel()
        >>> round(model.pointing(distance=150, width=10), 2)
        1.4
        >>> round(model.action(), 2)
        2.75
        >>> round(model.predict(actions=3, slices=10), 2)
        12.1
        >>> model.fitted
        frozenset()
    """

    click: float = 1.0
    bit: float = 0.1
    decision: float = 1.35
    verification: float = 1.35
    slice: float = 0.25
    drawing: float = 0.016
    difficulty: float = 4.0
    fitted: frozenset[str] = frozenset()
    labels: int = 0

    def pointing(self, distance: float | None = None, width: float | None = None) -> float:
        """Seconds to point at something and press there.

        Args:
            distance: How far the pointer is from it, in any unit.
            width: How large it is, in the same unit. Without one of both, the usual difficulty is taken.
        """
        if distance is None or width is None:
            return self.click + self.bit * self.difficulty
        return self.click + self.bit * math.log2(max(0.0, distance) / max(width, 1e-9) + 1)

    def action(self, distance: float | None = None, width: float | None = None) -> float:
        """Seconds to decide on something and to point at it; see :meth:`pointing`."""
        return self.decision + self.pointing(distance, width)

    def predict(
        self, actions: int = 0, slices: int = 0, stroke_length: float = 0.0, model_seconds: float = 0.0
    ) -> float:
        """Seconds that a label takes.

        Args:
            actions: How many prompts, strokes, operations and undos.
            slices: How many slices are looked at.
            stroke_length: Of all strokes together, mm.
            model_seconds: How long models take.
        """
        drawn = actions * self.action() + stroke_length * self.drawing
        return self.verification + slices * self.slice + drawn + model_seconds

    def fit(self, logged: Iterable[Counts]) -> SecondsModel:
        """The model with those constants fitted to logged labels that these tell.

        That takes 20 labels, and for each constant 20 that have something of its kind. From counts alone a decision
        cannot be told from the pointing after it: what an action takes is fitted, and the pointing stays assumed. The
        fit is by least squares of a soft kind, so that a few labels over which somebody fell asleep do not decide it;
        no constant is below zero.

        Args:
            logged: What labels have cost; see :func:`jlabel.effort.logged_effort`.
        """
        rows = list(logged)
        if len(rows) < ENOUGH:
            return self
        columns = {
            "verification": np.ones(len(rows)),
            "slice": np.array([row.slices for row in rows], float),
            "decision": np.array([row.actions for row in rows], float),
            "drawing": np.array([row.stroke_length for row in rows], float),
        }
        known = [name for name, column in columns.items() if _tells(name, column)]
        seconds = np.array([row.seconds - row.model_seconds for row in rows])
        # Of an action only the decision is looked for; what is not fitted is taken as it is assumed.
        rest = seconds - self.pointing() * columns["decision"]
        for name in columns.keys() - set(known):
            rest = rest - getattr(self, name) * columns[name]
        found = _nonnegative_fit(np.stack([columns[name] for name in known], axis=1), rest)
        values: dict[str, Any] = dict(zip(known, map(float, found), strict=True))
        return replace(self, **values, fitted=frozenset(known), labels=len(rows))

    def constants(self) -> list[dict[str, Any]]:
        """Each constant: its name, value, unit, and whether it is fitted or assumed."""
        said = f"fitted to {self.labels} labels"
        return [
            {
                "constant": name,
                "value": getattr(self, name),
                "unit": unit,
                "from": said if name in self.fitted else "assumed",
            }
            for name, unit in _UNITS.items()
        ]

    def __str__(self) -> str:
        listed = [f"{one['constant']} {one['value']:.3g} {one['unit']} ({one['from']})" for one in self.constants()]
        return "; ".join(listed)

    def _repr_html_(self) -> str:
        rows: Sequence[dict[str, Any]] = self.constants()
        return table_html("Seconds that labeling takes", tuple(rows[0]), [list(row.values()) for row in rows])


_UNITS = {
    "click": "s",
    "bit": "s/bit",
    "decision": "s/action",
    "verification": "s/label",
    "slice": "s/slice",
    "drawing": "s/mm",
    "difficulty": "bits",
}


def _tells(name: str, column: NDArray[np.float64]) -> bool:
    """Whether there is enough in a column to tell its constant, apart from the one that every label has."""
    return name == "verification" or (int(np.count_nonzero(column)) >= ENOUGH and float(np.ptp(column)) > 0)


def _nonnegative_fit(columns: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """The factors of the columns, none below 0, whose sum is nearest to what is wanted; far outliers count less."""
    # Only now: it takes half a second.
    from scipy.optimize import least_squares, nnls

    # Of one size each, so that millimetres count like slices.
    scale = np.maximum(np.abs(columns).max(axis=0), 1e-9)
    start, _ = nnls(columns / scale, wanted)
    spread = float(np.median(np.abs(columns / scale @ start - wanted))) or 1.0

    def off(factors: NDArray[np.float64]) -> NDArray[np.float64]:
        missed: NDArray[np.float64] = (columns / scale) @ factors - wanted
        return missed

    fit: Any = least_squares(off, start + 1e-9, bounds=(0, np.inf), loss="soft_l1", f_scale=spread)
    found: NDArray[np.float64] = fit.x / scale
    return found
