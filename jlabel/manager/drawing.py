"""Which images a person can be given, in their order: what was sent back to them, what several read, what is chosen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from jlabel.datastores import Datastore
from jlabel.datastores.leases import Purpose
from jlabel.display.html import time_text
from jlabel.errors import DatastoreError
from jlabel.tasks.strategy import Choice

REVIEW_STRATEGY = "review"
"""In the place of a strategy: labels that wait for a verdict."""

_MOST_QUOTED = 200
_FEW = 3

ByStrategy = Callable[[str, dict[str, Any]], Choice | None]


def candidates(
    datastore: Datastore,
    name: str,
    params: dict[str, Any],
    lost: Collection[str],
    passed: Collection[str],
    by_strategy: ByStrategy,
) -> Iterator[tuple[Choice, Purpose]]:
    """Images for the datastore's author, one after the other, until one can be had.

    Args:
        datastore: Where the images are.
        name: The strategy, or :data:`REVIEW_STRATEGY`.
        params: Given to the strategy; ``exclude`` are ids not to give.
        lost: What turned out to be somebody else's meanwhile; grows while this goes on.
        passed: What the person has skipped: they are not given it again before what the strategy chooses.
        by_strategy: Asks the strategy for one image.
    """
    who, first = datastore.author or "", (*params.get("exclude", ()), *passed)
    if name == REVIEW_STRATEGY:
        while found := datastore.reviews.waiting(who, (*first, *lost)):
            yield from ((Choice(one, "it waits for a review"), "review") for one in found)
        return
    if datastore.author is not None:
        for review in datastore.reviews.sent_back(who):
            if review.image_id not in first:
                yield Choice(review.image_id, sent_back_said(review.reviewer, review.time, review.comment)), "label"
    for one in datastore.readings.waiting(who, first):
        yield Choice(one, "several people read it"), "reading"
    out = images_out(datastore)
    while True:
        # What others have is asked for once a few were lost to them: most draws find an image that is free.
        taken = (*lost, *out, *(datastore.leases.of_others(who) if len(lost) >= _FEW else ()))
        choice = by_strategy(name, with_excluded(params, taken))
        if choice is None:
            return
        yield choice, "label"


def images_out(datastore: Datastore) -> Collection[str]:
    """The images that people annotate on a server now, such as CVAT: nobody here is given them."""
    try:
        tasks = datastore.annotation_tasks
    except DatastoreError:  # it has no place for them
        return ()
    return tasks.images_out() if tasks.are_any_out() else ()


def with_excluded(params: dict[str, Any], more: Collection[str]) -> dict[str, Any]:
    """The parameters of a strategy with more ids that it is not to give."""
    return {**params, "exclude": (*params.get("exclude", ()), *more)} if more else params


def sent_back_said(reviewer: str, time: Any, comment: str) -> str:
    """That a label was sent back, in words."""
    said = f": {comment[:_MOST_QUOTED]}" if comment else ""
    return f"sent back by {reviewer or 'somebody'}, {time_text(time)}{said}"
