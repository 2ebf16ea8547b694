"""The values of objects that are told apart: those of a label that has one for each of its objects, as nuclei have.

The label's own value is that of an object, and so is every value above it that no other label has: in files, in
trainings and in answers of models.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import LabelError
from jlabel.labels.label import LARGEST_VALUE, Label

# The golden angle: neighbouring values get hues that are far apart.
_DEGREES = 137.508
_COLORS = 256


@dataclass(frozen=True)
class ObjectValues:
    """Which values are those of objects.

    Attributes:
        label: The label whose objects are told apart.
        taken: Values of other labels.

    Examples:
        >>> from jlabel.labels.object_values import ObjectValues
        >>> nuclei = ObjectValues(jlabel.Label("nucleus", 2, "#e69f00", instances=True), frozenset({1, 4}))
        >>> [value for value in range(7) if value in nuclei]
        [2, 3, 5, 6]
        >>> nuclei.next_free(3)
        5
    """

    label: Label
    taken: frozenset[int] = frozenset()

    @property
    def first(self) -> int:
        """The least value of an object: the label's."""
        return self.label.value

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int) and self.first <= value <= LARGEST_VALUE and value not in self.taken

    def among(self, values: Iterable[int]) -> list[int]:
        """Those of the values that are an object's, in their order."""
        return [value for value in values if value in self]

    def table(self, size: int) -> NDArray[np.bool_]:
        """For each value below ``size`` whether it is an object's."""
        table = np.zeros(size, bool)
        table[self.first :] = True
        table[[value for value in self.taken if value < size]] = False
        return table

    def joined(self, values: NDArray[Any]) -> NDArray[Any]:
        """A copy of label values, of the same type and order, in which all objects have the label's value."""
        table = np.arange(int(values.max(initial=0)) + 1, dtype=values.dtype)
        table[self.table(table.size)] = self.first
        joined = np.empty_like(values)
        np.take(table, values, out=joined)
        return joined

    def next_free(self, top: int, used: Iterable[int] = ()) -> int:
        """The value of a new object.

        Args:
            top: The highest value that an image holds.
            used: Values that it must not be; looked at only where none is left above ``top``.

        Raises:
            LabelError: All values are taken.
        """
        for value in range(max(top + 1, self.first), LARGEST_VALUE + 1):
            if value not in self.taken:
                return value
        gone = set(used)
        for value in range(self.first, LARGEST_VALUE + 1):
            if value in self and value not in gone:
                return value
        raise LabelError(f"all values for objects of {self.label.name} are taken, up to {LARGEST_VALUE}")

    def colors(self, top: int) -> dict[int, str]:
        """The colours (``#rrggbb``) of objects by value, up to the value ``top``."""
        return {value: self.color(value) for value in range(self.first, top + 1) if value in self}

    def color(self, value: int) -> str:
        """The colour of an object: the label's for the label's own value, else that of :func:`object_color`."""
        return self.label.color if value == self.first else object_color(value)


def object_color(value: int) -> str:
    """A colour (``#rrggbb``) for a value that has no label; the labeler's pages have the same (js/src/view/palette.ts).

    >>> from jlabel.labels.object_values import object_color
    >>> object_color(7), object_color(8)
    ('#4740f2', '#f27b40')
    """
    hue = ((value % _COLORS) * _DEGREES) % 360

    def channel(shift: int) -> int:
        k = (shift + hue / 30) % 12
        return int(255 * (0.6 - 0.35 * max(-1.0, min(k - 3, 9 - k, 1.0))) + 0.5)

    return f"#{channel(0):02x}{channel(8):02x}{channel(4):02x}"


def told_apart(info: Mapping[str, Any], labels: Iterable[Label] = ()) -> ObjectValues | None:
    """The values of objects in a saved label; None where its info does not say that it tells any apart.

    Args:
        info: What is kept with the label.
        labels: The labels in use, one of which its objects may belong to.
    """
    named, name, known = info.get("labels"), info.get("instances"), tuple(labels)
    values = dict(named) if isinstance(named, Mapping) else {}
    first = values.get(name) if isinstance(name, str) else None
    if not isinstance(first, int) or not 1 <= first <= LARGEST_VALUE:
        return None
    own = Label(str(name), first, object_color(first), instances=True)
    label = next((one for one in known if one.value == first), own)
    others = {value for value in values.values() if isinstance(value, int)} | {one.value for one in known}
    return ObjectValues(label, frozenset(others - {label.value}))
