"""One version of a model: its weights, and the row that says where they come from."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jlabel.errors import TaskError
from jlabel.files.json_values import finite, parse_json
from jlabel.files.links import is_link
from jlabel.files.plain_files import read_plain

WEIGHTS, ROW = "weights.safetensors", "model.json"

# A row lists all images that a model has learnt from.
_MOST_BYTES = 256 * 1024**2
_MOST_CLASSES = 65_535


@dataclass(frozen=True)
class ModelVersion:
    """A version of a trained model: where its weights are, what it was trained on, and its scores.

    ``pandas.DataFrame(manager.models(name))`` is a table of all versions of a model.

    Attributes:
        name: The model's name, that of its train task.
        number: Counts from 1; a number is never used again.
        in_use: Whether the infer tasks use this version now.
        metric: The name of the validation metric; "" without validation images.
        score: The value of that metric.
        metrics: All metrics at the epoch whose weights were taken.
        parent: The version that the training began with; None if it began anew.
        images: The training images, id to version of the label.
        judged_by: The validation images, id to version of the label.
        labels: The structures that it finds, name to class.
        time: When it was published (UTC).
        config: The options of its training.
        network: What an infer task needs to build the network, and to prepare images as in training.
        note: Why it is in use or not.
        jlabel_version: The version of jlabel at training.
        torch_version: The version of torch at training.
        file: Its weights, in safetensors format.

    Examples:
        >>> version = jlabel.ModelVersion("segmentation", 1, metric="val_mean_dice", score=0.93, labels={"liver": 1})
        >>> version.number, version.score, version.in_use
        (1, 0.93, False)
        >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
        >>> manager.models("segmentation")  # nothing has been trained yet
        []
        >>> manager.close()
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
        """The version as JSON, as it is saved beside the weights."""
        left_out = ("file", "in_use", "number", "name")
        row = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in left_out}
        return json.dumps(row, indent=1, ensure_ascii=False, default=_plain)

    @staticmethod
    def read(folder: Path, name: str, in_use: bool) -> ModelVersion:
        """Read the version in a folder whose name is its number.

        Raises:
            TaskError: The row is gone or damaged, a value has another type than it must have, or something is a link.
        """
        try:
            _check_places(folder)
            row = _checked(parse_json(read_plain(folder / ROW, _MOST_BYTES)))
            return ModelVersion(
                **{**row, "name": name, "number": int(folder.name), "in_use": in_use, "file": folder / WEIGHTS}
            )
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise TaskError(f"{folder / ROW}: this version of {name!r} cannot be read: {error}") from error


def _check_places(folder: Path) -> None:
    for place in (folder, folder / ROW, folder / WEIGHTS):
        if is_link(place):
            raise ValueError(f"{place.name} is a link, and jlabel follows none there")


def _checked(row: Any) -> dict[str, Any]:
    """The known fields of a row, whose values have the types that they must have: anybody may have written it."""
    if not isinstance(row, dict):
        raise ValueError("it holds no JSON object")
    known = {f.name for f in fields(ModelVersion)}
    checked = {key: value for key, value in row.items() if key in known}
    for key, value in checked.items():
        test, what = _FIELDS.get(key, (lambda _: True, ""))
        if not test(value):
            raise ValueError(f"{key} is {what}, not {value!r:.100}")
    checked["time"] = datetime.fromisoformat(row["time"])
    return checked


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return value is None or finite(value) is not None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _are_counts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_count, value.values()))


_FIELDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "metric": (_is_text, "a text"),
    "score": (_is_number, "a number or null"),
    "metrics": (lambda value: isinstance(value, dict) and all(map(_is_number, value.values())), "an object of numbers"),
    "parent": (lambda value: value is None or _is_count(value), "a whole number or null"),
    "images": (_are_counts, "an object of whole numbers"),
    "judged_by": (_are_counts, "an object of whole numbers"),
    "labels": (
        lambda value: _are_counts(value) and max(value.values(), default=0) <= _MOST_CLASSES,
        "an object of classes",
    ),
    "time": (_is_text, "a text"),
    "config": (lambda value: isinstance(value, dict), "an object"),
    "network": (lambda value: isinstance(value, dict), "an object"),
    "note": (_is_text, "a text"),
    "jlabel_version": (_is_text, "a text"),
    "torch_version": (_is_text, "a text"),
}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)
