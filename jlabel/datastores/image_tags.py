"""Tags of images: which classes of a classification an image as a whole has, and who or what said so.

They are kept in the info of the image: what a person chose and what a model found each under a key of its own, so that
neither takes the place of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

_PERSON, _MODEL = "tag:", "model_tag:"
#: What the info of every image with a tag holds, as text.
TAG_MARK = '"tag:', '"model_tag:'


@dataclass(frozen=True)
class ImageTag:
    """The class that an image has, or the classes where it has several.

    Attributes:
        classification: What it is about.
        value: The class; of several all of them as one text, with commas between them.
        author: Who chose it, where that is known; None for a model's.
        time: When (UTC); None where that is not known.
        model: The model that found it; "" where a person chose it.
        version: The version of the model; None for one that was not published by a training.
        probabilities: Of each class, by the model; they add up to 1.
        values: The classes.
        source: Where it came from, such as ``"cvat:7"`` for a job; "" for what was chosen here.

    Examples:
        >>> manager = jlabel.AppManager(jlabel.LabelApp(studies, ["liver"], tags={"contrast": ["yes", "no"]}))
        >>> manager.tag_image("case_0", "contrast", "yes")
        >>> tag = manager.image_tags("case_0")["contrast"]
        >>> isinstance(tag, jlabel.ImageTag), tag.value, tag.by_person
        (True, 'yes', True)
        >>> manager.close()
    """

    classification: str
    value: str
    author: str | None = None
    time: datetime | None = None
    model: str = ""
    version: int | None = None
    probabilities: Mapping[str, float] = field(default_factory=dict, hash=False)
    values: tuple[str, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        if not self.values:
            object.__setattr__(self, "values", (self.value,))

    @property
    def by_person(self) -> bool:
        """Whether a person chose it."""
        return not self.model

    @property
    def probability(self) -> float | None:
        """What the model gives the class; None where a person chose it."""
        return self.probabilities.get(self.value)


@dataclass(frozen=True)
class TagFilter:
    """Which images are meant by their tags.

    Attributes:
        classification: What it is about.
        value: A class that they have, by a person or, where no person has said so, by a model; None for images to
            which no person has given one.
    """

    classification: str
    value: str | None = None

    def has(self, info: Mapping[str, Any]) -> bool:
        """Whether an image with this info is meant."""
        if self.value is None:
            return person_tag(info, self.classification) is None
        found = image_tag(info, self.classification)
        return found is not None and self.value in found.values


class Tagged(Protocol):
    """A datastore that keeps what is known of its images."""

    @property
    def author(self) -> str | None:
        """Who works here."""

    def update_image_info(self, image_id: str, info: Mapping[str, Any]) -> None:
        """Merge it into the info of the image."""


def person_tag(info: Mapping[str, Any], classification: str) -> ImageTag | None:
    """The tag that a person gave; None where nobody did.

    Args:
        info: Of the image.
        classification: What it is about.
    """
    kept = info.get(_PERSON + classification)
    if not isinstance(kept, Mapping) or not (values := _values(kept)):
        return None
    author, source = kept.get("author"), kept.get("source")
    by = author if isinstance(author, str) else None
    came = source if isinstance(source, str) else ""
    return ImageTag(classification, ", ".join(values), by, _time(kept), values=values, source=came)


def model_tag(info: Mapping[str, Any], classification: str) -> ImageTag | None:
    """The tag that a model found last; None where none did."""
    kept = info.get(_MODEL + classification)
    if not isinstance(kept, Mapping) or not isinstance(kept.get("value"), str):
        return None
    chances, version = kept.get("probabilities"), kept.get("version")
    known = chances.items() if isinstance(chances, Mapping) else ()
    return ImageTag(
        classification,
        kept["value"],
        time=_time(kept),
        model=str(kept.get("model") or "a model"),
        version=version if isinstance(version, int) else None,
        probabilities={str(name): float(chance) for name, chance in known if isinstance(chance, int | float)},
    )


def image_tag(info: Mapping[str, Any], classification: str) -> ImageTag | None:
    """A person's tag, else a model's, else None."""
    return person_tag(info, classification) or model_tag(info, classification)


def all_tags(info: Mapping[str, Any]) -> tuple[ImageTag, ...]:
    """The tag of each classification of which the info has one, by name."""
    found = (image_tag(info, name) for name in sorted(set(_classifications(info))))
    return tuple(tag for tag in found if tag is not None)


def give_tag(
    datastore: Tagged,
    image_id: str,
    classification: str,
    value: str | Sequence[str] | None,
    *,
    author: str | None = None,
    source: str = "",
) -> None:
    """Keep that a person says an image has a class, or several, in the place of what was said before.

    Args:
        datastore: Where the image is.
        image_id: The image.
        classification: What it is about.
        value: The class, or a list of several; None takes back what was said.
        author: Who says so; who works here if not given.
        source: Where it came from, if not from here.

    Raises:
        DatastoreError: There is no such image, or it cannot be written; then nothing has changed.
    """
    now = datetime.now(UTC).timestamp()
    said = value if value is None or isinstance(value, str) else list(value)
    by = author or datastore.author
    kept = None if not said else {"value": said, "author": by, "time": now, **({"source": source} if source else {})}
    datastore.update_image_info(image_id, {_PERSON + classification: kept})


def propose_tag(
    datastore: Tagged,
    image_id: str,
    classification: str,
    probabilities: Mapping[str, float],
    model: str,
    version: int | None = None,
) -> None:
    """Keep what a model says of an image; what a person says stays as it is.

    Args:
        datastore: Where the image is.
        image_id: The image.
        classification: What it is about.
        probabilities: Of each class.
        model: The name of the model.
        version: The version of it.

    Raises:
        DatastoreError: As for :func:`give_tag`.
    """
    value = max(probabilities, key=lambda name: probabilities[name])
    kept = {
        "value": value,
        "probabilities": {name: round(float(chance), 6) for name, chance in probabilities.items()},
        "model": model,
        "version": version,
        "time": datetime.now(UTC).timestamp(),
    }
    datastore.update_image_info(image_id, {_MODEL + classification: kept})


def _classifications(info: Mapping[str, Any]) -> Iterator[str]:
    for key in info:
        for begin in (_PERSON, _MODEL):
            if key.startswith(begin):
                yield key.removeprefix(begin)


def _values(kept: Mapping[str, Any]) -> tuple[str, ...]:
    """The classes that a person's tag says."""
    said = kept.get("value")
    if isinstance(said, str):
        return (said,)
    known = said if isinstance(said, list) else []
    return tuple(known) if all(isinstance(one, str) for one in known) else ()


def _time(kept: Mapping[str, Any]) -> datetime | None:
    seconds = kept.get("time")
    try:
        return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int | float) else None
    except (OverflowError, OSError, ValueError):
        return None
