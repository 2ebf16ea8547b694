"""What a network says of an image as a whole: the probability of each class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from jlabel.errors import TaskError

# How far probabilities may be from adding up to 1, in half precision.
_ROUNDING = 5e-3


def class_chances(scores: Any, classes: Sequence[str]) -> dict[str, float]:
    """The probability of each class; they add up to 1.

    Scores that are probabilities already stay as they are; others are logits, and go through the softmax. A single
    score of two classes is that of the second, and goes through the sigmoid unless it is a probability.

    Args:
        scores: One for each class, in any shape: a tensor or an array.
        classes: The names.

    Raises:
        TaskError: There are as many scores as there are no classes, or one is no number.
    """
    array = scores.detach().cpu().numpy() if isinstance(scores, torch.Tensor) else np.asarray(scores)
    values = np.ravel(array).astype(float)
    if not np.isfinite(values).all():
        raise TaskError("the network's answer is no number: its weights are damaged, or the image has odd intensities")
    if values.size == 1 and len(classes) == 2:
        second = float(values[0])
        second = second if 0 <= second <= 1 else 1 / (1 + np.exp(-second))
        values = np.array([1 - second, second])
    if values.size != len(classes):
        raise TaskError(f"the network gives {values.size} scores for {len(classes)} classes ({', '.join(classes)})")
    if (values < 0).any() or abs(values.sum() - 1) > _ROUNDING:
        values = np.exp(values - values.max())
    return {name: float(value) for name, value in zip(classes, values / values.sum(), strict=True)}
