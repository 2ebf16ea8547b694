"""Checks against what a model finds: the probability of the label as it was drawn, and Dice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jlabel.selection.review.check import Check, middle_of
from jlabel.selection.review.percentiles import FEWEST, Floats, deviations, unlikeliness

_TYPICAL = 0.1
_SAID = {
    "quality": "the probability that the model gives to {} as it is drawn, at its border,",
    "dice": "the Dice of {} with the model",
}


@dataclass(frozen=True)
class Prediction:
    """What a version of a model says of one label.

    Attributes:
        model: The infer task's name in the app.
        version: The version; 0 for a model without versions.
        trained_on: Whether it has learnt from this very label.
        quality: By label value: the softmin of the probability of the label as it was drawn, in a band around the
            border of the structure; see :func:`jlabel.selection.review.prediction.label_quality`.
        dice: By label value: the Dice of the structure with the model's.
    """

    model: str
    version: int
    trained_on: bool
    quality: Mapping[int, float]
    dice: Mapping[int, float]


def prediction_checks(predictions: Sequence[Prediction | None], names: Mapping[int, str]) -> Iterator[Check]:
    """Those of each structure that the model knows.

    Labels that the model has learnt from are compared among themselves, for it contradicts them less.
    """
    trained = np.array([one is not None and one.trained_on for one in predictions], bool)
    for value, name in names.items():
        for check, said in _SAID.items():
            figures = _figures(predictions, check, value)
            if np.isfinite(figures).any():
                yield _lower(check, figures, trained, said.format(name), name)


def _figures(predictions: Sequence[Prediction | None], check: str, value: int) -> Floats:
    held = [None if one is None else getattr(one, check).get(value) for one in predictions]
    return np.array([np.nan if one is None else one for one in held], float)


def _lower(check: str, figures: Floats, trained: NDArray[np.bool_], said: str, name: str) -> Check:
    unlikely = np.full(len(figures), np.nan)
    usual = np.full(len(figures), np.nan)
    for group in _groups(figures, trained):
        usual[group] = middle_of(figures[group])
        away = deviations(figures[group], _TYPICAL)
        unlikely[group] = unlikeliness(np.where(figures[group] > usual[group], 0.0, away))

    def words(row: int) -> str:
        return f"{said} is {figures[row]:.2f} where in others it is {usual[row]:.2f}"

    return Check(check, unlikely, words, lambda _: (name,))


def _groups(figures: Floats, trained: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Labels that are compared among themselves; all together where one group has too few."""
    known = np.isfinite(figures)
    groups = [known & trained, known & ~trained]
    if any(0 < np.count_nonzero(group) < FEWEST for group in groups):
        groups = [known]
    return [group for group in groups if np.count_nonzero(group) >= FEWEST]
