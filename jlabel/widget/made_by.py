"""Which models, and which versions of them, made a draft: saved with the label."""

from __future__ import annotations

from collections.abc import Sequence

from jlabel.tasks import InferResult

_VERSION = " (version "


def versioned(model: str, result: InferResult) -> str:
    """The model's name as it is saved with a label, with the version that made this answer."""
    return model if result.version is None else f"{model}{_VERSION}{result.version})"


def with_model(models: Sequence[str], model: str) -> list[str]:
    """The models of a draft with one more, as the last; the version before of the same one goes."""
    name = model.partition(_VERSION)[0]
    return [*(one for one in models if one.partition(_VERSION)[0] != name), model]
