"""What a person chooses among: models, strategies, labels and tools."""

from __future__ import annotations

from typing import Literal

from jlabel.labeler.protocol.message import Incoming
from jlabel.labeler.protocol.values import Value

Choice = Literal["model", "strategy", "label", "tool"]
ToolName = Literal[
    "navigate",
    "click-add",
    "click-remove",
    "box",
    "scribble",
    "lasso",
    "brush",
    "eraser",
    "polygon",
    "fill",
]


class ModelInfo(Value, frozen=True, kw_only=True):
    """A model.

    Attributes:
        name: Its name in the app.
        description: For people.
        interactive: It takes prompts.
        dimension: 2 where it works in one slice, else 3.
        valid: It can be run: its weights are there.
        takes_mask: It can start from the present mask of a label.
    """

    name: str
    description: str
    interactive: bool
    dimension: int
    valid: bool
    takes_mask: bool


class NamedInfo(Value, frozen=True, kw_only=True):
    """A strategy: its name, and what it does in words."""

    name: str
    description: str


class Choose(Incoming, frozen=True, kw_only=True, tag="choose"):
    """Choose a model, a strategy, a label or a tool by its name."""

    what: Choice
    value: str
