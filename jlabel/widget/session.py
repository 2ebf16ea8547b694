"""The prompts of one structure and the mask they started from, so that every new prompt can replace the last answer."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.patch import decode_labels, encode_voxels
from jlabel.imaging.region import Region, changed_region
from jlabel.tasks.prompts import Box, Click, Lasso, Prompt, Scribble


@dataclass(frozen=True)
class Given:
    """A prompt and its name.

    Attributes:
        id: Unique in the draft.
        prompt: None stands for the structure as it was before these prompts: "the present mask" as a prompt.
    """

    id: str
    prompt: Prompt | None


@dataclass(frozen=True, eq=False)
class PromptSession:
    """Prompts for one label, and the draft as it was before their first answer.

    Attributes:
        label: The structure.
        value: Its value.
        scope: What the prompts have in common besides: the model, and the slice where it works in one.
        axis: The array axis across the plane in which they were given.
        given: The prompts, in the order in which they were given.
        region: Where answers have changed the draft so far; None before the first answer.
        base: The draft in ``region`` before the first answer, as :func:`jlabel.imaging.encode_voxels` writes it.
        after: The draft in ``region`` as the last answer left it, likewise.
    """

    label: str
    value: int
    scope: Hashable = None
    axis: int = 0
    given: tuple[Given, ...] = ()
    region: Region | None = None
    base: bytes = b""
    after: bytes = b""

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The prompts themselves."""
        return tuple(one.prompt for one in self.given if one.prompt is not None)

    @property
    def bytes(self) -> int:
        """Memory that the remembered voxels take."""
        return len(self.base) + len(self.after)

    def with_prompt(self, given: Given) -> PromptSession:
        """With one prompt more, or another one in the place of that of the same name."""
        if any(one.id == given.id for one in self.given):
            return replace(self, given=tuple(given if one.id == given.id else one for one in self.given))
        return replace(self, given=(*self.given, given))

    def without(self, name: str) -> PromptSession:
        """Without the prompt of that name."""
        return replace(self, given=tuple(one for one in self.given if one.id != name))

    @property
    def has_negative(self) -> bool:
        """Whether a prompt says what does not belong to the structure."""
        return any(isinstance(p, Click | Scribble | Lasso) and not p.positive for p in self.prompts)

    @property
    def has_mask(self) -> bool:
        """Whether the structure as it was is one of the prompts."""
        return any(one.prompt is None for one in self.given)

    @property
    def has_positive(self) -> bool:
        """Whether a prompt says what belongs to the structure."""
        return any(isinstance(p, Box) or (isinstance(p, Click | Scribble | Lasso) and p.positive) for p in self.prompts)

    def base_of(self, mask: NDArray[Any], region: Region) -> NDArray[Any]:
        """A copy of the draft in a region as it would be without the answers.

        What was changed by other means since the last answer stays as it is.

        Args:
            mask: The draft now.
            region: Must hold the session's own region.
        """
        copy = mask[region.slices].copy(order="F")
        if self.region is not None:
            part = copy[self.region.inside(region).slices]
            base, after = (decode_labels(voxels, self.region) for voxels in (self.base, self.after))
            np.copyto(part, base, where=part == after)
        return copy

    def with_answer(self, region: Region, base: NDArray[Any], after: NDArray[Any]) -> PromptSession:
        """With what an answer made of the draft.

        Args:
            region: Where it may have changed the draft.
            base: The draft there before the first answer.
            after: The draft there now.
        """
        part = changed_region(base, after)
        if part is None:
            return replace(self, region=None, base=b"", after=b"")
        voxels = (encode_voxels(array[part.slices]) for array in (base, after))
        return replace(self, region=part.moved(region.lower), base=next(voxels), after=next(voxels))

    def original(self, mask: NDArray[Any]) -> NDArray[np.bool_]:
        """Where the structure would be, in the whole draft, without the answers."""
        before: NDArray[np.bool_] = mask == self.value
        if self.region is not None:
            before[self.region.slices] = self.base_of(mask, self.region) == self.value
        return before
