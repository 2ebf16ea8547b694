"""A version of a label: its tag, who saved it when, and which labels its info names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ORIGINAL = "original"
"""Tag of a label that a model made."""
FINAL = "final"
"""Tag of a label that a person made or accepted: an image with one counts as labeled."""


@dataclass(frozen=True)
class LabelVersion:
    """One of the versions that a label has had.

    Attributes:
        number: Counts from 1 for each image and tag; a number is never used again.
        time: When it was saved (UTC).
        author: Who saved it, where that is known.
        bytes: Size of its file.
        sha256: Of its file, in hex; None if the file was found in the folder and its hash was never needed.
        info: What was saved with it.
        current: Whether it is the label now.
    """

    number: int
    time: datetime
    author: str | None
    bytes: int
    sha256: str | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    current: bool = False


def label_names(info: Mapping[str, Any]) -> set[str]:
    """Names of the labels that a label file holds, as its info tells them.

    They are read from ``label_names`` or ``labels`` (a list of names, or a mapping with the names as keys), at the top
    or in ``params``, and from ``label_info``, a list of ``{"name": …}``.
    """
    names: set[str] = set()
    params = info.get("params")
    for part in (info, params if isinstance(params, Mapping) else {}):
        for key in ("label_names", "labels"):
            value = part.get(key)
            if isinstance(value, Mapping | list | tuple):
                names.update(str(name) for name in value)
        entries = part.get("label_info")
        if isinstance(entries, list):
            names.update(str(entry["name"]) for entry in entries if isinstance(entry, Mapping) and "name" in entry)
    return names
