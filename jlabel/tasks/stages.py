"""The callbacks of an infer task's call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from jlabel.errors import TaskError
from jlabel.tasks.author_hook import call_hook
from jlabel.tasks.kinds import CallBackTypes

Callbacks = Mapping[str, Callable[[dict[str, Any]], Any]]
NO_CALLBACKS: Callbacks = MappingProxyType({})


class Stages:
    """Calls what was asked to be called after each stage.

    Args:
        callbacks: Functions by stage; each gets the data and returns it.

    Raises:
        TaskError: There is no such stage.
    """

    def __init__(self, callbacks: Callbacks) -> None:
        known = set(CallBackTypes)
        unknown = [str(name) for name in callbacks if name not in known]
        if unknown:
            raise TaskError(f"there is no stage {unknown[0]!r} to call back after; there is {', '.join(CallBackTypes)}")
        self._callbacks = callbacks

    def after(self, stage: CallBackTypes, data: dict[str, Any]) -> dict[str, Any]:
        """The data as the callback of a stage returns it.

        Raises:
            TaskError: The callback failed, or returns no data.
        """
        callback = self._callbacks.get(stage)
        if callback is None:
            return data
        changed = call_hook(callback, data)
        if not isinstance(changed, Mapping):
            raise TaskError(f"the callback after {stage} returned {type(changed).__name__}: it must return the data")
        return dict(changed)


def no_callbacks(task: object, callbacks: Callbacks | None) -> None:
    """Refuse callbacks for a task that has no stages of transforms and a network.

    Raises:
        TaskError: There are some.
    """
    if callbacks:
        raise TaskError(f"{type(task).__name__} takes no callbacks: it does not run in stages")
