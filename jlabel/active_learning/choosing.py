"""Which images go out next: never one that is out, and the highest scores exactly, unless spread ones are wanted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from jlabel.errors import TaskError
from jlabel.manager import AppManager
from jlabel.selection.score_sets import trusted_scores
from jlabel.tasks.strategy import Strategy


@dataclass(frozen=True)
class Chosen:
    """An image that goes out.

    Attributes:
        image_id: The image.
        reason: Why it was chosen.
        score: Its score, where one was decisive.
    """

    image_id: str
    reason: str = ""
    score: float | None = None


def choose(manager: AppManager, strategy: str, count: int, out: Collection[str], diverse: bool) -> list[Chosen]:
    """The images of a round, the most wanted first.

    Args:
        manager: Whose studies.
        strategy: By its name in the app.
        count: How many at most.
        out: Images that are out, or cannot go.
        diverse: Whether the strategy's own batches are wanted, which are not alike; else the highest scores.

    Raises:
        TaskError: No such strategy, or it failed.
    """
    known = manager.app.strategies.get(strategy)
    if known is None:
        raise TaskError(f"no strategy {strategy!r}; the app has {', '.join(manager.app.strategies) or 'none'}")
    found = [] if diverse else _highest(manager, known, count, out)
    if len(found) < count:
        # Images without a score come after those that have one.
        apart = {*out, *(one.image_id for one in found)}
        choices = manager.next_images(strategy, k=count - len(found), exclude=tuple(apart))
        found += [Chosen(one.image_id, one.reason, one.score) for one in choices if one.image_id not in apart]
    return found[:count]


def scoring_method(manager: AppManager, strategy: str) -> str:
    """The scoring method that a strategy goes by, "" where it goes by none."""
    method = getattr(manager.app.strategies.get(strategy), "method", "")
    return method if isinstance(method, str) and method in manager.app.scoring_methods else ""


def _highest(manager: AppManager, strategy: Strategy, count: int, out: Collection[str]) -> list[Chosen]:
    method, model = getattr(strategy, "method", ""), getattr(strategy, "model", "")
    if not method:
        return []
    scores, _ = trusted_scores(manager.datastore, method, model)
    if scores is None:
        return []
    named = (scores.method, scores.model, scores.version)
    best = manager.datastore.scores.highest(*named, count=count, exclude=tuple(out))
    place = f"{scores.method} of {scores.model} {scores.version}"
    return [Chosen(one.image_id, f"{place}: {one.value:.4g}", one.value) for one in best]
