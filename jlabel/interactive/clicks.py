"""Segmentation that needs no trained model: clicks, boxes, scribbles and lassos to the mask of one structure."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import PromptError, TaskError
from jlabel.imaging.region import Region
from jlabel.interactive.corrections import Recent, SegmentationState, correct
from jlabel.interactive.revision import revision, starts_over
from jlabel.interactive.seeds import make_seeds
from jlabel.interactive.solve import Solver
from jlabel.prompts.prompt import Click, InitialMask, Prompt
from jlabel.prompts.prompt_geometry import move_into, prompt_positions
from jlabel.tasks.crop import Crop, Found, pointed_region
from jlabel.tasks.interactive import ROOM, InteractiveTask
from jlabel.tasks.keys import Step
from jlabel.tasks.request import InferRequest, Stopwatch

# Seconds for which a step is worth finishing when the next click is there already: that one goes on from its outcome.
_WORTH_FINISHING = 0.5


class ClassicClickSegment(InteractiveTask):
    """Interactive segmentation without a trained model: clicks, boxes, scribbles, lassos or a mask to start from.

    Geodesic distances from the clicks give nested candidate regions. The one with the best border gives an intensity
    model, and a random walk with that model as its prior gives the border. A 2D image is segmented in 2D, a volume in
    3D.

    A request's ``params`` may hold ``method`` (``"auto"``, ``"geodesic"``, ``"random_walker"``, ``"graph_cut"``) and
    ``likelihood`` (``"histogram"``, ``"gmm"``).

    Sources: geodesic distances of Bai and Sapiro 2007, Criminisi, Sharp and Blake 2008, and Wang et al. 2018
    ("DeepIGeoS"); random walks of Grady 2005 and 2006; graph cuts of Boykov and Jolly 2001.

    Args:
        labels: The structures that the task finds; all labels of the app if not given.
        description: Shown to users.
        dimension: 3, or 2 to work in one slice of a volume.
        config: Values of ``method`` and ``likelihood`` for requests that do not give them.

    Examples:
        >>> task = jlabel.ClassicClickSegment()
        >>> image = jlabel.read_image(studies / "case_0.nii.gz")
        >>> clicks = (jlabel.Click((6, 5, 4)), jlabel.Click((0, 0, 0), positive=False))
        >>> result = task(jlabel.InferRequest(image, "case_0", clicks, label="liver", labels={"liver": 1}))
        >>> result.mask.shape, int(result.mask[6, 5, 4]), int(result.mask[0, 0, 0])
        ((12, 10, 8), 1, 0)
    """

    about: ClassVar[str] = "Click on a structure to get its mask; works without a trained model"
    defaults: ClassVar[Mapping[str, Any]] = {"method": "auto", "likelihood": "gmm"}
    cpu_only = True
    takes_mask = True
    max_grow = 4
    max_edge = 256  # large regions are solved on a coarser grid

    def __init__(
        self,
        labels: str | Sequence[str] | Mapping[str, int] | None = None,
        description: str = "",
        dimension: int = 3,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            type="interactive",
            labels=labels,
            dimension=dimension,
            description=description or self.about,
            config={**self.defaults, **(config or {})},
        )
        self._recent = Recent()

    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """None: there is no network."""
        return []

    def inferer(self, data: dict[str, Any]) -> Sequence[Step]:
        """None: there is no network."""
        return []

    def post_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """None: there is no network."""
        return []

    def find(self, request: InferRequest, prompts: Sequence[Prompt], dropped: int | None, watch: Stopwatch) -> Found:
        """The structure. With an initial mask, only a part around each prompt changes, the rest stays voxel for voxel.

        Clicks alone start from what the clicks before the newest one found, and hold on to it away from the newest one;
        a click that says what was found already changes nothing, and counts from the next one on.
        """
        standing = self._standing(request, tuple(prompts), dropped, watch)
        if standing.found is not None:
            return standing.found
        region = pointed_region(prompts) or Region.whole(request.image.shape)
        return Found(region, standing.within(region))

    def _standing(
        self, request: InferRequest, prompts: tuple[Prompt, ...], dropped: int | None, watch: Stopwatch
    ) -> SegmentationState:
        """What all prompts say, from what those before the newest ones were found to say."""
        choice = (dropped, *self._choices(request))
        start = prompts[0].mask if isinstance(prompts[0], InitialMask) else None
        count, standing = len(prompts), None
        while standing is None and count:
            standing = self._known(request, prompts[:count], choice, start)
            if standing is None and not self._goes_on(request, prompts[:count], dropped):
                standing = self._begin(_finishing(request), prompts[:count], dropped, watch)
                self._recent.put(request.image, prompts[:count], choice, standing)
            count -= standing is None
        assert standing is not None
        for end in range(count + 1, len(prompts) + 1):
            standing = self._next(standing, _finishing(request), prompts[:end], dropped, watch)
            self._recent.put(request.image, prompts[:end], choice, standing)
        return standing

    def _known(
        self, request: InferRequest, prompts: tuple[Prompt, ...], choice: tuple[Any, ...], start: Any
    ) -> SegmentationState | None:
        if start is not None and len(prompts) == 1:
            return SegmentationState(start)
        known = self._recent.get(request.image, prompts, choice)
        return None if known is None else replace(known, start=start)

    def _begin(
        self, request: InferRequest, prompts: tuple[Prompt, ...], dropped: int | None, watch: Stopwatch
    ) -> SegmentationState:
        """What the first prompts say, without anything to go on from."""
        return SegmentationState(found=super().find(request, prompts, dropped, watch))

    def _goes_on(self, request: InferRequest, prompts: tuple[Prompt, ...], dropped: int | None) -> bool:
        """Whether the newest prompt corrects what those before it say."""
        if isinstance(prompts[0], InitialMask):
            return not any(isinstance(prompt, InitialMask) for prompt in prompts[1:])
        return _clicks_before(prompts)

    def _next(
        self,
        before: SegmentationState,
        request: InferRequest,
        prompts: tuple[Prompt, ...],
        dropped: int | None,
        watch: Stopwatch,
    ) -> SegmentationState:
        if isinstance(prompts[0], InitialMask):
            return self._corrected(before, request, prompts, dropped, watch)
        if before.agrees_with(prompts[-1]):
            return before
        found = self.search(request, prompts, dropped, lambda crop: self._solve(crop, request, watch, before))
        had = before.within(found.region)
        clicks = [click for click in (move_into(p, found.region) for p in prompts) if isinstance(click, Click)]
        if starts_over(had, found.inside, clicks, request.image.spacing):
            return SegmentationState(found=replace(found, inside=found.inside & had))
        near = self._corrected(before, request, prompts, dropped, watch)
        change = revision(had, found.inside, clicks, request.image.spacing)
        now = near.within(found.region)
        return near.changed(found.region, now | change if clicks[-1].positive else now & ~change)

    def _corrected(
        self,
        before: SegmentationState,
        request: InferRequest,
        prompts: Sequence[Prompt],
        dropped: int | None,
        watch: Stopwatch,
    ) -> SegmentationState:
        """The standing before, changed where it contradicts the newest prompt."""
        others = [prompt for prompt in prompts[:-1] if not isinstance(prompt, InitialMask)]

        def change(crop: Crop) -> NDArray[np.bool_]:
            near = [move_into(p, crop.region, dropped) for p in others if crop.region.contains(_extent(p))]
            with watch.stage("inferer"):
                had = _flat(before.within(crop.region), dropped)
                around = replace(crop, prompts=(*near, *crop.prompts))
                now = correct(self._solver(request), around, had, request.check_cancelled)
                return np.asarray(now != had)

        found = self.search(request, prompts[-1:], dropped, change)
        return (
            before.changed(found.region, before.within(found.region) ^ found.inside) if found.inside.any() else before
        )

    def _choices(self, request: InferRequest) -> tuple[str, ...]:
        """All but image and prompts on which an answer depends."""
        return (*(str(self._choice(request, name)) for name in self.defaults), str(request.params.get(ROOM, 0)))

    def _choice(self, request: InferRequest, name: str) -> Any:
        return request.params.get(name, self.config[name])

    def _solver(self, request: InferRequest) -> Solver:
        return Solver(str(self._choice(request, "method")), str(self._choice(request, "likelihood")))

    def segment(self, crop: Crop, request: InferRequest, watch: Stopwatch) -> NDArray[np.bool_]:
        """The structure's voxels in the crop; every positive click is inside and every negative one outside.

        Raises:
            PromptError: No prompt says what is inside.
            TaskError: An unknown method or likelihood was asked for.
        """
        return self._solve(crop, request, watch, None)

    def _solve(
        self, crop: Crop, request: InferRequest, watch: Stopwatch, before: SegmentationState | None
    ) -> NDArray[np.bool_]:
        with watch.stage("pre"):
            solver = self._solver(request)
            seeds = make_seeds(crop.prompts, crop.shape)
            if not seeds.foreground.any() and seeds.prior is None:
                raise PromptError("show what belongs to the structure too: a positive click, a scribble or a box in it")
            if before is not None:
                newest = make_seeds(crop.prompts[-1:], crop.shape)
                had = _flat(before.within(crop.region), crop.dropped)
                seeds = replace(seeds, before=had, newest=newest.foreground | newest.background)
        # Negative prompts tell the size; before them a region inside of a large structure is mistaken for its noise.
        open_ended = not seeds.background.any() and self.can_grow(crop, request)
        with watch.stage("inferer"):
            try:
                return solver.solve(crop.array, crop.spacing, seeds, open_ended, request.check_cancelled)
            except MemoryError as error:
                raise TaskError(f"not enough memory for a region of shape {crop.shape}") from error


def _finishing(request: InferRequest) -> InferRequest:
    """The request for one step: once begun, a short one is brought to its end.

    Raises:
        Cancelled: Nobody waits for the answer any more.
    """
    request.check_cancelled()
    until = time.monotonic() + _WORTH_FINISHING
    return replace(request, cancelled=lambda: time.monotonic() > until and request.cancelled())


def _clicks_before(prompts: Sequence[Prompt]) -> bool:
    """Whether all prompts are clicks, and those before the newest one have an answer of their own."""
    clicks = [prompt for prompt in prompts if isinstance(prompt, Click)]
    return len(clicks) == len(prompts) and any(click.positive for click in clicks[:-1])


def _flat(mask: NDArray[np.bool_], dropped: int | None) -> NDArray[np.bool_]:
    return mask if dropped is None else mask.squeeze(dropped)


def _extent(prompt: Prompt) -> Region:
    return Region.around(prompt_positions(prompt))


class ClassicClickSegment2D(ClassicClickSegment):
    """Interactive segmentation of one slice of a volume, without a trained model.

    It does what :class:`ClassicClickSegment` does in the slice of the last prompt, across the array axis ``axis`` of
    the request's ``params`` (0, 1 or 2; 2 if not given).

    Args:
        labels: The structures that the task finds; all labels of the app if not given.
        description: Shown to users.
        config: Values of ``method`` and ``likelihood`` for requests that do not give them.

    Examples:
        >>> task = jlabel.ClassicClickSegment2D()
        >>> image = jlabel.read_image(studies / "case_0.nii.gz")
        >>> click = jlabel.Click((6, 5, 4))
        >>> request = jlabel.InferRequest(image, "case_0", (click,), labels={"liver": 1}, params={"axis": 2})
        >>> result = task(request)
        >>> result.mask.shape, result.region.lower[2], result.region.upper[2]
        ((12, 10, 8), 4, 5)
    """

    about: ClassVar[str] = "Click on a structure to get its mask in the slice shown; works without a trained model"

    def __init__(
        self,
        labels: str | Sequence[str] | Mapping[str, int] | None = None,
        description: str = "",
        config: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(labels, description, dimension=2, config=config)
