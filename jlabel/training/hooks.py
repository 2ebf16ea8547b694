"""Asking a train task's methods."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from jlabel.tasks.author_hook import call_hook
from jlabel.training.train_context import Context


def ask(method: Callable[..., Any], context: Context) -> Any:
    """What the method says about the training; one that an author wrote without ``context`` is called without it."""
    return call_hook(method, context) if inspect.signature(method).parameters else call_hook(method)
