"""What an infer task does where its author says nothing: how the network sees the image, and what is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from monai.inferers import Inferer, SimpleInferer, SlidingWindowInferer

from jlabel.labels.classification import Classification
from jlabel.tasks.kinds import InferType
from jlabel.tasks.result_json import detections, plain, prediction


class Described(Protocol):
    """What is asked of a task."""

    type: str
    labels: dict[str, int]
    classification: Classification | None
    dimension: int
    roi_size: int | Sequence[int] | None
    input_key: str
    output_label_key: str
    output_json_key: str


def default_inferer(task: Described, data: Mapping[str, Any]) -> Inferer:
    """See :meth:`jlabel.InferTask.inferer`."""
    window = data.get("roi_size", task.roi_size)
    if window is None:
        return SimpleInferer()
    size = [int(window)] * task.dimension if isinstance(window, int) else [int(length) for length in window]
    shape = getattr(data.get(task.input_key), "shape", (0,) * len(size))[-len(size) :]
    if all(length <= least for length, least in zip(shape, size, strict=True)):
        return SimpleInferer()
    overlap, batch = float(data.get("sw_overlap", 0.25)), int(data.get("sw_batch_size", 1))
    return SlidingWindowInferer(roi_size=size, overlap=overlap, sw_batch_size=batch)


def default_json(task: Described, data: Mapping[str, Any]) -> dict[str, Any]:
    """See :meth:`jlabel.InferTask.writer`."""
    given = data.get(task.output_json_key)
    told: dict[str, Any] = plain(given) if isinstance(given, Mapping) else {}
    if task.type == InferType.CLASSIFICATION and task.output_label_key in data:
        known = task.classification
        labels = task.labels if known is None else {name: index for index, name in enumerate(known.classes)}
        return {**prediction(data, task.output_label_key, labels), **told}
    return {**detections(data), **told} if task.type == InferType.DETECTION else told
