"""What the values of a data set are in the studies: labels of the same names, new ones for the others."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping

import numpy as np

from jlabel.errors import LabelError
from jlabel.exchange.found import FoundName
from jlabel.labels.label_entry import LONGEST_NAME, Entry
from jlabel.labels.label_set import LabelSet
from jlabel.types import LabelMap


def with_names(labels: LabelSet, names: Iterable[FoundName]) -> LabelSet:
    """The label set with the names that it does not have yet: with their own values where these are free."""
    for one in names:
        if _entry(labels, one.name) is None:
            labels = _added(labels, one)
    return labels


def own_values(labels: LabelSet, names: Iterable[FoundName]) -> dict[int, int]:
    """Values of a data set to those of the label set, only where they differ."""
    found = {one.value: _entry(labels, one.name) for one in names}
    own = {value: entry.label.value for value, entry in found.items() if entry is not None}
    return {value: to for value, to in own.items() if value != to}


def with_values(label: LabelMap, values: Mapping[int, int]) -> LabelMap:
    """The label with other values, all changed at once; shape and type may differ in no more than the type."""
    if not values:
        return label
    changed = label.astype(np.uint32)
    for value, to in values.items():
        changed[label == value] = to
    return changed


def _entry(labels: LabelSet, name: str) -> Entry | None:
    wanted = _plain(name)
    exact = (entry for entry in labels.entries if not entry.unnamed and entry.label.name == name)
    alike = (
        entry
        for entry in labels.entries
        if not entry.unnamed and wanted in {_plain(one) for one in (entry.label.name, *entry.declared)}
    )
    return next(exact, None) or next(alike, None)


def _plain(name: str) -> str:
    """A name without what data sets write in different ways."""
    return " ".join(name.replace("_", " ").replace("-", " ").lower().split())


def _added(labels: LabelSet, one: FoundName) -> LabelSet:
    tries = ((one.name[:LONGEST_NAME], one.value), (one.name[:LONGEST_NAME], None), (f"value {one.value}", None))
    for name, value in tries:
        with contextlib.suppress(LabelError):
            return labels.add(name, one.color, value)
    return labels
