"""The default click tool: a small trained network corrects what the training-free tool begins."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from jlabel.click.answer import ClickNetwork, corrected, honour, in_boxes, marked_parts
from jlabel.click.network import DESIGNS, make_network, shipped_network
from jlabel.errors import TaskError
from jlabel.imaging.region import Region
from jlabel.interactive.clicks import ClassicClickSegment
from jlabel.interactive.corrections import SegmentationState
from jlabel.prompts.prompt import Box, Click, InitialMask, Prompt, Scribble
from jlabel.tasks.crop import Found
from jlabel.tasks.keys import MODEL
from jlabel.tasks.request import InferRequest, InferResult, Stopwatch
from jlabel.tasks.stages import Callbacks

if TYPE_CHECKING:
    import torch

    from jlabel.click.plane import Plane
    from jlabel.imaging import Image
    from jlabel.registry import ModelVersion, PublishedModel

Mask = NDArray[np.bool_]

# Dimensions in which the shipped network answers better than the training-free tool; measured, see the model card.
_SHIPPED = (2,)
_SMALLEST = 4  # voxels along every axis, below which there is nothing to see for a network


class ClickSegment(ClassicClickSegment):
    """The default click tool: a trained network that corrects the mask of the method without training.

    The network (2.4 million weights, part of the package) was trained on synthetic images and on superpixels of
    photographs only. Its input is the part of the image around the prompts, and the mask so far. A correction changes
    the mask only on the side that the newest prompt asks for, and only near that prompt: a click never changes what
    lies elsewhere.

    In volumes the network is used once ``manager.train("click")`` has trained it on the project's images. Until then
    the mask is that of :class:`jlabel.ClassicClickSegment`, which the app also offers as ``click_classic``.

    Sources: RITM (Sofiiuk et al. 2022), FocalClick (Chen et al. 2022) and CFR-ICL (Sun et al. 2024).

    Args:
        labels: The structures that the task finds; all labels of the app if not given.
        description: Shown to users.
        dimension: 3, or 2 to work in one slice of a volume.
        config: Values of ``method`` and ``likelihood`` for requests that do not give them.
        own: The click model that was trained on the project's own images, if there is one.

    Examples:
        >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
        >>> clicks = [jlabel.Click((6, 5, 4)), jlabel.Click((0, 0, 0), positive=False)]
        >>> result = manager.infer("click", "case_0", clicks, label="liver")
        >>> result.mask.shape, int(result.mask[6, 5, 4]), int(result.mask[0, 0, 0])
        ((12, 10, 8), 1, 0)
        >>> manager.close()

        In an app of one's own:

        >>> class MyApp(jlabel.LabelApp):
        ...     def init_infers(self):
        ...         return {"click": jlabel.ClickSegment(labels=["liver"], description="Click on the liver")}
        >>> MyApp(studies, ["liver"]).infers["click"].is_valid()
        True
    """

    about: ClassVar[str] = "Click on a structure to get its mask, and on what is wrong to correct it"

    def __init__(
        self,
        labels: str | Sequence[str] | Mapping[str, int] | None = None,
        description: str = "",
        dimension: int = 3,
        config: Mapping[str, Any] | None = None,
        own: PublishedModel | None = None,
    ) -> None:
        super().__init__(labels, description, dimension, config)
        self.own = own

    def __call__(self, request: InferRequest, callbacks: Callbacks | None = None) -> InferResult:
        """The answer, with the version of the project's own model where that gave it."""
        version = self._version_in_use(request.image)
        if version is None:
            return super().__call__(request, callbacks)
        answer = super().__call__(replace(request, params={**request.params, MODEL: version}), callbacks)
        return replace(answer, version=version.number)

    def find(self, request: InferRequest, prompts: Sequence[Prompt], dropped: int | None, watch: Stopwatch) -> Found:
        """As the training-free tool, without the voxels of other labels, and with probabilities where asked for."""
        found = super().find(request, prompts, dropped, watch)
        if request.other_labels is not None:
            found = replace(found, inside=found.inside & ~request.other_labels(found.region))
        if not request.probabilities or not self._answers(request, dropped):
            return found
        with watch.stage("inferer"):
            return replace(found, probabilities=self._probabilities(found, request, prompts, dropped))

    def warm_up(self, image: Image) -> None:
        """Begin to load the shipped network where the image needs one: torch takes seconds to import."""
        if self._seen(image) in _SHIPPED:
            _load_soon(self._seen(image))

    @property
    def learns_from(self) -> PublishedModel | None:
        """The project's own click model, which is taken where there is one."""
        return self.own

    def make_network(self, version: ModelVersion) -> torch.nn.Module:
        """The network of a version of the project's own click model."""
        return make_network(DESIGNS[int(version.network["dimension"])])

    def _version_in_use(self, image: Image) -> ModelVersion | None:
        """The project's own model, where there is one for what is seen of the image."""
        version = None if self.own is None else self.own.in_use()
        return version if version is not None and version.network.get("dimension") == self._seen(image) else None

    def _seen(self, image: Image) -> int:
        """Axes of what is looked at."""
        return min(self.dimension, image.ndim)

    def _choices(self, request: InferRequest) -> tuple[str, ...]:
        version = _version_of(request)
        return (*super()._choices(request), "" if version is None else str(version.number))

    def _answers(self, request: InferRequest, dropped: int | None) -> bool:
        """Whether a network answers here, and not the training-free tool."""
        shape = [n for axis, n in enumerate(request.image.shape) if axis != dropped]
        if min(shape) < _SMALLEST:
            return False
        return len(shape) in _SHIPPED or _version_of(request) is not None

    def _network(self, request: InferRequest) -> ClickNetwork:
        version, seen = _version_of(request), self._seen(request.image)
        network = shipped_network(seen) if version is None else self.load_version("cpu", version)
        return ClickNetwork(network, DESIGNS[seen])

    def _goes_on(self, request: InferRequest, prompts: tuple[Prompt, ...], dropped: int | None) -> bool:
        if isinstance(prompts[0], InitialMask) or not self._answers(request, dropped):
            return super()._goes_on(request, prompts, dropped)
        return any(getattr(prompt, "positive", True) for prompt in prompts[:-1])

    def _begin(
        self, request: InferRequest, prompts: tuple[Prompt, ...], dropped: int | None, watch: Stopwatch
    ) -> SegmentationState:
        boxed = any(isinstance(prompt, Box) for prompt in prompts)
        version = _version_of(request)
        if not self._answers(request, dropped) or not (boxed or version is not None):
            return super()._begin(request, prompts, dropped, watch)
        with watch.stage("inferer"):
            return self._from_nothing(request, prompts, dropped, boxed)

    def _from_nothing(
        self, request: InferRequest, prompts: tuple[Prompt, ...], dropped: int | None, boxed: bool
    ) -> SegmentationState:
        """What the network finds without a mask to go on from.

        In boxes it is the mean of its answers from nothing and from the ellipses in them.
        """
        plane, network = _plane(request, prompts, dropped), self._network(request)
        view = plane.view(network.design, extent=0.0 if boxed else _extent(request))
        others = _others(request, plane, view.region)
        starts = [np.zeros(view.region.shape, dtype=bool)]
        if boxed:
            starts.append(in_boxes(plane.prompts, view.region, ellipses=True))
        logits = sum(network.logits(plane.array, view, plane.prompts, start, others) for start in starts)
        inside: Mask = np.asarray(logits) > 0
        if boxed:
            inside &= in_boxes(plane.prompts, view.region)
        else:
            inside = marked_parts(inside, plane.prompts, view.region)
        inside = honour(inside, plane.prompts, view.region)
        return SegmentationState(found=Found(plane.region(view.region), plane.solid(inside)))

    def _next(
        self,
        before: SegmentationState,
        request: InferRequest,
        prompts: tuple[Prompt, ...],
        dropped: int | None,
        watch: Stopwatch,
    ) -> SegmentationState:
        if before.agrees_with(prompts[-1]) or not self._answers(request, dropped):
            return super()._next(before, request, prompts, dropped, watch)
        if not isinstance(prompts[-1], Click | Scribble):
            return self._corrected(before, request, prompts, dropped, watch)
        with watch.stage("inferer"):
            plane = _plane(request, prompts, dropped)
            whole = plane.flat(before.within(plane.region(Region.whole(plane.shape))))
            begun_without = before.start is None and _version_of(request) is None
            if not (begun_without and plane.far_too_large(whole)):
                with contextlib.suppress(MemoryError):
                    return self._correction(before, request, plane, whole)
        # What the training-free tool began so badly it begins anew; and it needs less memory.
        return super()._next(before, request, prompts, dropped, watch)

    def _correction(
        self, before: SegmentationState, request: InferRequest, plane: Plane, whole: Mask
    ) -> SegmentationState:
        network = self._network(request)
        view = plane.view(network.design, whole)
        had = whole[view.region.slices]
        request.check_cancelled()
        logits = network.logits(plane.array, view, plane.prompts, had, _others(request, plane, view.region))
        now = honour(corrected(had, logits, plane.prompts, view.region), plane.prompts, view.region)
        return before.changed(plane.region(view.region), plane.solid(now))

    def _probabilities(
        self, found: Found, request: InferRequest, prompts: Sequence[Prompt], dropped: int | None
    ) -> NDArray[np.float16]:
        """How sure the network is of each voxel of an answer; never on the other side of a half than the answer."""
        plane, network = _plane(request, prompts, dropped), self._network(request)
        standing = SegmentationState(found=found)
        whole = plane.flat(standing.within(plane.region(Region.whole(plane.shape))))
        view = plane.view(network.design, whole)
        inside = whole[view.region.slices]
        logits = network.logits(plane.array, view, plane.prompts, inside, None)
        seen = 1 / (1 + np.exp(-np.clip(logits, -20, 20)))
        seen = np.where(inside, np.maximum(seen, 0.51), np.minimum(seen, 0.49))
        sure = found.inside.astype(np.float16)
        region = plane.region(view.region)
        common = region.intersection(found.region)
        if common.size:
            sure[common.inside(found.region).slices] = plane.solid(seen)[common.inside(region).slices]
        return sure


class ClickSegment2D(ClickSegment):
    """The default click tool in one slice of a volume.

    It does what :class:`ClickSegment` does in the slice of the last prompt, across the array axis ``axis`` of the
    request's ``params`` (0, 1 or 2; 2 if not given).

    Args:
        labels: The structures that the task finds; all labels of the app if not given.
        description: Shown to users.
        config: Values of ``method`` and ``likelihood`` for requests that do not give them.
        own: The click model that was trained on the project's own images, if there is one.

    Examples:
        >>> class MyApp(jlabel.LabelApp):
        ...     def init_infers(self):
        ...         return {"click_2d": jlabel.ClickSegment2D()}
        >>> manager = jlabel.AppManager(MyApp(studies, ["liver"]), device="cpu")
        >>> result = manager.infer("click_2d", "case_0", [jlabel.Click((6, 5, 4))], label="liver", axis=0)
        >>> result.mask.shape, result.region.lower[0], result.region.upper[0]
        ((12, 10, 8), 6, 7)
        >>> manager.close()
    """

    about: ClassVar[str] = "Click on a structure to get its mask in the slice shown, and on what is wrong to correct it"

    def __init__(
        self,
        labels: str | Sequence[str] | Mapping[str, int] | None = None,
        description: str = "",
        config: Mapping[str, Any] | None = None,
        own: PublishedModel | None = None,
    ) -> None:
        super().__init__(labels, description, dimension=2, config=config, own=own)


def _version_of(request: InferRequest) -> ModelVersion | None:
    """The version of the project's own model that was in use when the call began."""
    version: ModelVersion | None = request.params.get(MODEL)
    return version


def _extent(request: InferRequest) -> float:
    """How large, in mm, the structures were from which the project's own model has learnt; 0 without one."""
    version = _version_of(request)
    known = {} if version is None else dict(version.network.get("extent_mm") or {})
    sizes = [known[request.label]] if request.label in known else list(known.values())
    return float(np.median(sizes)) if sizes else 0.0


def _plane(request: InferRequest, prompts: Sequence[Prompt], dropped: int | None) -> Plane:
    from jlabel.click.plane import Plane  # with torch, which is not needed before a network answers

    return Plane.of(request, prompts, dropped)


def _others(request: InferRequest, plane: Plane, flat: Region) -> Mask | None:
    return None if request.other_labels is None else plane.flat(request.other_labels(plane.region(flat)))


def _load_soon(dimension: int) -> None:
    """Load the shipped network beside the person's first look at a mask, which needs none."""

    def load() -> None:
        with contextlib.suppress(TaskError):  # said where the network is asked
            shipped_network(dimension)

    threading.Thread(target=load, name="load-click-network", daemon=True).start()
