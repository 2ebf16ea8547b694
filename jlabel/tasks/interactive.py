"""Interactive tasks: from prompts to the mask of one structure, in a region around the prompts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import PromptError
from jlabel.imaging.finite import filled
from jlabel.imaging.region import Region, bounding_region
from jlabel.prompts.in_slice import cut_to_slice, slice_of
from jlabel.prompts.prompt import InitialMask, Prompt
from jlabel.prompts.prompt_geometry import check_prompts, move_into
from jlabel.tasks.crop import Crop, Found, Mask, is_cut_off, pointed_region
from jlabel.tasks.infer import InferTask
from jlabel.tasks.request import InferRequest, InferResult, Stopwatch
from jlabel.tasks.stages import Callbacks, no_callbacks

ROOM = "room"
"""The parameter of a call that says how much larger the region may become: 0, 1, 2, … times as long at each edge."""


class InteractiveTask(InferTask):
    """Base class of interactive tasks: an infer task that takes prompts and finds one structure.

    It works on the region around the prompts, not on the whole volume: the region is cut out, :meth:`segment` gets it,
    and if the mask reaches the border of the region, the region grows and :meth:`segment` is called again, up to
    ``max_grow`` times. A mask that still reaches it is ``cut_off``; the parameter ``room`` of a call (1, 2, …) lets the
    region grow further.

    A task of dimension 2 works in one slice of a volume: across the array axis ``axis`` of the request's ``params`` (0,
    1 or 2; 2 if not given), at the index of the last prompt.

    Args:
        path: As for :class:`jlabel.InferTask`, as are the following.
        network: The network, if the task has one.
        type: The kind of the task.
        labels: The structures that the task finds; all labels of the app if not given.
        dimension: 2 or 3, the number of spatial axes that the task sees.
        description: Shown to users.
        model_state_dict: The key of the network's weights in the file.
        config: Parameters of a call and their default values.
        published: The model that a train task publishes.

    Examples:
        >>> class NearClick(jlabel.InteractiveTask):
        ...     def pre_transforms(self, data): return []
        ...     def inferer(self, data): return []
        ...     def post_transforms(self, data): return []
        ...     def segment(self, crop, request, watch):
        ...         value = int(crop.array[crop.prompts[-1].position])
        ...         return np.abs(crop.array.astype(int) - value) < 30
        >>> image = jlabel.read_image(studies / "case_0.nii.gz")
        >>> request = jlabel.InferRequest(image, "case_0", (jlabel.Click((6, 5, 4)),), labels={"liver": 1})
        >>> result = NearClick()(request)
        >>> result.mask.shape, int(result.mask[6, 5, 4]), int(result.mask[0, 0, 0])
        ((12, 10, 8), 1, 0)
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
        """The voxels of the structure in a region of the image.

        Args:
            crop: The voxels of the region, shape ``(i, j, k)`` or ``(i, j)``, and the prompts in voxel indices of it.
            request: The request that is answered.
            watch: Measures the time of the stages.

        Returns:
            True inside of the structure: bool, of the shape ``crop.shape``.
        """

    def __call__(self, request: InferRequest, callbacks: Callbacks | None = None) -> InferResult:
        """Segment the structure that the prompts mark.

        Raises:
            PromptError: There are no prompts, or they do not fit the image.
            TaskError: The method failed.
            Cancelled: Nobody waits for the answer any more.
        """
        no_callbacks(self, callbacks)
        watch = Stopwatch()
        prompts = check_prompts(request.prompts, request.image.shape)
        if not prompts:
            raise PromptError("point at the structure first: this model needs a click, a box or a scribble")
        dropped = self._slice_axis(request)
        if dropped is not None:
            prompts = _in_slice(prompts, dropped)
        return self._answer(self.find(request, prompts, dropped, watch), request, watch)

    def find(self, request: InferRequest, prompts: Sequence[Prompt], dropped: int | None, watch: Stopwatch) -> Found:
        """The structure, in a region that grows while the structure reaches its border.

        Args:
            request: The request that is answered.
            prompts: The request's prompts, without those outside of the slice that the task works in.
            dropped: The image axis across that slice, or None.
            watch: For the stages' times.
        """
        return self.search(request, prompts, dropped, lambda crop: self.segment(crop, request, watch))

    def search(
        self, request: InferRequest, prompts: Sequence[Prompt], dropped: int | None, solve: Callable[[Crop], Mask]
    ) -> Found:
        """The result of ``solve`` in the region around the prompts, which grows while the result reaches its border.

        Args:
            request: The request that is answered.
            prompts: What the region is to hold.
            dropped: The image axis across the slice that the task works in, or None.
            solve: Gives bool of the crop's shape.
        """
        region = self.first_region(prompts, request, dropped)
        most = self.max_grow + _room(request)
        for attempt in range(most + 1):
            request.check_cancelled()
            crop = self.crop(request, prompts, region, dropped)
            inside = solve(crop)
            grown = self._grown(inside, crop, request)
            if grown == region or attempt == most:
                break
            region = grown
        return Found(region, inside if dropped is None else np.expand_dims(inside, dropped))

    def first_region(self, prompts: Sequence[Prompt], request: InferRequest, dropped: int | None) -> Region:
        """The first region: around all prompts, at least ``extent_mm`` wide and at most ``max_edge`` voxels."""
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
        """Whether the region can still grow on some side."""
        limit = self._edge_limit(request, crop.dropped)
        edges = zip(crop.region.shape, request.image.shape, strict=True)
        return any(axis != crop.dropped and n < min(whole, limit - 1) for axis, (n, whole) in enumerate(edges))

    def _edge_limit(self, request: InferRequest, dropped: int | None) -> int:
        edge = self.max_edge_2d if dropped is not None or request.image.ndim == 2 else self.max_edge
        return edge * (1 + _room(request))

    def _slice_axis(self, request: InferRequest) -> int | None:
        if self.dimension != 2 or request.image.ndim != 3:
            return None
        thin = [axis for axis, n in enumerate(request.image.shape) if n == 1]
        axis = int(request.params.get("axis", thin[0] if len(thin) == 1 else 2))
        if not 0 <= axis < 3:
            raise PromptError(f"axis is the array axis across the slice: 0, 1 or 2, not {axis}")
        return axis

    def crop(self, request: InferRequest, prompts: Sequence[Prompt], region: Region, dropped: int | None) -> Crop:
        """The voxels of the request's image in a region, with the prompts in voxel indices of the region.

        Padding counts as the lowest of the region's other values.
        """
        array = request.image.array[region.slices]
        if request.image.padding is not None:
            array = filled(array, padding=request.image.padding)
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
            cut_off=self.max_grow > 0 and not self._starts(request) and is_cut_off(found, request.image.shape),
        )

    def _starts(self, request: InferRequest) -> list[InitialMask]:
        """The initial masks that the answer goes on from."""
        return [p for p in request.prompts if isinstance(p, InitialMask)] if self.takes_mask else []


def _room(request: InferRequest) -> int:
    """How many times the structure was found to go on beyond the region, and the region is to be larger."""
    return max(0, int(request.params.get(ROOM, 0)))


def _in_slice(prompts: Sequence[Prompt], axis: int) -> tuple[Prompt, ...]:
    """The prompts that lie in the slice of the last one (boxes and masks: the part of them in that slice)."""
    index = slice_of(prompts[-1], axis)
    cut = (cut_to_slice(prompt, axis, index) for prompt in prompts)
    return tuple(prompt for prompt in cut if prompt is not None)
