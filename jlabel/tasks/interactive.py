"""Interactive tasks: from prompts to the mask of one structure, in a region around the prompts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import PromptError
from jlabel.imaging.region import Region, bounding_region
from jlabel.tasks.infer import InferTask
from jlabel.tasks.prompts import InitialMask, Prompt, check_prompts, move_into, prompt_region
from jlabel.tasks.request import InferRequest, InferResult, Stopwatch
from jlabel.tasks.slices import cut_to_slice, slice_of

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Crop:
    """The part of an image that an interactive task works on.

    Attributes:
        array: The voxels: shape (i, j, k), or (i, j) for a task of dimension 2; a last axis of 3 in an RGB image.
        spacing: mm along each spatial axis of ``array``.
        prompts: In voxel indices of ``array``.
        region: Where it lies in the image.
        dropped: The image axis along which the region is one slice thick and which ``array`` does not have, or None.
    """

    array: NDArray[Any]
    spacing: tuple[float, ...]
    prompts: tuple[Prompt, ...]
    region: Region
    dropped: int | None

    @property
    def ndim(self) -> int:
        """Spatial axes."""
        return len(self.spacing)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape without the colour axis."""
        return tuple(self.array.shape[: self.ndim])


@dataclass(frozen=True, eq=False)
class Found:
    """A structure in a region of an image.

    Attributes:
        region: Where.
        inside: Its voxels: bool, ``region.shape``.
        probabilities: How sure it is that a voxel belongs to it, 0 to 1, of ``region.shape``; None where nobody knows.
    """

    region: Region
    inside: Mask
    probabilities: NDArray[np.float16] | None = None


class InteractiveTask(InferTask):
    """An infer task that is asked with prompts and answers with one structure.

    The whole volume is never touched: the region around the prompts is cut out, :meth:`segment` solves it, and where
    the mask reaches the region's border the region grows and is solved again, up to ``max_grow`` times.

    A task of dimension 2 asked about a volume works in one slice: along the array axis given as ``axis`` (the last one
    if not given), at the index of the last prompt.
    """

    interactive = True
    #: Smallest edge of the region, in mm, and room kept around the prompts.
    extent_mm = 96.0
    margin_mm = 24.0
    #: The same as a part of the image's edge, for pictures whose pixels have no known size.
    extent_part = 0.25
    #: Voxels along an edge that a region never exceeds, in a volume and in a picture or slice.
    max_edge = 160
    max_edge_2d = 1024
    max_grow = 3
    #: How near to the region's border, as a part of its edge, a mask counts as touching it.
    border_part = 0.0

    @abstractmethod
    def segment(self, crop: Crop, request: InferRequest, watch: Stopwatch) -> NDArray[np.bool_]:
        """The structure's voxels in the crop: bool, ``crop.shape``."""

    def __call__(self, request: InferRequest) -> InferResult:
        """Segment the structure that the prompts point at.

        Raises:
            PromptError: There are no prompts, or they do not fit the image.
            TaskError: The method failed.
            Cancelled: Nobody waits for the answer any more.
        """
        watch = Stopwatch()
        prompts = check_prompts(request.prompts, request.image.shape)
        if not prompts:
            raise PromptError("point at the structure first: this model needs a click, a box or a scribble")
        dropped = self._slice_axis(request)
        if dropped is not None:
            prompts = _in_slice(prompts, dropped)
        return self._answer(self.find(request, prompts, dropped, watch), request, watch)

    def find(self, request: InferRequest, prompts: Sequence[Prompt], dropped: int | None, watch: Stopwatch) -> Found:
        """The structure, in a region that grows as long as the structure reaches its border.

        Args:
            request: What was asked.
            prompts: The request's prompts, without those outside of the slice that the task works in.
            dropped: The image axis across that slice, or None.
            watch: For the stages' times.
        """
        return self.search(request, prompts, dropped, lambda crop: self.segment(crop, request, watch))

    def search(
        self, request: InferRequest, prompts: Sequence[Prompt], dropped: int | None, solve: Callable[[Crop], Mask]
    ) -> Found:
        """What ``solve`` finds in the region around the prompts, or in a larger one as long as it reaches the border.

        Args:
            request: What was asked.
            prompts: What the region is to hold.
            dropped: The image axis across the slice that the task works in, or None.
            solve: Gives bool of the crop's shape.
        """
        region = self.first_region(prompts, request, dropped)
        for attempt in range(self.max_grow + 1):
            request.check_cancelled()
            crop = self.crop(request, prompts, region, dropped)
            inside = solve(crop)
            grown = self._grown(inside, crop, request)
            if grown == region or attempt == self.max_grow:
                break
            region = grown
        return Found(region, inside if dropped is None else np.expand_dims(inside, dropped))

    def first_region(self, prompts: Sequence[Prompt], request: InferRequest, dropped: int | None) -> Region:
        """The region to begin with: around all prompts, at least ``extent_mm`` wide and at most ``max_edge`` voxels."""
        shape = request.image.shape
        around = pointed_region(prompts) or Region.whole(shape)
        lower, upper = [], []
        for axis, spacing in enumerate(request.image.spacing):
            if axis == dropped:
                lower.append(around.lower[axis])
                upper.append(around.lower[axis] + 1)
                continue
            low, up = around.lower[axis], around.upper[axis]
            extent = self.extent_mm if request.image.oriented else max(self.extent_mm, self.extent_part * shape[axis])
            room = max(self.margin_mm, (extent - (up - low) * spacing) / 2) / spacing
            edge = min(round(up - low + 2 * room), max(self._edge_limit(request, dropped), up - low + 2))
            low = max(0, min((low + up - edge) // 2, shape[axis] - edge))
            lower.append(low)
            upper.append(min(shape[axis], low + edge))
        return Region(tuple(lower), tuple(upper))

    def can_grow(self, crop: Crop, request: InferRequest) -> bool:
        """Whether the region could still be made larger, on any side, for a mask that touches it."""
        limit = self._edge_limit(request, crop.dropped)
        edges = zip(crop.region.shape, request.image.shape, strict=True)
        return any(axis != crop.dropped and n < min(whole, limit - 1) for axis, (n, whole) in enumerate(edges))

    def _edge_limit(self, request: InferRequest, dropped: int | None) -> int:
        return self.max_edge_2d if dropped is not None or request.image.ndim == 2 else self.max_edge

    def _slice_axis(self, request: InferRequest) -> int | None:
        if self.dimension != 2 or request.image.ndim != 3:
            return None
        thin = [axis for axis, n in enumerate(request.image.shape) if n == 1]
        axis = int(request.params.get("axis", thin[0] if len(thin) == 1 else 2))
        if not 0 <= axis < 3:
            raise PromptError(f"axis is the array axis across the slice: 0, 1 or 2, not {axis}")
        return axis

    def crop(self, request: InferRequest, prompts: Sequence[Prompt], region: Region, dropped: int | None) -> Crop:
        """The part of the request's image in a region, with the prompts in its coordinates."""
        array = request.image.array[region.slices]
        spacing = list(request.image.spacing)
        if dropped is not None:
            array = array.squeeze(dropped)
            del spacing[dropped]
        moved = tuple(move_into(prompt, region, dropped) for prompt in prompts)
        return Crop(array, tuple(spacing), moved, region, dropped)

    def _grown(self, inside: NDArray[np.bool_], crop: Crop, request: InferRequest) -> Region:
        """The region, larger by half on each side whose border the mask touches."""
        mask = inside if crop.dropped is None else np.expand_dims(inside, crop.dropped)
        found = bounding_region(mask)
        if found is None:
            return crop.region
        lower, upper = list(crop.region.lower), list(crop.region.upper)
        for axis, n in enumerate(crop.region.shape):
            if axis == crop.dropped:
                continue
            room = self._edge_limit(request, crop.dropped) - n
            # A side at the image's own edge cannot grow, and leaves the room to the other one.
            near = int(self.border_part * n)
            below = found.lower[axis] <= near and lower[axis] > 0
            above = found.upper[axis] >= n - near and upper[axis] < request.image.shape[axis]
            step = min(n // 2 + 1, room // (below + above) if below or above else 0)
            if step <= 0:
                continue
            lower[axis] -= step * below
            upper[axis] += step * above
        return Region(tuple(lower), tuple(upper)).clip(request.image.shape)

    def _answer(self, found: Found, request: InferRequest, watch: Stopwatch) -> InferResult:
        name = request.label or next(iter(self.labels or request.labels), "")
        value = {**self.labels, **request.labels}.get(name, 1)
        values: NDArray[Any] = np.zeros(found.inside.shape, np.uint8 if value <= np.iinfo(np.uint8).max else np.uint16)
        values[found.inside] = value
        sure = found.probabilities if request.probabilities else None
        return InferResult(
            region=found.region,
            values=values,
            shape=request.image.shape,
            labels={name: value} if name else {},
            latencies=watch.latencies(),
            image_id=request.image_id,
            probabilities=None if sure is None else sure[np.newaxis].astype(np.float16, copy=False),
            classes=() if sure is None else (name,),
            outside=next(((p.mask, value) for p in self._starts(request)), None),
        )

    def _starts(self, request: InferRequest) -> list[InitialMask]:
        """The initial masks that the answer goes on from."""
        return [p for p in request.prompts if isinstance(p, InitialMask)] if self.takes_mask else []


def pointed_region(prompts: Sequence[Prompt]) -> Region | None:
    """The smallest region that holds what was pointed at; around an initial mask only where it is the one prompt.

    A mask may be a whole organ, and to change a part of it only that part's surroundings are needed.
    """
    pointed = [prompt for prompt in prompts if not isinstance(prompt, InitialMask)]
    return prompt_region(pointed or prompts)


def _in_slice(prompts: Sequence[Prompt], axis: int) -> tuple[Prompt, ...]:
    """The prompts that lie in the slice of the last one (boxes and masks: the part of them in that slice)."""
    index = slice_of(prompts[-1], axis)
    cut = (cut_to_slice(prompt, axis, index) for prompt in prompts)
    return tuple(prompt for prompt in cut if prompt is not None)
