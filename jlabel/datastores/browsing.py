"""Pages of the list of images: what a person sees of a set without listing all of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, get_args

from jlabel.datastores.image_tags import ImageTag, TagFilter, all_tags
from jlabel.datastores.scores import Scores
from jlabel.datastores.spelling import folded
from jlabel.datastores.workspace import Workspace
from jlabel.errors import DatastoreError

ImageState = Literal["unlabelled", "model", "final", "unreadable", "unshown"]
"""``final``: a person's label is there; ``model``: only one that a model made; ``unlabelled``: none of both.

``unreadable``: the image's file cannot be read; ``unshown``: it has a final label that cannot be shown, and does not
count as labelled."""

WorkState = Literal["to_do", "in_progress", "done", "in_review", "accepted", "sent_back"]
"""How far the work on an image is.

``to_do``: it has no final label and nobody works on it; ``in_progress``: somebody labels it or reads it now; ``done``:
it has a final label that nobody has judged; ``in_review``: somebody looks at that label now; ``accepted`` and
``sent_back``: what a reviewer said of its present version. A new version is ``done`` again."""

ImageFilter = Literal[
    "unlabelled",
    "model",
    "final",
    "draft",
    "unreadable",
    "to_do",
    "in_progress",
    "done",
    "in_review",
    "accepted",
    "sent_back",
]
"""A state, or ``draft``: the images with a draft that is not saved. ``unreadable`` are those whose file cannot be read
or whose label cannot be shown. Or how far the work is, see :data:`WorkState`."""

ImageOrder = Literal["id", "score"]
"""By id, or by score: the highest first, then by id, and last those without a score."""

_MOST = 500
_ORIGINAL = "original"


@dataclass(frozen=True)
class ScoreKey:
    """Which scores are meant.

    Attributes:
        method: The scoring method that computed them.
        model: Of which model's answers; "" where there is none.
        version: Of which version of it; 0 where there is none.
    """

    method: str
    model: str = ""
    version: int = 0


@dataclass(frozen=True)
class ImageEntry:
    """One image of the list.

    Attributes:
        image_id: Its id.
        state: How far it is labelled.
        draft: Whether a draft is there that is not saved.
        author: Who saved its label last, where that is known.
        time: When that was (UTC), None without a label.
        score: Its score, where scores were asked for and it has one.
        tags: What it shows as a whole, by a person or else by a model; one for each classification.
        work: How far the work on it is.
        holder: Who works on it now; None where nobody does.
    """

    image_id: str
    state: ImageState
    draft: bool = False
    author: str | None = None
    time: datetime | None = None
    score: float | None = None
    tags: tuple[ImageTag, ...] = ()
    work: WorkState = "to_do"
    holder: str | None = None


@dataclass(frozen=True)
class ImagePage:
    """A part of the list.

    Attributes:
        entries: Images in the order that was asked for, from the offset on.
        total: How many images the whole list has.
    """

    entries: tuple[ImageEntry, ...]
    total: int


def check_page(
    state: str | None,
    offset: int,
    limit: int,
    order: str = "id",
    scores: ScoreKey | None = None,
    least_score: float | None = None,
) -> None:
    """Refuse what is no page.

    Raises:
        DatastoreError: There is no such state or order, the offset is negative, the limit is not from 1 to 500, or
            the order or the choice is by scores and none were named.
    """
    if order not in get_args(ImageOrder):
        raise DatastoreError(f"no order {order!r}; there is {', '.join(get_args(ImageOrder))}")
    if order == "score" and scores is None:
        raise DatastoreError("an order by score needs the scores: scores=ScoreKey('entropy', model, version)")
    if least_score is not None and scores is None:
        raise DatastoreError("a least score needs the scores: scores=ScoreKey('entropy', model, version)")
    if least_score is not None and math.isnan(least_score):
        raise DatastoreError("a least score is a number, not NaN")
    if state is not None and state not in get_args(ImageFilter):
        raise DatastoreError(f"no state {state!r}; there is {', '.join(get_args(ImageFilter))}")
    if offset < 0 or not 1 <= limit <= _MOST:
        raise DatastoreError(f"a page begins at 0 or later and has 1 to {_MOST} images, not {limit} from {offset}")


class SavedLabel(Protocol):
    """Who saved a label, and when."""

    @property
    def author(self) -> str | None:
        """Who saved it."""

    @property
    def time(self) -> datetime:
        """When (UTC)."""


class Listed(Protocol):
    """A datastore that can list its images."""

    def list_images(self) -> list[str]:
        """All images."""

    def get_labeled_images(self, tag: str = "final") -> list[str]:
        """Those with a label."""

    @property
    def workspace(self) -> Workspace:
        """Where the drafts are."""

    def current_version(self, image_id: str, tag: str = "final") -> SavedLabel | None:
        """The label that an image has."""

    @property
    def scores(self) -> Scores:
        """The scores of the images."""

    def get_image_info(self, image_id: str) -> dict[str, Any]:
        """What is known of an image."""


def browse_listed(
    datastore: Listed,
    search: str,
    state: str | None,
    offset: int,
    limit: int,
    tag: str,
    scores: ScoreKey | None = None,
    order: ImageOrder = "id",
    least_score: float | None = None,
    tagged: TagFilter | None = None,
) -> ImagePage:
    """The page of a datastore that can only list all of its images."""
    check_page(state, offset, limit, order, scores, least_score)
    known = {} if scores is None else _values(datastore.scores, scores)
    final, drafts = set(datastore.get_labeled_images(tag)), datastore.workspace.drafted_images()
    model = set(datastore.get_labeled_images(_ORIGINAL)) - final

    def state_of(image_id: str) -> ImageState:
        return "final" if image_id in final else "model" if image_id in model else "unlabelled"

    wanted = folded(search)
    found = [
        image_id
        for image_id in datastore.list_images()
        if wanted in folded(image_id)
        and (state is None or _is_in(state, state_of(image_id), image_id in drafts))
        and (tagged is None or tagged.has(datastore.get_image_info(image_id)))
        and (least_score is None or (image_id in known and known[image_id] >= least_score))
    ]
    if order == "score":
        found.sort(key=lambda image_id: (-known.get(image_id, -math.inf), image_id))
    entries = []
    for image_id in found[offset : offset + limit]:
        now = state_of(image_id)
        saved = {"final": tag, "model": _ORIGINAL}.get(now)
        last = datastore.current_version(image_id, saved) if saved else None
        author, time = (last.author, last.time) if last is not None else (None, None)
        tags = all_tags(datastore.get_image_info(image_id))
        entries.append(
            ImageEntry(image_id, now, image_id in drafts, author, time, known.get(image_id), tags, _work(now))
        )
    return ImagePage(tuple(entries), len(found))


def _is_in(wanted: str, state: ImageState, drafted: bool) -> bool:
    if wanted == "draft":
        return drafted
    return wanted == _work(state) if wanted in get_args(WorkState) else wanted == state


def _work(state: ImageState) -> WorkState:
    return "done" if state == "final" else "to_do"


def _values(scores: Scores, key: ScoreKey) -> dict[str, float]:
    table = scores.table(key.method, key.model, key.version)
    return {image_id: float(value) for image_id, value in zip(table.ids, table.values, strict=True) if value == value}
