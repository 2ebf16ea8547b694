"""Prompts, and how models are asked."""

from __future__ import annotations

from typing import Literal

from jlabel.labeler.protocol.message import ForImage, Incoming, Outgoing
from jlabel.labeler.protocol.values import Number, Step, Value

PromptKind = Literal["click", "box", "scribble", "lasso", "mask"]


class PromptInfo(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A prompt in voxel indices.

    Attributes:
        id: Given by the page that made it; unique in the draft.
        kind: "mask" stands for the label as it was before the prompts; it has no place.
        label: The label's name; empty for the chosen one.
        position: Of a click.
        positive: Whether it says what belongs to the structure; of a click, a scribble and a lasso.
        lower: First corner of a box.
        upper: Last corner of a box.
        positions: Of a scribble's voxels.
        points: Of a lasso's corners.
        plane: The array axis across the plane of a lasso or a box.
        waits: It has no answer yet, or was moved since.
        slice: The array axis and the slice that its model works in; without it the model works in the volume.
        value: Of the object that it is for, where the label's objects are told apart.
    """

    kind: PromptKind
    label: str
    id: str | None = None
    position: list[Number] | None = None
    positive: bool | None = None
    lower: list[Number] | None = None
    upper: list[Number] | None = None
    positions: list[list[Number]] | None = None
    points: list[list[Number]] | None = None
    plane: int | None = None
    waits: bool | None = None
    slice: Step | None = None
    value: int | None = None


class AddPrompt(Incoming, frozen=True, kw_only=True, tag="prompt"):
    """Add a prompt and run the model, unless prompts wait.

    ``axis`` is the array axis across the plane that was clicked; ``slice`` is what that plane shows, for a prompt that
    has no place.
    """

    epoch: int
    prompt: PromptInfo
    axis: int
    slice: int = 0


class ChangePrompt(Incoming, frozen=True, kw_only=True, tag="change_prompt"):
    """A prompt was moved."""

    epoch: int
    id: str
    prompt: PromptInfo


class RemovePrompt(Incoming, frozen=True, kw_only=True, tag="remove_prompt"):
    """Remove a prompt, and what came of it where none is left."""

    epoch: int
    id: str


class ClearPrompts(Incoming, frozen=True, kw_only=True, tag="clear_prompts"):
    """Forget the prompts; what they made stays."""

    epoch: int


class Run(Incoming, frozen=True, kw_only=True, tag="run"):
    """Run the chosen model: an automatic one, or an interactive one again with the present prompts."""

    epoch: int
    axis: int
    slice: int = 0


class LookFurther(ForImage, frozen=True, kw_only=True, tag="look_further"):
    """The structure goes on beyond where the model looked: ask for it again in a larger region."""


class AutoRun(Incoming, frozen=True, kw_only=True, tag="auto_run"):
    """Run the model after every prompt, or only when asked."""

    on: bool


class OthersAsBackground(Incoming, frozen=True, kw_only=True, tag="others_as_background"):
    """Tell models which voxels hold another label, or not."""

    on: bool


class Prompts(Outgoing, frozen=True, kw_only=True, tag="prompts"):
    """All prompts by id, in order.

    ``put`` are those that are new or another, or some of them: more of these messages follow.
    """

    epoch: int
    ids: list[str]
    put: list[PromptInfo]
