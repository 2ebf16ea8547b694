"""The request and the result of an infer task."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from jlabel.display.html import facts_html
from jlabel.errors import Cancelled
from jlabel.imaging.image import Image
from jlabel.imaging.region import Region
from jlabel.prompts.prompt import Prompt
from jlabel.types import LabelMap, Probabilities

T = TypeVar("T")
OtherLabels = Callable[[Region], NDArray[np.bool_]]
"""Gives, for a region of the image, which of its voxels hold another label: bool, ``region.shape``."""


class Prepared(Protocol):
    """A cache of a task's work on one image, for the next click."""

    def get(self, key: str, build: Callable[[], T]) -> T:
        """The cached value of ``key``; built with ``build`` if it is not in the cache."""
        ...


class BuildEachTime:
    """Keeps nothing: for a task that is called without a manager."""

    def get(self, key: str, build: Callable[[], T]) -> T:
        """Build it."""
        return build()


@dataclass(frozen=True)
class InferRequest:
    """One call of an infer task.

    Attributes:
        image: The image, already read: its array has the shape ``(i, j, k)`` or ``(i, j)``.
        image_id: Its id in the datastore.
        prompts: The prompts, in voxel indices ``(i, j, k)`` or ``(i, j)`` of the image's array.
        label: The structure that is asked for; ``""`` means all that the task knows.
        labels: The app's labels, name to value in the label file.
        params: All other parameters of the call, by name.
        device: ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ...
        prepared: A cache for work on this image between calls of this task.
        cancelled: Returns whether the answer is not needed any more; a task that takes long calls it now and then.
        other_labels: Returns for a region of the image which of its voxels hold another label than the one asked for:
            bool, of the region's shape. For a task that takes them as background; None if they are not known. It is
            called in the task's own thread, sees the label at that moment, and copies the region.
        probabilities: Whether the result should have the probability of each voxel.

    Examples:
        >>> image = jlabel.read_image(studies / "case_0.nii.gz")
        >>> request = jlabel.InferRequest(
        ...     image, "case_0", prompts=(jlabel.Click((6, 5, 4)),), label="liver", labels={"liver": 1}
        ... )
        >>> result = jlabel.ClassicClickSegment()(request)
        >>> result.labels
        {'liver': 1}
    """

    image: Image
    image_id: str
    prompts: tuple[Prompt, ...] = ()
    label: str = ""
    labels: Mapping[str, int] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    device: str = "cpu"
    prepared: Prepared = field(default_factory=BuildEachTime)
    cancelled: Callable[[], bool] = field(default=lambda: False)
    other_labels: OtherLabels | None = None
    probabilities: bool = False

    def check_cancelled(self) -> None:
        """Raise :class:`jlabel.Cancelled` if the answer is not needed any more."""
        if self.cancelled():
            raise Cancelled(f"the request for {self.image_id} was replaced or cancelled")


@dataclass(frozen=True, eq=False)
class InferResult:
    """The result of an infer task: a mask, and how it was computed.

    Attributes:
        region: The part of the image that the task worked on; outside of it ``mask`` is 0 or comes from ``outside``.
        values: Label values in that region: an array of its shape, in the smallest unsigned integer type.
        shape: The image's shape ``(i, j, k)`` or ``(i, j)``.
        labels: Names to values of the labels that ``values`` may hold.
        latencies: Seconds by stage, such as ``{"pre": 0.01, "inferer": 0.2, "post": 0.01, "total": 0.22}``.
        model: The name of the task in the app.
        image_id: The image.
        info: Anything else that the task reports, such as scores, boxes or outlines; a notebook shows it.
        tags: What the task says of the image as a whole: the probability of each class, by the name of the
            classification.
        version: The version of the model that was used; None for a model that was not published by a training.
        probabilities: Shape ``(label, i, j, k)`` or ``(label, i, j)`` over the region, 0 to 1, one entry for each of
            ``classes``. None if not asked for, or if the task cannot give them.
        classes: The names of the labels of ``probabilities``, in its order; empty without them.
        outside: The initial mask, of the image's shape, that is the result outside of the region, and its value in the
            result; None if all other voxels are 0.
        cut_off: Whether the structure reaches an edge of ``region`` inside of the image, so that it may go on there.

    Examples:
        >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
        >>> result = manager.infer("click", "case_0", [jlabel.Click((6, 5, 4))], label="liver")
        >>> result.mask.shape, str(result.mask.dtype), result.labels
        ((12, 10, 8), 'uint8', {'liver': 1})
        >>> result.model, result.image_id, result.latencies["total"] > 0
        ('click', 'case_0', True)
        >>> isinstance(result, jlabel.InferResult)
        True
        >>> manager.close()
    """

    region: Region
    values: LabelMap
    shape: tuple[int, ...]
    labels: Mapping[str, int]
    latencies: Mapping[str, float] = field(default_factory=dict)
    model: str = ""
    image_id: str = ""
    info: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    version: int | None = None
    probabilities: Probabilities | None = None
    classes: tuple[str, ...] = ()
    outside: tuple[NDArray[Any], int] | None = None
    cut_off: bool = False

    def _repr_html_(self) -> str:
        told = {name: f"{value!s:.200}" for name, value in self.info.items()}
        for name, chances in self.tags.items():
            told[name] = ", ".join(f"{one} {chance:.0%}" for one, chance in chances.items())
        seconds = self.latencies.get("total")
        facts = {"labels": dict(self.labels), "shape": self.shape, "seconds": seconds, "version": self.version}
        return facts_html(f"{self.model or 'Result'} of {self.image_id}", {**facts, **told})

    @cached_property
    def mask(self) -> LabelMap:
        """Label values of the whole image, shape ``(i, j, k)`` or ``(i, j)``."""
        if self.region == Region.whole(self.shape):
            return self.values
        mask = np.zeros(self.shape, self.values.dtype)
        if self.outside is not None:
            start, value = self.outside
            mask[start != 0] = value
        mask[self.region.slices] = self.values
        return mask


class Stopwatch:
    """Seconds by stage; a stage that comes again adds up."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._stages: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure the time of a ``with`` block."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self._stages[name] = self._stages.get(name, 0.0) + time.perf_counter() - start

    def latencies(self) -> dict[str, float]:
        """Seconds by stage, and ``total``: all since the start."""
        return {**self._stages, "total": time.perf_counter() - self._start}
