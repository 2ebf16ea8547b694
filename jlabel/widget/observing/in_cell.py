"""A callback that runs as if in the cell that registered it."""

from __future__ import annotations

import contextvars
import logging
import sys
from collections.abc import Callable
from typing import Any

logger = logging.getLogger(__name__)


class InCell:
    """Calls a callback so that what it prints, and its errors, appear in the cell that registered it.

    An error is shown there, outside of notebooks in the log, and goes no further: whoever calls is not stopped by it.
    Two of the same callback are equal, so that one can be given up again.

    Args:
        callback: What to call.
        hushed: Whether an error is about what has changed again meanwhile, and so is no error.
    """

    def __init__(
        self, callback: Callable[..., Any], hushed: Callable[[Exception, tuple[Any, ...]], bool] = lambda *_: False
    ) -> None:
        self.callback = callback
        self._hushed = hushed
        # In a notebook it knows the cell that runs.
        self._context = contextvars.copy_context()

    def __call__(self, *arguments: Any) -> None:
        """Call it."""
        self._context.copy().run(self._call, arguments)

    def __eq__(self, other: object) -> bool:
        return self.callback == (other.callback if isinstance(other, InCell) else other)

    def __hash__(self) -> int:
        return hash(self.callback)

    def _call(self, arguments: tuple[Any, ...]) -> None:
        try:
            self.callback(*arguments)
        except Exception as error:  # noqa: BLE001 - a person's code may raise whatever it likes
            if not self._hushed(error, arguments):
                _show(error)


def _show(error: Exception) -> None:
    if "IPython" in sys.modules:
        from IPython.core.getipython import get_ipython

        shell: Any = get_ipython()
        if hasattr(shell, "kernel"):
            # Without the line above, which is not the person's.
            tail = error.__traceback__.tb_next if error.__traceback__ is not None else None
            shell.showtraceback((type(error), error, tail))
            return
    logger.error("a callback of the labeler failed", exc_info=error)
