"""The structures that an app labels: names, values in the label file, and colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from jlabel.errors import LabelError
from jlabel.labels.names import label_name

# The first eight stay apart for the common kinds of colour blindness, as tests/tasks/test_palette.py measures: those of
# Okabe and Ito (2008) that are seen on dark images, a violet and a light green; then more of the same hues.
PALETTE = (
    "#e69f00",
    "#56b4e9",
    "#009e73",
    "#f0e442",
    "#cc79a7",
    "#d55e00",
    "#8c6bff",
    "#b2df8a",
    "#fdbf6f",
    "#a6cee3",
    "#66c2a5",
    "#fff3a3",
    "#e7b8d4",
    "#fc9272",
    "#9ecae1",
    "#d9f0a3",
)
LARGEST_VALUE = 65_535


@dataclass(frozen=True)
class Label:
    """A structure that users label.

    Attributes:
        name: The name of the structure.
        value: Its value in label files, 1 to 65,535. 0 is the background.
        color: Its colour on the screen, ``#rrggbb``.
        instances: Whether each of its objects has a value of its own, as nuclei have that touch: the label's value and
            those above it that no other label has. At most one label of an app.

    Examples:
        >>> liver = jlabel.Label("liver", 1, "#e69f00")
        >>> app = jlabel.LabelApp(studies, labels=[liver, jlabel.Label("tumour", 5, "#56b4e9")])
        >>> [(label.name, label.value) for label in app.labels]
        [('liver', 1), ('tumour', 5)]
    """

    name: str
    value: int
    color: str
    instances: bool = False


def make_labels(labels: Iterable[str] | Mapping[str, int] | Iterable[Label]) -> tuple[Label, ...]:
    """Labels from names (values 1, 2, …), from ``{name: value}``, or from :class:`Label` objects.

    A ``"background"`` of value 0 is left out: it is what is not labelled.

    Raises:
        LabelError: No labels, a name or value twice, a name that is empty or holds characters that nobody sees, a
            value that no label file can hold, or several labels whose objects are told apart.
    """
    if isinstance(labels, str):
        raise LabelError(f"labels is a list of names, not the text {labels!r}: write [{labels!r}]")
    if isinstance(labels, Mapping):
        pairs: list[Label] = [_label(name, value, i) for i, (name, value) in enumerate(labels.items())]
    else:
        pairs = [_named(item) if isinstance(item, Label) else _label(item, i + 1, i) for i, item in enumerate(labels)]
    made = tuple(label for label in pairs if not (label.value == 0 and label.name.lower() == "background"))
    _check(made)
    return made


def label_values(labels: Iterable[Label]) -> dict[str, int]:
    """Names to values."""
    return {label.name: label.value for label in labels}


def _label(name: object, value: object, index: int) -> Label:
    name = label_name(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise LabelError(f"the value of label {name!r} is a whole number, not {value!r}")
    return Label(name, value, PALETTE[index % len(PALETTE)])


def _named(label: Label) -> Label:
    return replace(label, name=label_name(label.name))


def _check(labels: tuple[Label, ...]) -> None:
    if not labels:
        raise LabelError("an app needs at least one label, such as labels=['tumour']")
    names = [label.name for label in labels]
    values = [str(label.value) for label in labels]
    for what, items in (("name", names), ("value", values)):
        twice = sorted({item for item in items if items.count(item) > 1})
        if twice:
            raise LabelError(f"every label needs its own {what}; given twice: {', '.join(twice)}")
    wrong = [label for label in labels if not 1 <= label.value <= LARGEST_VALUE]
    if wrong:
        raise LabelError(f"the value of label {wrong[0].name!r} is {wrong[0].value}; it must be 1 to {LARGEST_VALUE}")
    apart = [label.name for label in labels if label.instances]
    if len(apart) > 1:
        raise LabelError(f"the objects of one label can be told apart, not those of {' and '.join(apart)}")
