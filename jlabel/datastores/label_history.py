"""The history of a label as a notebook shows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jlabel.datastores.label_version import LabelVersion, label_names
from jlabel.display.table import Listing


def history_list(versions: Iterable[LabelVersion], image_id: str, tag: str) -> Listing[LabelVersion]:
    """Versions of a label, the oldest first, as a table in a notebook."""
    return Listing(versions, f"Versions of the label {tag} of {image_id}", _row, ("version", "saved", "author"))


def _row(version: LabelVersion) -> dict[str, Any]:
    models = version.info.get("models")
    return {
        "version": version.number,
        "saved": version.time,
        "author": version.author,
        "labels": tuple(sorted(label_names(version.info))),
        "models": tuple(map(str, models)) if isinstance(models, list) else (),
        "bytes": version.bytes,
        "current": version.current,
    }
