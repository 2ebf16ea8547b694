"""What an infer task tells beside its mask, as JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

_MOST_BOXES = 1000


def prediction(data: Mapping[str, Any], key: str, labels: Mapping[str, int]) -> dict[str, Any]:
    """A classification as MONAI Label tells it: ``{"prediction": [{"idx": 0, "label": "in body", "score": 0.9}, …]}``.

    Args:
        data: Has the score of each class under ``key``.
        key: The key.
        labels: The classes' names.
    """
    names = {index: name for name, index in labels.items()}
    scores = np.atleast_1d(np.asarray(_array(data[key]), dtype=float)).ravel()
    found = [
        {"idx": index, "label": names.get(index, f"label_{index}"), "score": float(score)}
        for index, score in enumerate(scores)
    ]
    return {"prediction": found}


def detections(data: Mapping[str, Any], box: str = "box", label: str = "label") -> dict[str, Any]:
    """What a detector found: ``{"box": [...], "label": [...], "label_scores": [...]}``, the first thousand boxes."""
    given = {
        key: data[key] for key in (box, label, "label_scores") if isinstance(data.get(key), torch.Tensor | np.ndarray)
    }
    return {key: plain(value[:_MOST_BOXES]) for key, value in given.items()}


def plain(value: Any) -> Any:
    """A value as JSON has it: arrays as lists, numbers as Python's own, anything unknown as its text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, torch.Tensor | np.ndarray | np.generic):
        return plain(_array(value).tolist())
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _array(value: Any) -> Any:
    return value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
