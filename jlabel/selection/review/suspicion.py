"""Finished labels in the order in which they look wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from jlabel.selection.review.check import Check, LabelTable
from jlabel.selection.review.label_measures import LabelMeasures
from jlabel.selection.review.percentiles import FEWEST, corrected
from jlabel.selection.review.place_checks import place_checks
from jlabel.selection.review.prediction_checks import Prediction, prediction_checks
from jlabel.selection.review.presence_checks import gap_checks, presence_checks
from jlabel.selection.review.structure_checks import structure_checks

#: A label of a lower rank is as the others: no reason is given.
_NOTABLE = 0.5
#: Another check is told as well where it is at most so many times as likely as the first, and unlikely.
_AS_WELL, _UNLIKELY = 100.0, 0.01
_MOST_REASONS = 3


@dataclass(frozen=True)
class Suspicion:
    """How much a finished label looks wrong, and why.

    Attributes:
        image_id: The image.
        version: The version of its label.
        rank: 0 to 1: the larger, the less likely among correct labels. Of labels without an error the ranks are spread
            over 0 to 1 evenly, as percentile ranks are.
        reason: In words: which check, which structure, which figure; ``"nothing unusual"`` where there is nothing.
        checks: For each check the largest percentile rank among the structures, 0 to 1.
        labels: The names of the structures that the reason is about.
        looked_at: Whether a person has looked at this version since it was saved.
        trained_on: Whether the model that judged it has learnt from this very label, and so hardly contradicts it; None
            where no model has judged it.
        model_version: The version of that model; None where no model has judged it.
        problem: Why the label cannot be compared, such as a damaged file; "" where it can.

    Examples:
        >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
        >>> mask = manager.image("case_0").array > 70
        >>> mask[:, :, 4] = False
        >>> manager.save_label("case_0", mask)
        'case_0'
        >>> found = manager.review()[0]
        >>> isinstance(found, jlabel.Suspicion), found.reason
        (True, 'slice k = 4 of liver is empty between filled ones')
        >>> manager.close()
    """

    image_id: str
    version: int
    rank: float
    reason: str
    checks: Mapping[str, float] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    looked_at: bool = False
    trained_on: bool | None = None
    model_version: int | None = None
    problem: str = ""


@dataclass(frozen=True)
class Finding:
    """What all checks together say of one label; its attributes are those of :class:`Suspicion`."""

    rank: float
    reason: str
    checks: Mapping[str, float]
    labels: tuple[str, ...]


def compare_labels(
    measures: Sequence[LabelMeasures], names: Mapping[int, str], predictions: Sequence[Prediction | None] = ()
) -> list[Finding]:
    """Compare labels with each other, and with what a model has found.

    With fewer than five labels only what is wrong by itself is found: forgotten slices, empty labels.

    Args:
        measures: Of each label.
        names: The structures: their values and names.
        predictions: What a model says of each; empty, or None for a label, without one.

    Returns:
        A finding for each label, in the order given.
    """
    if not measures:
        return []
    table = LabelTable(measures, names)
    checks = [*gap_checks(table), *presence_checks(table)]
    if len(table) >= FEWEST:
        checks += [*structure_checks(table), *place_checks(table)]
    if predictions:
        checks += prediction_checks(predictions, names)
    unlikely = np.stack([check.unlikely for check in checks])
    tests = np.isfinite(unlikely).sum(axis=0)
    least = np.where(tests > 0, np.nanmin(np.where(np.isfinite(unlikely), unlikely, 1.0), axis=0), 1.0)
    ranks = np.where(tests > 0, corrected(least, np.maximum(tests, 1)), 0.0)
    return [_finding(checks, unlikely[:, row], float(ranks[row]), row) for row in range(len(table))]


def _finding(checks: Sequence[Check], unlikely: np.ndarray, rank: float, row: int) -> Finding:
    by_name: dict[str, float] = {}
    for check, part in zip(checks, unlikely, strict=True):
        if np.isfinite(part):
            by_name[check.name] = max(by_name.get(check.name, 0.0), 1 - float(part))
    if rank < _NOTABLE:
        return Finding(rank, "nothing unusual", by_name, ())
    order = [int(one) for one in np.argsort(unlikely, kind="stable") if np.isfinite(unlikely[one])]
    least = unlikely[order[0]]
    first: dict[str, Check] = {}
    for one in order:
        if one == order[0] or unlikely[one] <= min(_AS_WELL * least, _UNLIKELY):
            first.setdefault(checks[one].name, checks[one])
    told = list(first.values())[:_MOST_REASONS]
    labels = dict.fromkeys(name for check in told for name in check.labels(row))
    return Finding(rank, "; ".join(check.words(row) for check in told), by_name, tuple(labels))
