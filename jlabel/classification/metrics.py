"""How well classes of whole images are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from ignite.metrics import Metric


class BalancedAccuracy(Metric):  # type: ignore[misc]
    """The mean, over the classes that there are, of the share of a class's images that are found to be of it.

    As many images of one class as there may be, none counts for more than another (Brodersen et al. 2010, "The balanced
    accuracy and its posterior distribution"). It is 1 where all are right, and 1 / classes for guessing.

    Args:
        classes: How many there are.
        output_transform: Gives, from an engine's output, the scores of some images and their classes.
    """

    def __init__(self, classes: int, output_transform: Any = lambda output: output) -> None:
        self._classes = classes
        self._confusion = np.zeros((classes, classes), np.int64)
        super().__init__(output_transform)

    def reset(self) -> None:
        """Forget what was counted."""
        self._confusion = np.zeros((self._classes, self._classes), np.int64)

    def update(self, output: Sequence[Any]) -> None:
        """Count some images.

        Args:
            output: Scores, shape ``(class,)`` each, and as many classes.
        """
        for scores, truth in zip(*output, strict=True):
            self._confusion[int(truth), int(torch.as_tensor(scores).argmax())] += 1

    def compute(self) -> float:
        """The balanced accuracy; 0 where nothing was counted."""
        totals = self._confusion.sum(axis=1)
        there = totals > 0
        shares = np.diag(self._confusion)[there] / totals[there]
        return float(shares.mean()) if there.any() else 0.0


class AreaUnderCurve(Metric):  # type: ignore[misc]
    """The mean, over the classes, of the area under the ROC curve of one class against all others.

    It is 1 where every image of a class has a higher score for it than all others, 0.5 for guessing (Hanley and McNeil
    1982, "The meaning and use of the area under a receiver operating characteristic (ROC) curve").

    Args:
        classes: How many there are.
        output_transform: As for :class:`BalancedAccuracy`.
    """

    def __init__(self, classes: int, output_transform: Any = lambda output: output) -> None:
        self._classes = classes
        self._scores: list[Any] = []
        self._truths: list[int] = []
        super().__init__(output_transform)

    def reset(self) -> None:
        """Forget all images."""
        self._scores, self._truths = [], []

    def update(self, output: Sequence[Any]) -> None:
        """Take the scores of some images; see :meth:`BalancedAccuracy.update`."""
        for scores, truth in zip(*output, strict=True):
            self._scores.append(torch.as_tensor(scores).detach().cpu().float().numpy())
            self._truths.append(int(truth))

    def compute(self) -> float:
        """The mean area; 0 where there are images of one class alone."""
        scores, truths = np.array(self._scores), np.array(self._truths)
        areas = []
        for index in range(self._classes):
            inside, outside = scores[truths == index], scores[truths != index]
            if len(inside) and len(outside):
                difference = inside[:, None, index] - outside[None, :, index]
                areas.append(float(((difference > 0) + 0.5 * (difference == 0)).mean()))
        return float(np.mean(areas)) if areas else 0.0
