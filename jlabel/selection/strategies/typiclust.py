"""Typical images of the groups of which none is labelled: what to label first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import vq
from scipy.spatial.distance import cdist

from jlabel.datastores import Datastore
from jlabel.selection.feature_kinds import appearance_kind, covering_kind, features_ready
from jlabel.selection.picks import Pick
from jlabel.selection.pool import Pool
from jlabel.selection.spread import Spread
from jlabel.selection.strategies.pool_strategy import PoolStrategy, Sources

MOST_CLUSTERS, LEAST_SIZE, NEIGHBORS = 500, 5, 20
_IMAGES_A_CHOICE, _MOST_PLANNED = 50, 20
_FIT, _LARGEST, _ROUNDS = 10_000, 2000, 10


@dataclass(frozen=True)
class _Cluster:
    """Images of a pool that look alike: their numbers, the most typical first, and how many are labelled beside."""

    members: NDArray[np.intp]
    labeled: int

    @property
    def turn(self) -> tuple[bool, bool, int]:
        """Clusters without a labelled image first, small ones after the others, then by size."""
        return self.labeled > 0, len(self.members) < LEAST_SIZE, -len(self.members)

    def reason(self) -> str:
        size = len(self.members) + self.labeled
        alike = f"{size} images that look alike" if size > 1 else "images that are like no other"
        return f"typical of {alike}" + (
            f", {self.labeled} of them labelled" if self.labeled else ", none of them labelled"
        )


def typiclust(pool: Pool, count: int, seed: int = 0) -> list[Pick]:
    """The most typical image of each of the largest clusters without a labelled one (Hacohen et al. 2022).

    All images are divided by k-means into as many clusters as are labelled and asked for, 500 at most. Clusters of
    fewer than 5 images come last. The most typical image of a cluster is the one whose 20 nearest in it are nearest.

    Args:
        pool: The images; those without features come last, drawn at random.
        count: How many at most.
        seed: Of the clusters' starts, and of what is drawn.
    """
    rng = np.random.default_rng(seed)
    clusters = _clusters(pool, count, rng)
    spread, picks = Spread(pool.ids, pool.patients), list[Pick]()

    def take(number: int, reason: str) -> None:
        picks.append(Pick(number, reason))
        spread.take(number)

    while len(picks) < count:
        before = len(picks)
        for cluster in clusters:
            members = cluster.members[spread.open()[cluster.members]]
            if members.size and len(picks) < count:
                take(int(members[0]), cluster.reason())
        if len(picks) == before:
            left = np.flatnonzero(spread.open())
            if not left.size:
                break
            take(int(rng.choice(left)), "drawn at random: it has no features")
    return picks


class TypiClust(PoolStrategy):
    """A strategy for the first images of a project: typical ones of groups that look alike, the largest first.

    It goes by the features of ``manager.score("appearance")``, else by those of a network.

    Args:
        seed: Of what is drawn.
        description: Shown to users.

    Examples:
        >>> datastore = jlabel.LocalDatastore(studies)
        >>> answer = jlabel.Appearance()({}, datastore)
        >>> [choice] = jlabel.TypiClust().choose({}, datastore)
        >>> choice.reason
        'typical of 3 images that look alike, none of them labelled'
    """

    def __init__(self, seed: int = 0, description: str = "A typical image of those that look alike") -> None:
        super().__init__(seed, description)

    def sources(self, datastore: Datastore) -> Sources:
        """See :class:`PoolStrategy`."""
        return None, appearance_kind(datastore) or covering_kind(datastore)

    def pick(self, pool: Pool, count: int, request: Mapping[str, Any]) -> list[Pick]:
        """See :class:`PoolStrategy`."""
        return typiclust(pool, count, self.seed)

    def plan_length(self, images: int) -> int:
        """See :class:`PoolStrategy`: for each choice there is one more cluster, and none is to be small."""
        return max(1, min(_MOST_PLANNED, images // _IMAGES_A_CHOICE))

    def readiness(self, datastore: Datastore) -> str:
        """See :meth:`jlabel.Strategy.readiness`."""
        return features_ready(datastore)


def _clusters(pool: Pool, count: int, rng: np.random.Generator) -> list[_Cluster]:
    """The clusters of those images that have features, in their turn."""
    if not pool.features.shape[1]:
        return []
    has = np.flatnonzero(np.isfinite(pool.features).all(1))
    points = np.concatenate([pool.features[has], pool.labeled_features]).astype(np.float64)
    if not has.size:
        return []
    sample = points if len(points) <= _FIT else points[rng.choice(len(points), _FIT, replace=False)]
    of_cluster, _ = vq(points, _centers(sample, min(len(pool.labeled_features) + count, MOST_CLUSTERS), rng))
    found = []
    for cluster in np.unique(of_cluster[: len(has)]):
        waiting = np.flatnonzero(of_cluster[: len(has)] == cluster)
        labeled = int((of_cluster[len(has) :] == cluster).sum())
        found.append(_Cluster(has[waiting[np.argsort(_loneliness(points[waiting], rng), kind="stable")]], labeled))
    return sorted(found, key=lambda one: (one.turn, int(one.members[0])))


def _centers(points: NDArray[np.float64], most: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """The centres of k-means: starts by k-means++, then ten rounds of Lloyd's; fewer where points are the same."""
    starts = [int(rng.integers(len(points)))]
    nearest = np.square(points - points[starts[0]]).sum(1)
    while len(starts) < most and nearest.sum() > 0:
        starts.append(int(rng.choice(len(points), p=nearest / nearest.sum())))
        nearest = np.minimum(nearest, np.square(points - points[starts[-1]]).sum(1))
    centers = points[starts]
    for _ in range(_ROUNDS):
        of_cluster, _ = vq(points, centers)
        sums = np.zeros_like(centers)
        np.add.at(sums, of_cluster, points)
        counts = np.bincount(of_cluster, minlength=len(centers))[:, None]
        centers = np.where(counts > 0, sums / np.maximum(counts, 1), centers)
    return centers


def _loneliness(points: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """The mean distance of each point to its 20 nearest; of a large cluster, among some that are drawn."""
    others = points if len(points) <= _LARGEST else points[rng.choice(len(points), _LARGEST, replace=False)]
    nearest = min(NEIGHBORS + 1, len(others))
    found = [
        np.partition(cdist(points[start : start + _LARGEST], others), nearest - 1, 1)[:, :nearest].mean(1)
        for start in range(0, len(points), _LARGEST)
    ]
    return np.concatenate(found)
