"""Options of a training that may be given to a train task by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jlabel.errors import TaskError

_NAMES = ("val_interval", "find_unused_parameters", "tracking", "tracking_uri", "tracking_experiment_name")


def keyword_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options as they stand in ``config``.

    Args:
        given: Keywords of the constructor that have no parameter of their own.

    Raises:
        TaskError: There is no such option.
    """
    unknown = sorted(set(given) - set(_NAMES))
    if unknown:
        raise TaskError(f"a train task takes no {unknown[0]!r}; options are given as config={{{unknown[0]!r}: …}}")
    options = {
        name: value for name, value in given.items() if name == "find_unused_parameters" or value not in (None, "")
    }
    return {**options, **({"tracking": None} if options.get("tracking") == "None" else {})}
