"""Which features images are compared by, and how vectors become ones whose distances mean something."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jlabel.datastores import Datastore, ScoreSet
from jlabel.selection.appearance_vector import LENGTH, PARTS, WEIGHTS
from jlabel.selection.distances import compact

NETWORK = "network"
APPEARANCE = "appearance"


@dataclass(frozen=True)
class FeatureKind:
    """A kind of features, as they are kept in :class:`jlabel.datastores.Scores`.

    Attributes:
        name: ``"network"`` or ``"appearance"``.
        model: The model that made them; "" where there is none.
        version: Its version; 0 where there is none.
    """

    name: str
    model: str = ""
    version: int = 0


def appearance_kind(datastore: Datastore) -> FeatureKind | None:
    """The features that need no model; None where fewer than half of the images that wait have them."""
    sets = datastore.scores.sets(APPEARANCE)
    enough = sets and 2 * sets[-1].waiting >= datastore.count_unlabeled()
    return FeatureKind(APPEARANCE) if enough else None


def scored_kind(datastore: Datastore, scores: ScoreSet) -> FeatureKind | None:
    """The features of the network that made those scores, else those that need no model; None without either."""
    if scores.model:
        kind = FeatureKind(NETWORK, scores.model, scores.version)
        first = datastore.scores.highest(scores.method, scores.model, scores.version)
        ids = [score.image_id for score in first]
        if datastore.scores.features(kind.name, kind.model, kind.version, only=ids)[0]:
            return kind
    return appearance_kind(datastore)


def covering_kind(datastore: Datastore, model: str = "") -> FeatureKind | None:
    """The features by which labelled images and those that wait can be compared.

    They are those of the newest version of a network that has seen half of the images that wait, and of those that are
    labelled; else those that need no model; else, the labelled images left aside, those of the network again.

    Args:
        datastore: The datastore.
        model: Of which model; "" for any.
    """
    half = datastore.count_unlabeled() / 2
    made = [one for one in datastore.scores.sets() if one.model and model in ("", one.model) and one.waiting >= half]
    of_network = None
    if made:
        kind = scored_kind(datastore, max(made, key=lambda one: one.version))
        of_network = kind if kind is not None and kind.name == NETWORK else None
    if of_network is not None:
        known = datastore.scores.features(NETWORK, of_network.model, of_network.version, labeled=True)[0]
        if 2 * len(known) >= datastore.count_labeled():
            return of_network
    return appearance_kind(datastore) or of_network


def features_ready(datastore: Datastore, model: str = "") -> str:
    """Whether features are there, in words."""
    sets = datastore.scores.sets(APPEARANCE)
    if sets and sets[-1].waiting:
        return f"features of {sets[-1].waiting} of {datastore.count_unlabeled()}"
    return (
        "features of the network"
        if covering_kind(datastore, model)
        else f"needs features: manager.score({APPEARANCE!r})"
    )


def comparable(kind: FeatureKind, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors of features as ones that can be compared: on the main axes of all, the variances summing up to 1.

    Those of appearance are of several parts, each of which weighs as :data:`WEIGHTS` says.

    Args:
        kind: What they are.
        vectors: Of shape ``(image, feature)``.
    """
    if kind.name != APPEARANCE or vectors.shape[1] != LENGTH:
        return compact(vectors)
    parts = [compact(vectors[:, part]) * np.sqrt(WEIGHTS[name]) for name, part in PARTS.items()]
    together: NDArray[np.float32] = np.concatenate(parts, 1).astype(np.float32)
    return together / np.float32(np.sqrt(sum(WEIGHTS.values())))
