"""Uncertain images of each label in turn, with noise that grows less: ClaSP PE, for whole images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import TaskError
from jlabel.registry import PublishedModel
from jlabel.selection.distances import KCenter
from jlabel.selection.picks import Pick, noisy
from jlabel.selection.pool import Pool
from jlabel.selection.spread import Spread
from jlabel.selection.strategies.scored_pool_strategy import ScoredPoolStrategy

MOST_BUDGET = 100
LEAST_BETA, MOST_BETA = 1.0, 100.0
_TIMES = 3


def beta_at(labeled: int, budget: int) -> float:
    """How little noise there is when so many images of the budget are labelled: 1 at first, 100 at the end."""
    return float(LEAST_BETA * (MOST_BETA / LEAST_BETA) ** min(1.0, labeled / max(1, budget)))


def clasp(pool: Pool, count: int, seed: int = 0, budget: int | None = None, *, batch: bool = False) -> list[Pick]:
    """Images for the labels in turn, each by entropy × probability of that label, with power noise.

    Of three images two are for a label, whose turn it is, and one is by the entropy of the whole image. The noise is
    that of :func:`jlabel.selection.picks.noisy`; beta grows from 1 to 100 over the budget.

    Args:
        pool: The images; those without a score come last, drawn at random.
        count: How many at most.
        seed: Of the noise.
        budget: How many images are to be labelled in all; if not given, all there are, 100 at most.
        batch: Whether they are labelled together: each is then the one of the three best that is least like the others.
    """
    most = min(MOST_BUDGET, pool.labeled + len(pool.ids)) if budget is None else budget
    spread, centers = Spread(pool.ids, pool.patients), KCenter(pool.features)
    products = pool.by_label * np.where(np.isfinite(pool.probability), pool.probability, 1.0)
    labels = np.flatnonzero(np.isfinite(products).any(0))
    picks: list[Pick] = []
    while len(picks) < count:
        may = np.flatnonzero(spread.open())
        if not may.size:
            break
        done = pool.labeled + len(picks)
        rng, beta = np.random.default_rng([seed, done]), beta_at(done, most)
        label = _turn(labels, done)
        keys = noisy(pool.values if label is None else products[:, label], beta, rng)
        known = may[np.isfinite(keys[may])]
        if not known.size:
            label, keys = None, noisy(pool.values, beta, rng)
            known = may[np.isfinite(keys[may])]
        if known.size:
            best = _best(keys, known, _TIMES if batch and picks else 1)
            number = int(best[np.argmax(centers.distance[best])] if batch and picks else best[0])
            picks.append(Pick(number, _reason(pool, number, label, beta)))
        else:
            number = int(rng.choice(may))
            picks.append(Pick(number, "it has no score yet"))
        spread.take(number)
        if pool.features.shape[1]:
            centers.add(pool.features[number])
    return picks


class ClaSP(ScoredPoolStrategy):
    """A strategy that goes round the labels and chooses uncertain images of each, at first with much noise.

    It is ClaSP PE (Lüth et al. 2026) for whole images instead of patches: class-balanced shares, entropy times the
    probability of the class, power noise with beta growing from 1 to 100 over the budget. It goes by the scoring method
    ``"entropy"``.

    Args:
        model: The infer task that was scored, by its name in the app; "" for any.
        published: The model that is published for that task, to tell whether one was trained.
        budget: How many images are to be labelled in all; if not given, all there are, 100 at most. The caller may say
            otherwise by the same name.
        seed: Of the noise.
        description: Shown to users.

    Examples:
        >>> datastore = jlabel.LocalDatastore(studies)
        >>> strategy = jlabel.ClaSP(model="segmentation", budget=30)
        >>> [choice] = strategy.choose({}, datastore)
        >>> choice.reason
        'fewer than 5 images are labelled: drawn at random'
    """

    def __init__(
        self,
        model: str = "",
        published: PublishedModel | None = None,
        budget: int | None = None,
        seed: int = 0,
        description: str = "Uncertain images of each label in turn, at first with much chance",
    ) -> None:
        super().__init__("entropy", model, published, seed, description)
        self.budget = budget

    def pick(self, pool: Pool, count: int, request: Mapping[str, Any]) -> list[Pick]:
        """See :class:`PoolStrategy`."""
        budget = request.get("budget", self.budget)
        if budget is not None and (not isinstance(budget, int) or budget < 1):
            raise TaskError(f"budget is how many images are to be labelled in all, 1 or more, not {budget!r:.80}")
        return clasp(pool, count, self.seed, budget, batch=bool(request.get("batch")))


def _turn(labels: NDArray[np.intp], done: int) -> int | None:
    """The label whose turn it is, of those that have scores; None for the whole image's."""
    if done % 3 == 2 or not labels.size:
        return None
    return int(labels[(done - done // 3) % labels.size])


def _best(keys: NDArray[np.float64], known: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """So many of the known images with the highest keys, the highest first."""
    some = known[np.argpartition(keys[known], -count)[-count:]] if len(known) > count else known
    return some[np.argsort(-keys[some], kind="stable")]


def _reason(pool: Pool, number: int, label: int | None, beta: float) -> str:
    chance = f"with noise (β {beta:.2g})"
    if label is None:
        return f"an uncertain image, {pool.values[number]:.2g}, {chance}"
    return f"it is the turn of {pool.labels[label]}: uncertain border, {pool.by_label[number, label]:.2g}, {chance}"
