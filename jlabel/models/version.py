"""One version of a model: its weights, and the row that says where they come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jlabel.errors import TaskError

WEIGHTS, ROW = "weights.safetensors", "model.json"


@dataclass(frozen=True)
class ModelVersion:
    """A version of a model; ``pandas.DataFrame(manager.models(name))`` is a table of them.

    Attributes:
        name: The model's name, the one of its train task.
        number: Counts from 1; a number is never used again.
        in_use: Whether the infer tasks take this one now.
        metric: What it was judged by; "" where no image was left for that.
        score: The metric's value on the images that are kept to judge by.
        metrics: All metrics at the epoch that was taken.
        parent: The version that the training began with; None where it began anew.
        images: The images it has learnt from, id to version of the label.
        judged_by: The images that it was judged by, the same way.
        labels: The structures it finds, name to class.
        time: When it was published (UTC).
        config: The options of its training.
        network: What an infer task must know to build the network, and to prepare images as the training did.
        note: Why it is in use or not.
        jlabel_version: Of the training.
        torch_version: Of the training.
        file: Its weights, in safetensors format.
    """

    name: str
    number: int
    in_use: bool = False
    metric: str = ""
    score: float | None = None
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    parent: int | None = None
    images: Mapping[str, int] = field(default_factory=dict)
    judged_by: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, int] = field(default_factory=dict)
    time: datetime = field(default_factory=lambda: datetime.now(UTC))
    config: Mapping[str, Any] = field(default_factory=dict)
    network: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    jlabel_version: str = ""
    torch_version: str = ""
    file: Path = field(default=Path(WEIGHTS), repr=False)

    def to_json(self) -> str:
        """What is kept of it beside the weights."""
        left_out = ("file", "in_use", "number", "name")
        row = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in left_out}
        return json.dumps(row, indent=1, ensure_ascii=False, default=_plain)

    @staticmethod
    def read(folder: Path, name: str, in_use: bool) -> ModelVersion:
        """The version in that folder, whose name is its number.

        Raises:
            TaskError: The row is gone or damaged.
        """
        try:
            row = json.loads((folder / ROW).read_text(encoding="utf-8"))
            row["time"] = datetime.fromisoformat(row["time"])
            known = {f.name for f in fields(ModelVersion)}
            row = {key: value for key, value in row.items() if key in known}
            return ModelVersion(
                **{**row, "name": name, "number": int(folder.name), "in_use": in_use, "file": folder / WEIGHTS}
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise TaskError(f"{folder / ROW}: this version of {name!r} cannot be read: {error}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)
