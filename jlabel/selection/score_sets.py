"""Which of the scores that there are a strategy goes by."""

from __future__ import annotations

from jlabel.datastores import Datastore, ScoreSet
from jlabel.registry import PublishedModel

#: With so many labelled images a model's answers begin to say something; before, they are not gone by.
LEAST_LABELED = 5


def newest_scores(datastore: Datastore, method: str, model: str = "") -> ScoreSet | None:
    """The scores of the newest version that cover at least half of the images that wait, else those that cover most.

    Args:
        datastore: The datastore.
        method: By which method.
        model: Of which model; "" for any.

    Returns:
        None where no image that waits has such a score.
    """
    sets = [one for one in datastore.scores.sets(method) if one.waiting and model in ("", one.model)]
    half = datastore.count_unlabeled() / 2
    covering = [one for one in sets if one.waiting >= half]
    if covering:
        return max(covering, key=lambda one: one.version)
    return max(sets, key=lambda one: (one.waiting, one.version), default=None)


def trusted_scores(datastore: Datastore, method: str, model: str = "") -> tuple[ScoreSet | None, str]:
    """The scores to go by, and, where there are none to go by yet, why."""
    if not datastore.has_labeled(LEAST_LABELED):
        return None, f"fewer than {LEAST_LABELED} images are labelled"
    scores = newest_scores(datastore, method, model)
    return scores, "" if scores is not None else "no scores yet"


def readiness(datastore: Datastore, method: str, model: str = "", published: PublishedModel | None = None) -> str:
    """Whether scores are there, in words."""
    scores = newest_scores(datastore, method, model)
    if scores is not None:
        with_version = f" with version {scores.version}" if scores.version else ""
        return f"scored{with_version}: {scores.waiting} of {datastore.count_unlabeled()}"
    if published is not None and published.in_use() is None:
        return "no model has been trained yet"
    return f"needs scores: manager.score({method!r})"
