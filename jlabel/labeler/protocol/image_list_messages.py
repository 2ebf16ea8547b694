"""The list of all images, with small pictures of them."""

from __future__ import annotations

from typing import Literal

from jlabel.labeler.protocol.message import Incoming, Outgoing
from jlabel.labeler.protocol.values import Value

ImageState = Literal["unlabelled", "model", "final", "unreadable", "unshown"]
WorkState = Literal["to_do", "in_progress", "done", "in_review", "accepted", "sent_back"]
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
ImageOrder = Literal["id", "score"]


class RowTag(Value, frozen=True, kw_only=True):
    """What an image of the list shows as a whole.

    Attributes:
        name: The classification.
        value: The class.
        by_person: A person chose it; else a model found it.
        probability: What the model gives it, 0 to 1; None by a person.
    """

    name: str
    value: str
    by_person: bool
    probability: float | None


class TagChoice(Value, frozen=True, kw_only=True):
    """Images with that class of a classification; without a value those that no person has given one."""

    name: str
    value: str | None


class ImageRow(Value, frozen=True, kw_only=True):
    """One image of the list.

    Attributes:
        id: The image's id.
        state: Whose label it has.
        draft: There is a draft that is not saved.
        author: Who saved its label.
        time: When its label was saved, ISO 8601.
        score: By the method of the chosen strategy; None where it has none.
        tags: What it shows as a whole, one for each classification of the app of which something is known.
        work: How far the work on it is.
        holder: Who works on it now; None where nobody does.
    """

    id: str
    state: ImageState
    draft: bool
    author: str | None
    time: str | None
    score: float | None
    tags: list[RowTag]
    work: WorkState
    holder: str | None


class BrowseImages(Incoming, frozen=True, kw_only=True, tag="browse"):
    """A page of the list of images; answered by :class:`Images` with the same ``request``.

    ``least_score``: only images with a score that is not less; heeded where there are scores. ``tagged``: only images
    with that tag.
    With ``again`` it renews what is shown: the folder is not looked through for new files then.
    """

    client: str
    request: int
    search: str
    state: ImageFilter | None
    offset: int
    limit: int
    again: bool = False
    order: ImageOrder = "id"
    least_score: float | None = None
    tagged: TagChoice | None = None


class LoadThumbnails(Incoming, frozen=True, kw_only=True, tag="thumbnails"):
    """Small pictures of these images, in the place of those that the page has asked for before."""

    client: str
    images: list[str]


class Images(Outgoing, frozen=True, kw_only=True, tag="images"):
    """Images of the list from ``offset`` on; the whole list has ``total``. ``notes`` say what was left out of it.

    ``scores`` says which scores the images have; None where there are none.
    """

    client: str
    request: int
    offset: int
    total: int
    entries: list[ImageRow]
    notes: list[str]
    scores: str | None


class Thumbnail(Outgoing, frozen=True, kw_only=True, tag="thumbnail"):
    """A buffer with a JPEG, or the problem in words."""

    client: str
    image: str
    problem: str | None = None


class ImagesChanged(Outgoing, frozen=True, kw_only=True, tag="images_changed"):
    """Images or labels have come or gone: an open list of images is to be asked for again."""
