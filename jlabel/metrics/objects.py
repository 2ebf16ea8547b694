"""How well the objects of two label maps agree: the aggregated Jaccard index and the panoptic quality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Objects that overlap by more than this cannot have two partners.
_MATCH = 0.5


@dataclass(frozen=True)
class PanopticQuality:
    """How many objects were found, and how well.

    Attributes:
        quality: The panoptic quality, 0 to 1: ``segmentation * recognition``.
        segmentation: The mean intersection over union of the objects that were found; 0 where none was.
        recognition: The F1 score of finding objects.
        found: Objects of the truth that were found: with an intersection over union above 0.5.
        missed: Objects of the truth that were not.
        wrong: Objects of the prediction that are none of the truth.
    """

    quality: float
    segmentation: float
    recognition: float
    found: int
    missed: int
    wrong: int


def aggregated_jaccard_index(truth: NDArray[Any], predicted: NDArray[Any]) -> float:
    """The aggregated Jaccard index (AJI) of two label maps of objects, 0 to 1.

    Each object of the truth gets the predicted object with which its intersection over union is largest. The AJI is the
    sum of their intersections over the sum of their unions, to which the voxels of predicted objects are added that no
    object of the truth got.

    Source: Kumar et al. 2017, "A dataset and a technique for generalized nuclear segmentation for computational
    pathology" (IEEE Transactions on Medical Imaging 36, 1550-1560).

    Args:
        truth: Whole numbers from 0 on; each value but 0 is an object.
        predicted: Of the same shape; the values need not be those of the truth.

    Returns:
        1 where both have no object, 0 where one of them has none.

    Raises:
        ValueError: The shapes differ.

    Examples:
        >>> from jlabel.metrics import aggregated_jaccard_index
        >>> truth = np.array([[1, 1, 0, 2, 2]])
        >>> aggregated_jaccard_index(truth, np.array([[7, 7, 0, 3, 0]]))
        0.75
        >>> aggregated_jaccard_index(truth, np.array([[1, 1, 1, 1, 1]]))  # 2 of 5, and 2 of 5 again
        0.4
    """
    common = _Overlaps(truth, predicted)
    if not len(common.truth) or not len(common.predicted):
        return float(len(common.truth) == len(common.predicted))
    best = common.iou.argmax(axis=1)
    hit = common.iou.max(axis=1) > 0
    shared = common.both[np.arange(len(best)), best]
    unions = np.where(hit, common.truth + common.predicted[best] - shared, common.truth)
    unused = np.setdiff1d(np.arange(len(common.predicted)), best[hit])
    return float(shared[hit].sum() / (unions.sum() + common.predicted[unused].sum()))


def panoptic_quality(truth: NDArray[Any], predicted: NDArray[Any]) -> PanopticQuality:
    """The panoptic quality (PQ) of two label maps of objects of one class.

    Source: Kirillov et al. 2019, "Panoptic segmentation" (arXiv:1801.00868).

    Args:
        truth: Whole numbers from 0 on; each value but 0 is an object.
        predicted: Of the same shape; the values need not be those of the truth.

    Returns:
        All three qualities are 1 where both have no object.

    Raises:
        ValueError: The shapes differ.

    Examples:
        >>> from jlabel.metrics import panoptic_quality
        >>> found = panoptic_quality(np.array([[1, 1, 0, 2, 2]]), np.array([[5, 5, 0, 6, 0]]))
        >>> found.found, found.missed, found.wrong, found.quality
        (1, 1, 1, 0.5)
    """
    common = _Overlaps(truth, predicted)
    matched = common.iou[common.iou > _MATCH]
    found = len(matched)
    missed, wrong = len(common.truth) - found, len(common.predicted) - found
    if found + missed + wrong == 0:
        return PanopticQuality(1.0, 1.0, 1.0, 0, 0, 0)
    segmentation = float(matched.mean()) if found else 0.0
    recognition = found / (found + (missed + wrong) / 2)
    return PanopticQuality(segmentation * recognition, segmentation, recognition, found, missed, wrong)


class _Overlaps:
    """Voxels of the objects of two label maps, ``(object,)``, and of each two of them, ``(object, object)``."""

    def __init__(self, truth: NDArray[Any], predicted: NDArray[Any]) -> None:
        truth, predicted = np.asarray(truth), np.asarray(predicted)
        if truth.shape != predicted.shape:
            raise ValueError(f"two label maps of one shape are compared, not {truth.shape} and {predicted.shape}")
        values, places = np.unique(truth, return_inverse=True)
        others, other_places = np.unique(predicted, return_inverse=True)
        pairs = places.ravel() * len(others) + other_places.ravel()
        table = np.bincount(pairs, minlength=len(values) * len(others)).reshape(len(values), len(others))
        self.truth = table.sum(axis=1)[values != 0]
        self.predicted = table.sum(axis=0)[others != 0]
        self.both = table[np.ix_(values != 0, others != 0)]
        self.iou = self.both / np.maximum(1, self.truth[:, None] + self.predicted[None] - self.both)
