"""How many labelled images are like one that waits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jlabel.datastores import Datastore, ScoreSet
from jlabel.selection.feature_kinds import NETWORK

# Of more the vectors would take longer to read than a person waits for the next image.
_MOST = 500


def alike(vector: NDArray[np.float32], labeled: NDArray[np.float32]) -> int | None:
    """How many of the labelled vectors are like this one: nearer than half the median distance between two of them.

    Args:
        vector: Of shape ``(feature,)``.
        labeled: Of shape ``(labelled image, feature)``.

    Returns:
        None where fewer than three are there to compare.
    """
    if len(labeled) < 3:
        return None
    squares = np.square(labeled).sum(1)
    between = np.sqrt(np.maximum(squares[:, None] + squares - 2 * labeled @ labeled.T, 0))
    usual = float(np.median(between[np.triu_indices(len(labeled), 1)]))
    return int((np.sqrt(np.square(labeled - vector).sum(1)) < usual / 2).sum())


def alike_labeled(datastore: Datastore, scores: ScoreSet, image_id: str) -> str:
    """What is said of how many labelled images are like one: "; 12 like it are labelled", or "" where nothing is
    known."""
    there, vector = datastore.scores.features(NETWORK, scores.model, scores.version, only=[image_id])
    if not there or datastore.has_labeled(_MOST):
        return ""
    known, labeled = datastore.scores.features(NETWORK, scores.model, scores.version, labeled=True)
    if not known or vector.shape[1] != labeled.shape[1]:
        return ""
    count = alike(vector[0], labeled)
    if count is None:
        return ""
    return "; none like it is labelled" if count == 0 else f"; {count} like it {'is' if count == 1 else 'are'} labelled"
