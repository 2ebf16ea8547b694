"""What images as a whole are told apart by: a classification and its classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jlabel.errors import LabelError
from jlabel.labels.names import alike, label_name


@dataclass(frozen=True)
class Classification:
    """A question about an image as a whole, and the answers to it: each image has at most one of the classes.

    Args:
        name: What it is about, such as ``"view"``.
        classes: The answers, two or more, such as ``("in body", "out of body")``.

    Raises:
        LabelError: A name is empty, is there twice, or holds characters that nobody sees; or there are less than two
            classes.

    Examples:
        >>> view = jlabel.Classification("view", ["in body", "out of body"])
        >>> view.name, view.classes
        ('view', ('in body', 'out of body'))
        >>> app = jlabel.LabelApp(studies, labels=["polyp"], tags={"view": ["in body", "out of body"]})
        >>> app.tags == (view,)
        True
    """

    name: str
    classes: Sequence[str]

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


def make_classifications(
    tags: Mapping[str, Sequence[str]] | Iterable[Classification],
) -> tuple[Classification, ...]:
    """Classifications from ``{name: classes}``, or as they are.

    Raises:
        LabelError: One makes no sense, or two have one name and other classes.
    """
    given = [Classification(*pair) for pair in tags.items()] if isinstance(tags, Mapping) else list(tags)
    found: dict[str, Classification] = {}
    for one in given:
        if not isinstance(one, Classification):
            raise LabelError(f"tags is {{name: [classes]}} or a list of Classification, and {one!r} is none")
        known = found.setdefault(one.name, one)
        if known != one:
            raise LabelError(f"{one.name!r} has two lists of classes: {known.classes} and {one.classes}")
    return tuple(found.values())
