"""The prompts of one structure and the mask they started from, so that every new prompt can replace the last answer."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.codec.voxels import decode_labels, encode_voxels
from jlabel.imaging.region import Region, bounding_region
from jlabel.prompts.prompt import Box, Click, Lasso, Prompt, Scribble

Key = tuple[int, Hashable]


@dataclass(frozen=True)
class GivenPrompt:
    """A prompt and its name.

    Attributes:
        id: Unique in the draft.
        prompt: None stands for the structure as it was before these prompts: "the present mask" as a prompt.
    """

    id: str
    prompt: Prompt | None


@dataclass(frozen=True, eq=False)
class PromptGroup:
    """Prompts for one label, and the draft as it was before their first answer.

    Attributes:
        label: The structure.
        value: Its value.
        scope: What the prompts have in common besides: the model, and the axis and slice where it works in one.
        axis: The array axis across the plane in which they were given.
        given: The prompts, in the order in which they were given.
        answered: Those that the last answer came from.
        region: Where answers have changed the draft so far; None before the first answer.
        base: The draft in ``region`` without the answers, as :func:`jlabel.imaging.encode_voxels` writes it.
        after: The draft in ``region`` as the last answer left it, likewise.
        also: Voxels of the last answer that have the label without it too, as 0 and 1; empty where there are none.
        layer: The answer lies over those of groups with a smaller number.
    """

    label: str
    value: int
    scope: Hashable = None
    axis: int = 0
    given: tuple[GivenPrompt, ...] = ()
    answered: tuple[GivenPrompt, ...] = ()
    region: Region | None = None
    base: bytes = b""
    after: bytes = b""
    also: bytes = b""
    layer: int = 0

    @property
    def key(self) -> Key:
        """What tells it from other groups of a draft."""
        return self.value, self.scope

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The prompts themselves."""
        return tuple(one.prompt for one in self.given if one.prompt is not None)

    @property
    def size(self) -> int:
        """Memory that the remembered voxels take."""
        return len(self.base) + len(self.after) + len(self.also)

    @property
    def stale(self) -> bool:
        """Whether the prompts are others than those that were answered."""
        return self.given != self.answered

    def waits(self, given: GivenPrompt) -> bool:
        """Whether a prompt has no answer yet, or was moved since."""
        return given not in self.answered

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

    def with_prompt(self, given: GivenPrompt) -> PromptGroup:
        """With one prompt more, or another one in the place of that of the same name."""
        if any(one.id == given.id for one in self.given):
            return replace(self, given=tuple(given if one.id == given.id else one for one in self.given))
        return replace(self, given=(*self.given, given))

    def without(self, name: str) -> PromptGroup:
        """Without the prompt of that name."""
        return replace(self, given=tuple(one for one in self.given if one.id != name))

    def voxels(self, dtype: np.dtype[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """``base`` and ``after`` in the shape of the region, which there must be."""
        assert self.region is not None
        base, after = (decode_labels(voxels, self.region) for voxels in (self.base, self.after))
        return base.astype(dtype), after.astype(dtype)

    def own(self, base: NDArray[Any], after: NDArray[Any]) -> NDArray[np.bool_]:
        """The voxels of the region that the last answer has or took away, with ``base`` and ``after`` unpacked."""
        own: NDArray[np.bool_] = base != after
        if self.also and self.region is not None:
            own |= decode_labels(self.also, self.region) != 0
        return own

    def over(self, settled: PromptGroup | None) -> PromptGroup:
        """The same prompts, to go on from what is settled of this group by now."""
        if settled is None or (self.region is None and self.has_mask):
            return replace(self, answered=(), region=None, base=b"", after=b"", also=b"", layer=0)
        fields = {name: getattr(settled, name) for name in ("answered", "region", "base", "after", "also", "layer")}
        return replace(self, **fields)

    def over_voxels(self, base: NDArray[Any], after: NDArray[Any], own: NDArray[np.bool_]) -> PromptGroup:
        """Over another draft, in the same region; of ``own``, what has the label and had it before is remembered."""
        also = own & (base == after) & (after == self.value)
        packed = encode_voxels(also.astype(np.uint8)) if also.any() else b""
        return replace(self, base=encode_voxels(base), after=encode_voxels(after), also=packed)

    def with_answer(
        self, region: Region, base: NDArray[Any], after: NDArray[Any], inside: NDArray[np.bool_], layer: int
    ) -> PromptGroup:
        """With what an answer made of the draft.

        Args:
            region: Where it may have changed the draft.
            base: The draft there without this group.
            after: The draft there now.
            inside: Where the answer lies.
            layer: The answer lies over those of groups with a smaller number.
        """
        own = (base != after) | (inside & (after == self.value))
        part = bounding_region(own)
        if part is None:
            return replace(self, region=None, base=b"", after=b"", also=b"", layer=layer)
        cut = (base[part.slices], after[part.slices], own[part.slices])
        return replace(self, region=part.moved(region.lower), layer=layer).over_voxels(*cut)


PromptGroups = tuple[PromptGroup, ...]
