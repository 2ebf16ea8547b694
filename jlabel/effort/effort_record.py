"""What the label of one image has cost: the numbers that are kept with it, and reading them back."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec
from msgspec import Meta

#: Under which name it is kept in the info of a label's version.
KEY = "effort"

#: Of a text in it.
MOST_LETTERS = 200

_MOST = 10**9
_Amount = Annotated[float, Meta(ge=0, le=_MOST)]
_Count = Annotated[int, Meta(ge=0, le=_MOST)]
_Text = Annotated[str, Meta(max_length=MOST_LETTERS)]


@dataclass(frozen=True)
class FirstMask:
    """The mask of a model that a label was begun with.

    Attributes:
        model: The model; "" where nobody knows.
        version: Its version; None where it has none, or nobody knows.
    """

    model: _Text = ""
    version: _Count | None = None


@dataclass(frozen=True)
class EffortRecord:
    """What was done to an image from opening it until it was saved, over all sittings on the same draft.

    Attributes:
        seconds: At work; pauses of more than 30 s are left out.
        prompts: How many prompts were given, by kind: ``click``, ``box``, ``scribble``, ``lasso``, ``mask``.
        strokes: How many strokes of brush, eraser and polygon were made.
        stroke_length: How long their ways are together, in ``unit``.
        unit: ``"mm"``, or ``"px"`` for pictures, whose pixels have no size.
        undos: How many steps were taken back.
        operations: How many operations on whole labels were done, such as growing or filling.
        slices: How many slices were looked at, each counted once, in the plane that was worked in.
        model_runs: How often a model was asked.
        model_seconds: How long that took together.
        sittings: How often the draft was opened until it was saved.
        first_mask: The model's mask that the label was begun with; None where it was begun without one.
        id: Its own: whoever copies the label's info copies it too, and it counts once.
    """

    seconds: _Amount = 0.0
    prompts: Annotated[Mapping[_Text, _Count], Meta(max_length=20)] = field(default_factory=dict)
    strokes: _Count = 0
    stroke_length: _Amount = 0.0
    unit: _Text = "mm"
    undos: _Count = 0
    operations: _Count = 0
    slices: _Count = 0
    model_runs: _Count = 0
    model_seconds: _Amount = 0.0
    sittings: _Count = 1
    first_mask: FirstMask | None = None
    id: _Text = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def clicks(self) -> int:
        """How many clicks a model was given."""
        return self.prompts.get("click", 0)

    @property
    def actions(self) -> int:
        """How many prompts, strokes, operations and undos there were."""
        return sum(self.prompts.values()) + self.strokes + self.operations + self.undos

    def to_json(self) -> dict[str, Any]:
        """As it is kept: small, plain JSON."""
        mask = self.first_mask
        return {
            "seconds": round(self.seconds, 2),
            "clicks": self.clicks,
            "prompts": dict(self.prompts),
            "strokes": self.strokes,
            "stroke_length": round(self.stroke_length, 2),
            "unit": self.unit,
            "undos": self.undos,
            "operations": self.operations,
            "slices": self.slices,
            "model_runs": self.model_runs,
            "model_seconds": round(self.model_seconds, 3),
            "sittings": self.sittings,
            "first_mask": None if mask is None else {"model": mask.model, "version": mask.version},
            "id": self.id,
        }

    @classmethod
    def from_json(cls, data: Any) -> EffortRecord | None:
        """What :meth:`to_json` wrote; None for what is no such thing: anybody may have written it."""
        if not isinstance(data, Mapping) or "seconds" not in data:
            return None
        try:
            found = msgspec.convert(data, cls)
        except (msgspec.ValidationError, OverflowError):
            return None
        amounts = (found.seconds, found.stroke_length, found.model_seconds)
        return found if all(map(math.isfinite, amounts)) else None
