"""Calls a method that an author wrote, and tells of its failure with the author's own lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jlabel.errors import JlabelError, TaskError
from jlabel.tasks.author_lines import author_lines


def call_hook(method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """What the method returns.

    Args:
        method: A bound method of a task or an app.
        arguments: For it.
        named: For it, by name.

    Raises:
        TaskError: It raised something other than an error of jlabel's own.
    """
    try:
        return method(*arguments, **named)
    except JlabelError:
        raise
    except Exception as error:
        owner = type(getattr(method, "__self__", None)).__name__
        raise TaskError(
            f"{owner}.{method.__name__} failed: {type(error).__name__}: {error}{author_lines(error)}"
        ) from error
