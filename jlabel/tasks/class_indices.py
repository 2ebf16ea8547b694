"""Labels as authors of tasks name them, as classes of a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def class_names(labels: str | Sequence[str] | Mapping[str, int] | None) -> tuple[str, ...]:
    """The classes of a classification in the order of the network's scores, from 0 on; empty where some are not named.

    Args:
        labels: Names in that order, or name to number.
    """
    if labels is None or isinstance(labels, str):
        return ()
    if not isinstance(labels, Mapping):
        return tuple(labels)
    names = {int(index): name for name, index in labels.items()}
    return tuple(names[index] for index in sorted(names)) if sorted(names) == list(range(len(names))) else ()


def class_indices(labels: str | Sequence[str] | Mapping[str, int] | None) -> dict[str, int]:
    """Names to classes from 1 on; a background of class 0 is left out."""
    if labels is None:
        return {}
    if isinstance(labels, Mapping):
        return {name: int(index) for name, index in labels.items() if int(index) != 0}
    return {name: i for i, name in enumerate([labels] if isinstance(labels, str) else labels, start=1)}
