"""Which images go out next: never one that is out, and the highest scores exactly, unless spread ones are wanted."""

from __future__ import annotations

from collections.abc import Collection

from jlabel.errors import TaskError
from jlabel.manager import AppManager
from jlabel.selection.score_sets import trusted_scores
from jlabel.tasks.strategy import Choice, Strategy


def strategy_of(manager: AppManager, name: str) -> Strategy:
    """The strategy of that name.

    Raises:
        TaskError: The app has none.
    """
    known = manager.app.strategies
    if name not in known:
        raise TaskError(f"no strategy {name!r}; the app has {', '.join(known) or 'none'}")
    return known[name]


def usual_strategy(manager: AppManager) -> str:
    """The strategy of a loop that nobody has chosen another one for."""
    return "epistemic" if "epistemic" in manager.app.strategies else "random"


def choose(manager: AppManager, strategy: str, count: int, out: Collection[str], diverse: bool) -> list[Choice]:
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
    known = strategy_of(manager, strategy)
    found = [] if diverse else _highest(manager, known, count, out)
    if len(found) < count:
        # Images without a score come after those that have one.
        apart = {*out, *(one.image_id for one in found)}
        choices = manager.next_images(strategy, k=count - len(found), exclude=tuple(apart))
        found += [one for one in choices if one.image_id not in apart]
    return found[:count]


def scoring_method(manager: AppManager, strategy: str) -> str:
    """The scoring method that a strategy goes by, "" where it goes by none."""
    method = getattr(manager.app.strategies.get(strategy), "method", "")
    return method if isinstance(method, str) and method in manager.app.scoring_methods else ""


def _highest(manager: AppManager, strategy: Strategy, count: int, out: Collection[str]) -> list[Choice]:
    method, model = getattr(strategy, "method", ""), getattr(strategy, "model", "")
    if not method:
        return []
    scores, _ = trusted_scores(manager.datastore, method, model)
    if scores is None:
        return []
    named = (scores.method, scores.model, scores.version)
    best = manager.datastore.scores.highest(*named, count=count, exclude=tuple(out))
    place = f"{scores.method} of {scores.model} {scores.version}"
    return [Choice(one.image_id, f"{place}: {one.value:.4g}", one.value, scores.method, scores.version) for one in best]
