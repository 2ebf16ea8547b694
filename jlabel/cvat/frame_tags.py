"""Tags of frames in CVAT, and the classes of an app's tags: which label of a project stands for which class."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jlabel.errors import CvatError
from jlabel.labels.classification import Classification
from jlabel.labels.names import alike


@dataclass(frozen=True)
class TagClass:
    """A class of a classification.

    Attributes:
        classification: Its name.
        value: The class.
    """

    classification: str
    value: str


def tag_label_names(tags: Iterable[Classification], taken: Iterable[str] = ()) -> dict[TagClass, str]:
    """What the labels of a project are called that tag frames: by the class, or ``"tag: class"`` where that is taken.

    Args:
        tags: The tags of the app.
        taken: Names of other labels.

    Examples:
        >>> from jlabel.cvat.frame_tags import tag_label_names
        >>> view = jlabel.Classification("view", ["in body", "out of body"])
        >>> list(tag_label_names([view], taken=["in body"]).values())
        ['view: in body', 'out of body']
    """
    classes = [TagClass(one.name, value) for one in tags for value in one.classes]
    known = [alike(one.value) for one in classes] + [alike(name) for name in taken]
    return {one: one.value if known.count(alike(one.value)) == 1 else _whole_name(one) for one in classes}


def classes_of_labels(
    names: Mapping[int, str], tags: Iterable[Classification], taken: Iterable[str] = ()
) -> dict[int, TagClass]:
    """The classes that labels of a project stand for, by the labels' numbers.

    Args:
        names: The labels' names by their numbers.
        tags: The tags of the app.
        taken: As for :func:`tag_label_names`.
    """
    known: dict[str, TagClass] = {}
    for one, name in tag_label_names(tags, taken).items():
        # The whole name counts always: a class may have been called so before another one went.
        known |= {alike(name): one, alike(_whole_name(one)): one}
    return {number: known[alike(name)] for number, name in names.items() if alike(name) in known}


@dataclass
class FrameTags:
    """What the frames of jobs are tagged with.

    Attributes:
        classes: The classes of each frame that has some, in the order in which they were given.
        unknown: The names of tags that stand for no class.
    """

    classes: dict[int, list[TagClass]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)


def frame_tags(
    drawn: Mapping[str, Any],
    frames: Collection[int],
    known: Mapping[int, TagClass],
    names: Mapping[int, str],
) -> FrameTags:
    """What the frames of a job are tagged with.

    Args:
        drawn: What was drawn in the job, as CVAT has it.
        frames: Which of its frames.
        known: The classes by the numbers of labels.
        names: What the labels are called, by their numbers.
    """
    found = FrameTags()
    for tag in drawn.get("tags") or ():
        label = tag.get("label_id")
        if tag.get("frame") not in frames:
            continue
        if label in known:
            found.classes.setdefault(tag["frame"], []).append(known[label])
        else:
            found.unknown.add(names.get(label, f"number {label}") if isinstance(label, int) else repr(label))
    return found


def image_classes(
    given: Iterable[tuple[int, Sequence[TagClass]]], tags: Iterable[Classification]
) -> dict[str, tuple[str, ...]]:
    """The classes of an image by the classification's name, from those of its frames.

    Args:
        given: Each frame's number and its classes.
        tags: The tags of the app.

    Raises:
        CvatError: The frames have two classes of a classification of which an image has one; it names them.
    """
    said: dict[str, dict[str, int]] = {}
    for frame, classes in given:
        for one in classes:
            said.setdefault(one.classification, {}).setdefault(one.value, frame)
    found: dict[str, tuple[str, ...]] = {}
    for tag in tags:
        values = said.get(tag.name, {})
        if len(values) > 1 and not tag.several:
            (first, at), (second, beside) = list(values.items())[:2]
            raise CvatError(
                f"frame {at} is tagged {first!r} and frame {beside} {second!r}: an image has one class of {tag.name!r}"
                if at != beside
                else f"frame {at} is tagged {first!r} and {second!r}: an image has one class of {tag.name!r}"
            )
        if values:
            found[tag.name] = tag.classes_named(values)
    return found


def _whole_name(one: TagClass) -> str:
    return f"{one.classification}: {one.value}"
