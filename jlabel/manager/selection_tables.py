"""Tables of what strategies choose, and of the scores that they go by."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from jlabel.datastores import Datastore, ScoreSet
from jlabel.selection import ClaSP, PowerNoise, ScoreStrategy
from jlabel.selection.score_sets import newest_scores
from jlabel.tasks.strategy import Choice

CHOICE_COLUMNS = ("image", "reason", "score", "method", "version")
SELECTION_COLUMNS = ("image", "score", "version", "reason", "state")

_PAGE = 500

ByScores = ScoreStrategy | PowerNoise | ClaSP


def choice_row(choice: Choice) -> dict[str, Any]:
    """The row of a choice, with the columns :data:`CHOICE_COLUMNS`."""
    return {
        "image": choice.image_id,
        "reason": choice.reason,
        "score": None if choice.score is None else round(choice.score, 4),
        "method": choice.method,
        "version": choice.version,
    }


def choice_rows(datastore: Datastore, choices: Iterable[Choice]) -> Iterator[dict[str, Any]]:
    """A row for each choice, in their order, with the columns :data:`SELECTION_COLUMNS`."""
    states = _states(datastore)
    for choice in choices:
        row = choice_row(choice)
        yield {**{name: row[name] for name in SELECTION_COLUMNS if name in row}, "state": states.get(row["image"])}


def score_rows(datastore: Datastore, name: str, strategy: ByScores | None = None) -> Iterator[dict[str, Any]]:
    """A row for each image, the highest score first and images without a score last, with the columns
    :data:`SELECTION_COLUMNS`.

    Args:
        datastore: The datastore.
        name: The scoring method, where no strategy is given.
        strategy: A strategy that goes by scores: its method counts, and it says the reasons.
    """
    method, model = (name, "") if strategy is None else (strategy.method, strategy.model)
    scores = newest_scores(datastore, method, model) or _any_scores(datastore, method, model)
    states = _states(datastore)
    rest = dict.fromkeys(states)
    if scores is not None:
        table = datastore.scores.table(scores.method, scores.model, scores.version)
        values = table.values.tolist()
        scored = [at for at, value in enumerate(values) if not math.isnan(value)]
        for at in sorted(scored, key=lambda at: (-values[at], table.ids[at])):
            rest.pop(table.ids[at], None)
            by_label = dict(zip(table.labels, table.by_label[at].tolist(), strict=True))
            yield {
                "image": table.ids[at],
                "score": values[at],
                "version": scores.version,
                "reason": _reason(strategy, values[at], by_label),
                "state": states.get(table.ids[at]),
            }
    for image_id in rest:
        yield {"image": image_id, "score": None, "version": 0, "reason": "", "state": states[image_id]}


def _reason(strategy: ByScores | None, value: float, by_label: dict[str, float]) -> str:
    scored = strategy.strategy if isinstance(strategy, PowerNoise) else strategy
    return scored.reason(value, by_label) if isinstance(scored, ScoreStrategy) else ""


def _any_scores(datastore: Datastore, method: str, model: str) -> ScoreSet | None:
    """The newest scores, where no image that waits has one."""
    sets = [one for one in datastore.scores.sets(method) if model in ("", one.model)]
    return max(sets, key=lambda one: one.version, default=None)


def _states(datastore: Datastore) -> dict[str, str]:
    """The state of each image, in the order of ids."""
    states: dict[str, str] = {}
    while True:
        page = datastore.browse(offset=len(states), limit=_PAGE)
        states |= {entry.image_id: entry.state for entry in page.entries}
        if not page.entries or len(states) >= page.total:
            return states
