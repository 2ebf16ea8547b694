"""What a click network works in: a volume, a picture, or one slice of a volume, with the prompts in its voxels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.click.network import Design
from jlabel.click.view import View
from jlabel.imaging.finite import filled
from jlabel.imaging.region import Region, bounding_region
from jlabel.interactive.scale import far_too_large
from jlabel.prompts.prompt import Click, InitialMask, Prompt
from jlabel.prompts.prompt_geometry import move_into
from jlabel.tasks.crop import pointed_region
from jlabel.tasks.request import InferRequest

Mask = NDArray[np.bool_]

#: A view is so many times as wide as what is meant: the structures of the training fill about that part of an image.
ROOM = 2.5
_LEAST_EDGE = 24  # voxels along the finest axis
_LOOKED_AT = 200  # voxels along an edge, of which more say nothing about the size of a mask


@dataclass(frozen=True, eq=False)
class Plane:
    """An image, or one slice of it, without the axis across the slice.

    Attributes:
        array: Voxels, with a last axis of colours or without.
        spacing: mm along each axis.
        prompts: In its voxels, the newest last; without initial masks.
        dropped: The image's axis across the slice, or None.
        index: Of the slice along that axis.
    """

    array: NDArray[Any]
    spacing: tuple[float, ...]
    prompts: tuple[Prompt, ...]
    dropped: int | None
    index: int

    @classmethod
    def of(cls, request: InferRequest, prompts: Sequence[Prompt], dropped: int | None) -> Plane:
        """The slice of the newest prompt, or all of the image where no axis is dropped."""
        image, whole, array = request.image, Region.whole(request.image.shape), request.image.array
        if image.padding is not None:
            array = request.prepared.get("unpadded", lambda: filled(image.array, padding=image.padding))
        pointed = [prompt for prompt in prompts if not isinstance(prompt, InitialMask)]
        moved = tuple(move_into(prompt, whole, dropped) for prompt in pointed)
        if dropped is None:
            return cls(array, tuple(image.spacing), moved, None, 0)
        around = pointed_region(prompts[-1:]) or whole
        index = around.lower[dropped]
        spacing = tuple(s for axis, s in enumerate(image.spacing) if axis != dropped)
        return cls(array.take(index, axis=dropped), spacing, moved, dropped, index)

    @property
    def shape(self) -> tuple[int, ...]:
        """Voxels along each axis."""
        return tuple(self.array.shape[: len(self.spacing)])

    def region(self, flat: Region) -> Region:
        """A region of it as one of the image."""
        if self.dropped is None:
            return flat
        lower, upper = list(flat.lower), list(flat.upper)
        lower.insert(self.dropped, self.index)
        upper.insert(self.dropped, self.index + 1)
        return Region(tuple(lower), tuple(upper))

    def flat(self, mask: Mask) -> Mask:
        """A mask of a region of the image without the axis across the slice."""
        return mask if self.dropped is None else mask.squeeze(self.dropped)

    def solid(self, mask: NDArray[Any]) -> NDArray[Any]:
        """A mask of a region of the plane with the axis across the slice."""
        return mask if self.dropped is None else np.expand_dims(mask, self.dropped)

    def view(self, design: Design, mask: Mask | None = None, extent: float = 0.0) -> View:
        """Where a network of that design looks: around all prompts and the mask, with room about them.

        Args:
            design: Of the network.
            mask: What was found so far, of the plane's shape.
            extent: In mm: how large the structure is at least taken to be.
        """
        found = None if mask is None else bounding_region(mask)
        around = pointed_region(self.prompts)
        whole = Region.whole(self.shape)
        around = found or whole if around is None else around if found is None else around.union(found)
        sides = [n * s for n, s in zip(around.shape, self.spacing, strict=True)]
        least = _LEAST_EDGE * min(self.spacing)
        most = max(least, *(n * s for n, s in zip(self.shape, self.spacing, strict=True)))
        edge = min(max(ROOM * max(*sides, extent), least), most)
        centre = [(low + up) / 2 for low, up in zip(around.lower, around.upper, strict=True)]
        return View.around(centre, edge, self.spacing, self.shape, design.size)

    def far_too_large(self, mask: Mask) -> bool:
        """Whether the newest prompt says that a mask of the plane's shape is wrong in its core, not at its border."""
        newest = self.prompts[-1]
        step = max(1, -(-max(self.shape) // _LOOKED_AT))
        if not isinstance(newest, Click) or newest.positive:
            return False
        inside = mask[(slice(None, None, step),) * mask.ndim]
        negative, positive = np.zeros_like(inside), np.zeros_like(inside)
        negative[tuple(p // step for p in newest.position)] = True
        for click in self.prompts[:-1]:
            if isinstance(click, Click) and click.positive:
                positive[tuple(p // step for p in click.position)] = True
        return far_too_large(inside, negative, positive, [s * step for s in self.spacing])
