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
from jlabel.interactive.corrections import Recent, Standing, correct
from jlabel.interactive.revision import revision, starts_over
from jlabel.interactive.seeds import make_seeds
from jlabel.interactive.solve import Solver
from jlabel.tasks.infer import Step
from jlabel.tasks.interactive import Crop, Found, InteractiveTask, pointed_region
from jlabel.tasks.prompts import Click, InitialMask, Prompt, move_into, prompt_positions
from jlabel.tasks.request import InferRequest, Stopwatch

# Seconds for which a step is worth finishing when the next click is there already: that one goes on from its outcome.
_WORTH_FINISHING = 0.5


class ClassicClickSegment(InteractiveTask):
    """From clicks to a mask, with no trained model.

    A geodesic distance from the clicks (Bai and Sapiro 2007; Criminisi, Sharp and Blake 2008; Wang et al. 2018,
    "DeepIGeoS") gives nested candidate regions, the one with the best border gives an intensity model, and a random
    walk with that model as its prior (Grady 2005, 2006) draws the border. Boxes, scribbles, lassos and an initial mask
    work too, alone or together with clicks. A 2D image is solved in 2D, a volume in 3D.

    A request's ``params`` may hold ``method`` (``"auto"``, ``"geodesic"``, ``"random_walker"``, ``"graph_cut"``: Boykov
    and Jolly 2001) and ``likelihood`` (``"histogram"``, ``"gmm"``).

    Args:
        labels: What the task finds; the app's own labels where not given.
        description: For people.
        dimension: 3, or 2 to work in one slice of a volume.
        config: ``method`` and ``likelihood`` to use where a request has none.
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
    ) -> Standing:
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
    ) -> Standing | None:
        if start is not None and len(prompts) == 1:
            return Standing(start)
        known = self._recent.get(request.image, prompts, choice)
        return None if known is None else replace(known, start=start)

    def _begin(
        self, request: InferRequest, prompts: tuple[Prompt, ...], dropped: int | None, watch: Stopwatch
    ) -> Standing:
        """What the first prompts say, without anything to go on from."""
        return Standing(found=super().find(request, prompts, dropped, watch))

    def _goes_on(self, request: InferRequest, prompts: tuple[Prompt, ...], dropped: int | None) -> bool:
        """Whether the newest prompt corrects what those before it say."""
        if isinstance(prompts[0], InitialMask):
            return not any(isinstance(prompt, InitialMask) for prompt in prompts[1:])
        return _clicks_before(prompts)

    def _next(
        self,
        before: Standing,
        request: InferRequest,
        prompts: tuple[Prompt, ...],
        dropped: int | None,
        watch: Stopwatch,
    ) -> Standing:
        if isinstance(prompts[0], InitialMask):
            return self._corrected(before, request, prompts, dropped, watch)
        if before.agrees_with(prompts[-1]):
            return before
        found = self.search(request, prompts, dropped, lambda crop: self._solve(crop, request, watch, before))
        had = before.within(found.region)
        clicks = [click for click in (move_into(p, found.region) for p in prompts) if isinstance(click, Click)]
        if starts_over(had, found.inside, clicks, request.image.spacing):
            return Standing(found=replace(found, inside=found.inside & had))
        near = self._corrected(before, request, prompts, dropped, watch)
        change = revision(had, found.inside, clicks, request.image.spacing)
        now = near.within(found.region)
        return near.changed(found.region, now | change if clicks[-1].positive else now & ~change)

    def _corrected(
        self, before: Standing, request: InferRequest, prompts: Sequence[Prompt], dropped: int | None, watch: Stopwatch
    ) -> Standing:
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
        return tuple(str(self._choice(request, name)) for name in self.defaults)

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

    def _solve(self, crop: Crop, request: InferRequest, watch: Stopwatch, before: Standing | None) -> NDArray[np.bool_]:
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
    """:class:`ClassicClickSegment` in one slice of a volume: the last prompt's, across the array axis ``axis``."""

    about: ClassVar[str] = "Click on a structure to get its mask in the slice shown; works without a trained model"

    def __init__(
        self,
        labels: str | Sequence[str] | Mapping[str, int] | None = None,
        description: str = "",
        config: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(labels, description, dimension=2, config=config)


class HistogramGraphCut(ClassicClickSegment):
    """Scribbles to a mask: the intensity histograms under them and a graph cut (Boykov and Jolly 2001).

    The idea of MONAI Label's histogram-based scribbles. With clicks only, the histograms come from a first mask around
    them.
    """

    about: ClassVar[str] = "Scribble inside and outside a structure; intensity histograms and a graph cut"
    defaults: ClassVar[Mapping[str, Any]] = {"method": "graph_cut", "likelihood": "histogram"}


class GMMGraphCut(ClassicClickSegment):
    """Scribbles to a mask: Gaussian mixtures of their intensities and a graph cut ("GrabCut", Rother et al. 2004).

    The idea of MONAI Label's GMM-based scribbles. With clicks only, the mixtures come from a first mask around them.
    """

    about: ClassVar[str] = "Scribble inside and outside a structure; Gaussian mixtures and a graph cut"
    defaults: ClassVar[Mapping[str, Any]] = {"method": "graph_cut", "likelihood": "gmm"}
