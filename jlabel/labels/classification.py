"""What images as a whole are told apart by: a classification and its classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jlabel.errors import LabelError
from jlabel.labels.names import alike, label_name


@dataclass(frozen=True)
class Classification:
    """A question about an image as a whole, and the answers to it: an image has one of the classes, or several.

    Args:
        name: What it is about, such as ``"view"``.
        classes: The answers, two or more, such as ``("in body", "out of body")``.
        several: Whether an image may have several of the classes at once, such as two diagnoses.

    Raises:
        LabelError: A name is empty, is there twice, or holds characters that nobody sees; or there are less than two
            classes.

    Examples:
        >>> view = jlabel.Classification("view", ["in body", "out of body"])
        >>> view.name, view.classes
        ('view', ('in body', 'out of body'))
        >>> diagnosis = jlabel.Classification("diagnosis", ["pneumonia", "effusion", "normal"], several=True)
        >>> app = jlabel.LabelApp(studies, labels=["polyp"], tags=[view, diagnosis])
        >>> [(one.name, one.several) for one in app.tags]
        [('view', False), ('diagnosis', True)]
    """

    name: str
    classes: Sequence[str]
    several: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.classes, str):
            raise LabelError(f"the classes of {self.name!r} are a list of names, not the text {self.classes!r}")
        object.__setattr__(self, "name", label_name(self.name))
        object.__setattr__(self, "classes", tuple(label_name(one) for one in self.classes))
        known = [alike(one) for one in self.classes]
        twice = next((one for one in self.classes if known.count(alike(one)) > 1), None)
        if twice is not None:
            raise LabelError(f"a class of {self.name!r} is there twice: {twice!r}")
        if len(known) < 2:
            raise LabelError(f"{self.name!r} needs at least two classes, such as ['in body', 'out of body']")

    def class_named(self, name: str) -> str:
        """The class, whatever the spelling of its name.

        Raises:
            LabelError: There is none.
        """
        found = next((one for one in self.classes if alike(one) == alike(name)), None)
        if found is None:
            raise LabelError(f"{self.name!r} has no class {name!r}; it has {', '.join(self.classes)}")
        return found

    def classes_named(self, names: str | Iterable[str]) -> tuple[str, ...]:
        """The classes of these names, each once, in the order of :attr:`classes`.

        Raises:
            LabelError: There is none of a name, or there are several where an image has one.
        """
        found = {self.class_named(name) for name in ([names] if isinstance(names, str) else names)}
        if len(found) > 1 and not self.several:
            raise LabelError(
                f"an image has one class of {self.name!r}, not {' and '.join(map(repr, sorted(found)))}: "
                "Classification(…, several=True) allows more"
            )
        return tuple(one for one in self.classes if one in found)


def make_classifications(
    tags: Mapping[str, Sequence[str] | Mapping[str, Any]] | Iterable[Classification],
) -> tuple[Classification, ...]:
    """Classifications from ``{name: classes}``, from ``{name: {"classes": classes, "several": True}}``, or as they are.

    Raises:
        LabelError: One makes no sense, or two have one name and other classes.
    """
    given = [_of_pair(*pair) for pair in tags.items()] if isinstance(tags, Mapping) else list(tags)
    found: dict[str, Classification] = {}
    for one in given:
        if not isinstance(one, Classification):
            raise LabelError(f"tags is {{name: [classes]}} or a list of Classification, and {one!r} is none")
        known = found.setdefault(one.name, one)
        if known.classes != one.classes:
            raise LabelError(f"{one.name!r} has two lists of classes: {known.classes} and {one.classes}")
        if known.several != one.several:
            raise LabelError(f"{one.name!r} is there twice: with one class of an image, and with several")
    return tuple(found.values())


def _of_pair(name: str, given: Sequence[str] | Mapping[str, Any]) -> Classification:
    if not isinstance(given, Mapping):
        return Classification(name, given)
    if {*given} - {"classes", "several"} or "classes" not in given or not isinstance(given.get("several", False), bool):
        raise LabelError(f'{name!r} is a list of classes, or {{"classes": [...], "several": True}}')
    return Classification(name, given["classes"], given.get("several", False))
