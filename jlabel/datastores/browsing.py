"""Pages of the list of images: what a person sees of a set without listing all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args

from jlabel.errors import DatastoreError

if TYPE_CHECKING:
    from jlabel.datastores.base import Datastore

ImageState = Literal["unlabelled", "model", "final"]
"""``final``: a person's label is there; ``model``: only one that a model made; ``unlabelled``: none of both."""

ImageFilter = Literal["unlabelled", "model", "final", "draft"]
"""A state, or ``draft``: the images with a draft that is not saved."""

_MOST = 500


@dataclass(frozen=True)
class ImageEntry:
    """One image of the list.

    Attributes:
        image_id: Its id.
        state: How far it is labelled.
        draft: Whether a draft is there that is not saved.
        author: Who saved its label last, where that is known.
        time: When that was (UTC), None without a label.
    """

    image_id: str
    state: ImageState
    draft: bool = False
    author: str | None = None
    time: datetime | None = None


@dataclass(frozen=True)
class ImagePage:
    """A part of the list.

    Attributes:
        entries: Images by id, from the offset on.
        total: How many images the whole list has.
    """

    entries: tuple[ImageEntry, ...]
    total: int


def check_page(state: str | None, offset: int, limit: int) -> None:
    """Refuse what is no page.

    Raises:
        DatastoreError: There is no such state, the offset is negative, or the limit is not from 1 to 500.
    """
    if state is not None and state not in get_args(ImageFilter):
        raise DatastoreError(f"no state {state!r}; there is {', '.join(get_args(ImageFilter))}")
    if offset < 0 or not 1 <= limit <= _MOST:
        raise DatastoreError(f"a page begins at 0 or later and has 1 to {_MOST} images, not {limit} from {offset}")


def browse_listed(datastore: Datastore, search: str, state: str | None, offset: int, limit: int, tag: str) -> ImagePage:
    """The page of a datastore that can only list all of its images."""
    from jlabel.datastores.base import ORIGINAL

    check_page(state, offset, limit)
    final, drafts = set(datastore.get_labeled_images(tag)), datastore.drafted_images()
    model = set(datastore.get_labeled_images(ORIGINAL)) - final

    def state_of(image_id: str) -> ImageState:
        return "final" if image_id in final else "model" if image_id in model else "unlabelled"

    wanted = search.casefold()
    found = [
        image_id
        for image_id in datastore.list_images()
        if wanted in image_id.casefold()
        and (state is None or (image_id in drafts if state == "draft" else state_of(image_id) == state))
    ]
    entries = []
    for image_id in found[offset : offset + limit]:
        now = state_of(image_id)
        saved = {"final": tag, "model": ORIGINAL}.get(now)
        last = next((v for v in datastore.label_history(image_id, saved) if v.current), None) if saved else None
        author, time = (last.author, last.time) if last is not None else (None, None)
        entries.append(ImageEntry(image_id, now, image_id in drafts, author, time))
    return ImagePage(tuple(entries), len(found))
