"""What an infer task is asked and what it answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import Cancelled
from jlabel.imaging.image import Image
from jlabel.imaging.region import Region
from jlabel.tasks.prompts import Prompt

T = TypeVar("T")
OtherLabels = Callable[[Region], NDArray[np.bool_]]
"""Gives, for a region of the image, which of its voxels hold another label: bool, ``region.shape``."""


class Prepared(Protocol):
    """Where a task keeps what it worked out for one image, so that the next click finds it."""

    def get(self, key: str, build: Callable[[], T]) -> T:
        """What was kept under ``key``; built, and kept while memory lasts, where it is not there."""
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
        image: The image, already read.
        image_id: Its id in the datastore.
        prompts: What the person pointed at, in voxel indices of the image's array.
        label: The structure that is asked for; ``""`` means all that the task knows.
        labels: The app's labels, name to value in the label file.
        params: Anything else that the caller gave by name.
        device: ``"cpu"``, ``"cuda"``, ``"cuda:1"``, …
        prepared: Keeps work on this image between calls of this task.
        cancelled: Whether nobody waits for the answer any more; a long task asks now and then.
        other_labels: Which voxels hold another label than the one asked for, for a task that takes them as background;
            None where nobody says. Called on the task's own thread for a region of the image, as it is at that moment;
            it costs a copy of the region.
        probabilities: Whether the answer should say how sure the task is of each voxel.
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
        """Raise :class:`jlabel.Cancelled` where nobody waits for the answer any more."""
        if self.cancelled():
            raise Cancelled(f"the request for {self.image_id} was replaced or cancelled")


@dataclass(frozen=True, eq=False)
class InferResult:
    """What an infer task found.

    Attributes:
        region: The part of the image that the task looked at.
        values: Label values in that region, shape ``region.shape``, smallest unsigned integer type.
        shape: The image's shape.
        labels: Names to values of the labels that ``values`` may hold.
        latencies: Seconds by stage, such as ``{"pre": …, "inferer": …, "post": …, "total": …}``.
        model: The name under which the app knows the task.
        image_id: The image.
        info: What else the task has to say, such as scores.
        version: The version of the model that was in use; None where the model is not one that a training published.
        probabilities: For each of ``classes`` and each voxel of the region, 0 to 1: shape (classes, *region.shape).
            None where they were not asked for, or the task cannot tell.
        classes: The names of the labels that ``probabilities`` are for, in its order; empty without them.
        outside: The initial mask of the image's shape that holds outside of the region, with the value that it has in
            the answer; None where all other voxels are 0.
    """

    region: Region
    values: NDArray[np.unsignedinteger[Any]]
    shape: tuple[int, ...]
    labels: Mapping[str, int]
    latencies: Mapping[str, float] = field(default_factory=dict)
    model: str = ""
    image_id: str = ""
    info: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    probabilities: NDArray[np.float16] | None = None
    classes: tuple[str, ...] = ()
    outside: tuple[NDArray[Any], int] | None = None

    @cached_property
    def mask(self) -> NDArray[np.unsignedinteger[Any]]:
        """The answer in the image's own grid."""
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
        """Time what happens inside."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self._stages[name] = self._stages.get(name, 0.0) + time.perf_counter() - start

    def latencies(self) -> dict[str, float]:
        """The stages so far, and ``total``: all since the watch was made."""
        return {**self._stages, "total": time.perf_counter() - self._start}
