"""Writers of MONAI Label: they tell what was found, and leave the mask to jlabel, which saves it itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jlabel.tasks.result_json import detections, plain, prediction


class Writer:
    """Tells the JSON values of an answer.

    Args:
        label: The key of the mask.
        json: The key of the JSON values.
        options: Options for files, which do not matter: no file is written.
    """

    def __init__(self, label: str = "pred", json: str | None = "result", **options: Any) -> None:
        self.label = label
        self.json = json

    def __call__(self, data: Mapping[str, Any]) -> tuple[None, dict[str, Any]]:
        """No file, and the JSON values."""
        told = data.get(self.json) if self.json else None
        return None, plain(told) if isinstance(told, Mapping) else {}


class PolygonWriter(Writer):
    """Tells the contours that :class:`jlabel.transforms.FindContoursd` found."""


class DetectionWriter(Writer):
    """Tells the boxes that a detector found.

    Args:
        json: The key of further JSON values.
        pred_box_key: The key of the boxes.
        pred_label_key: The key of their classes.
        options: Options for files, which do not matter.
    """

    def __init__(
        self, json: str = "result", pred_box_key: str = "box", pred_label_key: str = "label", **options: Any
    ) -> None:
        super().__init__(json=json)
        self._keys = pred_box_key, pred_label_key

    def __call__(self, data: Mapping[str, Any]) -> tuple[None, dict[str, Any]]:
        """No file, and the boxes."""
        return None, {**detections(data, *self._keys), **super().__call__(data)[1]}


class ClassificationWriter(Writer):
    """Tells the score of each class.

    Args:
        label: The key of the scores.
        label_names: The names by class.
    """

    def __init__(self, label: str = "pred", label_names: Mapping[int, str] | None = None) -> None:
        super().__init__(label)
        self._labels = {name: index for index, name in (label_names or {}).items()}

    def __call__(self, data: Mapping[str, Any]) -> tuple[None, dict[str, Any]]:
        """No file, and the scores."""
        return None, prediction(data, self.label, self._labels)
