"""Scores and features as they are kept: checked before they are written, and taken as they are where they are read."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.datastores.scores import Score, ScoreTable
from jlabel.errors import DatastoreError
from jlabel.files.json_values import finite, parse_json

_LARGEST_FLOAT16 = 65504.0


def score_number(value: Any, of: str) -> float:
    """A score as a number; NaN where it is none that can be compared.

    Args:
        value: As a scoring method gave it.
        of: What it is the score of, for the message.

    Raises:
        DatastoreError: It is no number at all.
    """
    try:
        number = math.nan if value is None else float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise DatastoreError(f"the score of {of} must be a number, not {value!r:.80}") from error
    return number if math.isfinite(number) else math.nan


def checked(score: Score) -> Score:
    """The score with numbers for its values, and info that JSON can hold.

    Raises:
        DatastoreError: A value is no number, a name is no text, or the info is none that JSON can hold.
    """
    names = (score.image_id, score.method, score.model, *score.by_label)
    if not all(isinstance(name, str) for name in names) or not score.method:
        raise DatastoreError(f"a score needs an image, a method and a model by their names, not {names!r:.200}")
    of = f"{score.image_id!r} by {score.method!r}"
    return Score(
        score.image_id,
        score.method,
        score_number(score.value, of),
        score.model,
        int(score.version),
        {name: score_number(value, f"{name!r} in {of}") for name, value in score.by_label.items()},
        max(0.0, finite(score.seconds) or 0.0),
        score.time,
        _plain(dict(score.info)),
    )


def vector_bytes(vector: NDArray[Any]) -> bytes:
    """Features as they are kept: float16, little-endian; what is no number is 0, what is too large the largest.

    Raises:
        DatastoreError: They are no vector of numbers.
    """
    try:
        values = np.asarray(vector, np.float64).ravel()
    except (TypeError, ValueError) as error:
        raise DatastoreError(f"features must be a vector of numbers: {error}") from error
    if not values.size:
        raise DatastoreError("features must be a vector of numbers: there is none")
    held = np.nan_to_num(values, nan=0.0, posinf=_LARGEST_FLOAT16, neginf=-_LARGEST_FLOAT16)
    return np.clip(held, -_LARGEST_FLOAT16, _LARGEST_FLOAT16).astype("<f2").tobytes()


def vectors(rows: Sequence[tuple[str, Any]]) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Ids and features of shape ``(image, feature)`` from rows of both; those of another length than most are left
    out, and what is no vector."""
    held = [(image_id, kept) for image_id, kept in rows if isinstance(kept, bytes) and kept and len(kept) % 2 == 0]
    if not held:
        return (), np.zeros((0, 0), np.float32)
    length = Counter(len(kept) for _, kept in held).most_common(1)[0][0]
    same = [(image_id, kept) for image_id, kept in held if len(kept) == length]
    values = np.frombuffer(b"".join(kept for _, kept in same), "<f2").reshape(len(same), -1)
    return tuple(image_id for image_id, _ in same), np.nan_to_num(values.astype(np.float32))


def score_table(
    ids: Sequence[str], values: Iterable[Any], by_label: Sequence[Mapping[str, Any]], info: Sequence[Mapping[str, Any]]
) -> ScoreTable:
    """The arrays of a :class:`ScoreTable` from its rows."""
    labels = tuple(sorted({name for row in by_label for name in row}))
    columns = {name: number for number, name in enumerate(labels)}
    array = np.full((len(ids), len(labels)), np.nan)
    for number, row in enumerate(by_label):
        for name, value in row.items():
            array[number, columns[name]] = as_float(value)
    return ScoreTable(tuple(ids), np.array([as_float(one) for one in values], float), labels, array, tuple(info))


def as_float(kept: object) -> float:
    """A score as it was kept; NaN where it is none."""
    number = finite(kept)
    return math.nan if number is None else number


def noted(texts: Sequence[Any]) -> list[dict[str, Any]]:
    """What texts of JSON hold, an empty dictionary for one that holds none; all are read at once, which is quick."""
    try:
        found = json.loads(f"[{','.join(texts)}]")
        if len(found) == len(texts) and all(type(one) is dict for one in found):
            return found  # type: ignore[no-any-return]
    except (TypeError, ValueError, RecursionError):
        pass
    return [_dictionary(one) for one in texts]


def _dictionary(kept: Any) -> dict[str, Any]:
    try:
        found = parse_json(kept)
    except (ValueError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _plain(value: Any) -> Any:
    """JSON values; a number that is none of JSON's, such as NaN, becomes None."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    raise DatastoreError(f"info must be text, numbers, lists and dictionaries: {type(value).__name__} is none of them")
