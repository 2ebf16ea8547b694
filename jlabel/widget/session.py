"""The prompts of one structure and the mask they started from, so that every new prompt can replace the last answer."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.region import Region, changed_region
from jlabel.tasks.prompts import Box, Click, Lasso, Prompt, Scribble


@dataclass(frozen=True, eq=False)
class PromptSession:
    """Prompts for one label, and the draft as it was before their first answer.

    Attributes:
        label: The structure.
        value: Its value.
        scope: What the prompts have in common besides: the model, and the slice where it works in one.
        prompts: In the order in which they were given.
        region: Where answers have changed the draft so far; empty before the first answer.
        base: The draft in ``region`` before the first answer.
    """

    label: str
    value: int
    scope: Hashable = None
    prompts: tuple[Prompt, ...] = ()
    region: Region | None = None
    base: NDArray[Any] | None = None

    def with_prompt(self, prompt: Prompt) -> PromptSession:
        """With one prompt more."""
        return replace(self, prompts=(*self.prompts, prompt))

    @property
    def has_negative(self) -> bool:
        """Whether a prompt says what does not belong to the structure."""
        return any(isinstance(p, Click | Scribble | Lasso) and not p.positive for p in self.prompts)

    @property
    def has_positive(self) -> bool:
        """Whether a prompt says what belongs to the structure."""
        return any(isinstance(p, Box) or (isinstance(p, Click | Scribble | Lasso) and p.positive) for p in self.prompts)

    def base_of(self, mask: NDArray[Any], region: Region) -> NDArray[Any]:
        """A copy of the draft in a region as it was before the first answer.

        Args:
            mask: The draft now.
            region: Must hold the session's own region.
        """
        base = mask[region.slices].copy(order="F")
        if self.region is not None and self.base is not None:
            base[self.region.inside(region).slices] = self.base
        return base

    def with_answer(self, region: Region, base: NDArray[Any], after: NDArray[Any]) -> PromptSession:
        """With what an answer made of the draft.

        Args:
            region: Where it may have changed the draft.
            base: The draft there before the first answer.
            after: The draft there now.
        """
        part = changed_region(base, after)
        if part is None:
            return replace(self, region=None, base=None)
        return replace(self, region=part.moved(region.lower), base=base[part.slices].copy(order="F"))

    def original(self, mask: NDArray[Any]) -> NDArray[np.bool_]:
        """Where the structure was, in the whole draft, before the first answer."""
        before: NDArray[np.bool_] = mask == self.value
        if self.region is not None and self.base is not None:
            before[self.region.slices] = self.base == self.value
        return before
