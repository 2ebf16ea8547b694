"""What a person does to the open image, and what models do for them: one small class for each thing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StrokeMade:
    """A stroke of brush, eraser or polygon is in the draft.

    Attributes:
        length: Of its way in mm; of a picture in pixels.
    """

    length: float


@dataclass(frozen=True)
class PromptGiven:
    """A prompt was given.

    Attributes:
        kind: ``click``, ``box``, ``scribble``, ``lasso`` or ``mask``.
    """

    kind: str


@dataclass(frozen=True)
class StepUndone:
    """A step, a prompt or what was asked was taken back."""


@dataclass(frozen=True)
class OperationDone:
    """An operation on a whole label was done."""


@dataclass(frozen=True)
class ModelAsked:
    """A model was asked for something."""


@dataclass(frozen=True)
class ModelRan:
    """What a model was asked has ended, whatever came of it.

    Attributes:
        seconds: How long that took.
    """

    seconds: float


Action = StrokeMade | PromptGiven | StepUndone | OperationDone | ModelAsked | ModelRan
