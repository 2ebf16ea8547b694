"""The names of a bundle's labels and those of the app, whatever their spelling."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.labels.names import alike
from jlabel.prompts.prompt import InitialMask
from jlabel.tasks.request import InferRequest, InferResult


def as_bundle_spells(request: InferRequest, labels: Iterable[str]) -> InferRequest:
    """The request with the names of labels as a bundle spells them; names that it does not know stay."""
    known = {alike(name): name for name in labels}

    def spelled(name: str) -> str:
        return known.get(alike(name), name)

    return replace(
        request,
        label=spelled(request.label),
        labels={spelled(name): value for name, value in request.labels.items()},
        prompts=tuple(
            prompt if isinstance(prompt, InitialMask) else replace(prompt, label=spelled(prompt.label))
            for prompt in request.prompts
        ),
    )


def in_app_spelling(result: InferResult, request: InferRequest) -> InferResult:
    """An answer with the names of labels as the app spells them."""
    known = {alike(name): name for name in request.labels}
    labels = {known.get(alike(name), name): value for name, value in result.labels.items()}
    return replace(result, labels=labels, classes=tuple(known.get(alike(name), name) for name in result.classes))


def asked_structure(result: InferResult, request: InferRequest) -> InferResult:
    """An answer with the structure that was asked for alone: all that was found where the answer has no such name."""
    named = next((name for name in result.labels if alike(name) == alike(request.label)), "")
    inside = result.values == result.labels[named] if named else result.values > 0
    name = request.label or next(iter(result.labels))
    value = request.labels.get(name) or result.labels.get(named, 1)
    values: NDArray[Any] = np.where(inside, value, 0).astype(np.uint8 if value < 256 else np.uint16)
    return replace(result, values=values, labels={name: value})
