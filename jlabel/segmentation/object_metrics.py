"""Validation metrics of objects that are told apart, for Ignite's engines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from ignite.metrics import Metric
from numpy.typing import NDArray

from jlabel.metrics import aggregated_jaccard_index, panoptic_quality

Measure = Callable[[NDArray[Any], NDArray[Any]], float]


class MeanOfObjects(Metric):  # type: ignore[misc]
    """The mean over images of a measure of two label maps of objects.

    Args:
        measure: Of the truth and the prediction, each ``(i, j)`` with a value for each object.
        classes: The least value of an object; smaller ones are classes.
        options: As for Ignite's ``Metric``; its output is the predictions and the labels, each ``(1, i, j)``.
    """

    def __init__(self, measure: Measure, classes: int, **options: Any) -> None:
        self._measure = measure
        self._classes = classes
        self._values: list[float] = []
        super().__init__(**options)

    def reset(self) -> None:
        """Forget all images."""
        self._values = []

    def update(self, output: Any) -> None:
        """Measure the images of a batch."""
        for pred, label in zip(*output, strict=True):
            self._values.append(self._measure(self._objects(label), self._objects(pred)))

    def compute(self) -> float:
        """The mean so far; 0 without an image."""
        return float(np.mean(self._values)) if self._values else 0.0

    def _objects(self, values: Any) -> NDArray[Any]:
        array = np.asarray(values.cpu())[0].astype(np.int64)
        return np.where(array >= self._classes, array, 0)


def object_metrics(classes: int) -> dict[str, MeanOfObjects]:
    """``val_aji``, ``val_pq`` and ``val_object_f1`` of labels of classes and objects.

    Args:
        classes: How many classes there are, the background among them.
    """
    from monai.handlers import from_engine

    measures: dict[str, Measure] = {
        "val_aji": aggregated_jaccard_index,
        "val_pq": lambda truth, predicted: panoptic_quality(truth, predicted).quality,
        "val_object_f1": lambda truth, predicted: panoptic_quality(truth, predicted).recognition,
    }
    both = from_engine(["pred", "label"])
    return {name: MeanOfObjects(measure, classes, output_transform=both) for name, measure in measures.items()}
