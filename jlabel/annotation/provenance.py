"""Which models, and which versions of them, made a draft: saved with the label."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from jlabel.tasks import InferResult

_VERSION = " (version "
_NAMED = re.compile(r"(?P<model>.*?) \(version (?P<number>\d{1,9})\b", re.DOTALL)


def models_of(info: Mapping[str, Any]) -> tuple[str, ...]:
    """The models that made a label, as was saved with it."""
    models = info.get("models")
    return tuple(map(str, models)) if isinstance(models, list) else ()


def versioned(model: str, result: InferResult) -> str:
    """The model's name as it is saved with a label, with the version that made this answer."""
    return model if result.version is None else f"{model}{_VERSION}{result.version})"


def with_model(models: Sequence[str], model: str) -> tuple[str, ...]:
    """The models of a draft with one more, as the last; the version before of the same one goes."""
    name = model.partition(_VERSION)[0]
    return (*(one for one in models if one.partition(_VERSION)[0] != name), model)


def model_and_version(name: str) -> tuple[str, int | None]:
    """The model and the number of its version, of a name as it is saved with a label; None where it names none."""
    found = _NAMED.match(name)
    return (name, None) if found is None else (found["model"], int(found["number"]))
