"""What to say of a transform that failed: which it was, on which keys, and what it was given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any

import numpy as np
import torch

from jlabel.tasks.author_lines import author_lines
from jlabel.tasks.error_chain import error_chain
from jlabel.tasks.keys import Step

_MOST_KEYS = 8


def step_name(step: object) -> str:
    """A transform's name."""
    return str(getattr(step, "__name__", type(step).__name__))


def place_of(step: object, position: int, count: int, data: object) -> str:
    """``"transform 3 of 7, keys image and label; it was given image: float32 (1, 12, 10, 8)"``.

    Args:
        step: The transform.
        position: Its place among its author's, from 1 on.
        count: How many there are.
        data: What it was given.
    """
    keys = _keys(step)
    on = f", keys {', '.join(keys)}" if keys else ""
    return f"transform {position} of {count}{on}; it was given {_given(data, keys)}"


def failure(step: object, position: int, count: int, data: object, error: BaseException) -> str:
    """All of it, to follow the stage: ``"transform Spacingd failed: KeyError: 'x' (transform 3 of 7; …)"``."""
    first = error_chain(error)[-1]
    place = place_of(step, position, count, data)
    reason = f"{type(first).__name__}: {first}"
    return f"transform {step_name(step)} failed: {reason} ({place}){author_lines(first)}"


def failed_transform(error: BaseException) -> str:
    """:func:`failure` of the transform of a ``Compose`` that raised the exception; ``""`` where there was none."""
    step: Any = None
    data: Any = None
    steps: Sequence[Step] = ()
    for cause in error_chain(error, contexts=True):
        for frame in _frames(cause.__traceback__):
            seen = frame.f_locals
            if frame.f_code.co_name == "execute_compose":
                steps = steps or seen.get("transforms", ())
            elif frame.f_code.co_name == "apply_transform" and step is None:
                step, data = seen.get("transform"), seen.get("data")
    authors = [one for one in steps if not getattr(one, "is_added", False)]
    # A transform with a state of its own is copied before it runs.
    same = [position for position, one in enumerate(authors, 1) if one is step]
    alike = [position for position, one in enumerate(authors, 1) if type(one) is type(step)]
    place = next(iter([*same, *alike]), 0)
    return failure(step, place, len(authors), data, error) if place else ""


def _keys(step: object) -> list[str]:
    keys = getattr(step, "keys", ())
    if isinstance(keys, str):
        return [keys]
    return [str(key) for key in keys] if isinstance(keys, tuple | list) else []


def _given(data: object, keys: Sequence[str]) -> str:
    if not isinstance(data, Mapping):
        return _described(data)
    missing = [key for key in keys if key not in data]
    names = [name for name in keys if name in data] or [str(name) for name in data]
    told = [f"{name}: {_described(data[name])}" for name in names[:_MOST_KEYS]]
    others = [str(name) for name in data if str(name) not in names][:_MOST_KEYS]
    rest = f", and {', '.join(others)}" if others else ""
    return f"{', '.join(told) or 'nothing'}{rest}" + (f", without {', '.join(missing)}" if missing else "")


def _described(value: object) -> str:
    if isinstance(value, torch.Tensor):
        return f"{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__} of {len(value)}"
    return f"{value!r:.60}" if isinstance(value, str | int | float | bool) else type(value).__name__


def _frames(trace: TracebackType | None) -> Iterator[Any]:
    while trace is not None:
        yield trace.tb_frame
        trace = trace.tb_next
