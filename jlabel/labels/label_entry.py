"""One label of a label set: what is known of it, and its form in JSON."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from typing import Any

from jlabel.errors import LabelError
from jlabel.labels.label import LARGEST_VALUE, PALETTE, Label
from jlabel.labels.names import seen_name

logger = logging.getLogger(__name__)

LONGEST_NAME = 100
_COLOR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class Entry:
    """One label of a set.

    Attributes:
        label: As people see it.
        declared: The names under which apps and their models know it; none for one that a person added.
        colored: Whether a person chose the colour.
        unnamed: Whether nobody has named it: its value was found in a label. It is shown, and kept once it is named.
        undivided: Whether a person said that its objects are not told apart, whatever an app declares.
    """

    label: Label
    declared: tuple[str, ...] = ()
    colored: bool = False
    unnamed: bool = False
    undivided: bool = False


def color_text(color: object) -> str:
    """A colour as ``#rrggbb`` in lower case.

    Raises:
        LabelError: It is none.
    """
    if not isinstance(color, str) or not _COLOR.fullmatch(color.lower()):
        raise LabelError(f"a colour is written #rrggbb, such as {PALETTE[0]}, not {color!r}")
    return color.lower()


def entry_json(entry: Entry) -> dict[str, Any]:
    """The label as plain JSON."""
    label = entry.label
    fields = {"name": label.name, "value": label.value, "color": label.color}
    apart = {"instances": label.instances} if label.instances or entry.undivided else {}
    return {**fields, "declared": list(entry.declared), "colored": entry.colored, **apart}


def entries_of(data: Any) -> tuple[Entry, ...]:
    """The entries that were kept; one that makes no sense is left out and named, and not all of them with it."""
    if data is None:
        return ()
    if not isinstance(data, list):
        logger.warning("the label set that was kept with the studies is none, and is left out: %.100r", data)
        return ()
    found: list[Entry] = []
    for item in data:
        try:
            entry = _entry(item)
            known = any(one.label.instances for one in found)
            found.append(replace(entry, label=replace(entry.label, instances=False)) if known else entry)
        except (TypeError, KeyError, ValueError, OverflowError, AttributeError) as error:
            logger.warning("a label that was kept with the studies cannot be read, and is left out: %.200s", error)
    return tuple(found)


def _entry(item: Any) -> Entry:
    name, value, color, declared = item["name"], item["value"], item["color"], item["declared"]
    if not isinstance(name, str) or not isinstance(declared, list) or not all(isinstance(one, str) for one in declared):
        raise TypeError(f"a label has a name and declared names, not {name!r} and {declared!r}")
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST_VALUE:
        raise ValueError(f"the value of {name!r} is {value!r}")
    plain = (
        color.lower() if isinstance(color, str) and _COLOR.fullmatch(color.lower()) else PALETTE[value % len(PALETTE)]
    )
    names, apart = tuple(seen_name(one) for one in declared), item.get("instances")
    label = Label(seen_name(name)[:LONGEST_NAME], value, plain, instances=apart is True)
    return Entry(label, names, bool(item["colored"]), undivided=apart is False)
