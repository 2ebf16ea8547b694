"""Options that only a training with clicks has."""

from __future__ import annotations

from jlabel.errors import TaskError
from jlabel.training import Context


def interactions(context: Context) -> int:
    """How many clicks may follow the first.

    Raises:
        TaskError: The option is no whole number from 0 on.
    """
    value = context.request["interactions"]
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TaskError(f"interactions is a whole number from 0 on, not {value!r}")
    return value


def automatic_share(context: Context) -> float:
    """The share of patches without a click.

    Raises:
        TaskError: The option is no share.
    """
    value = context.request["automatic_share"]
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise TaskError(f"automatic_share is a number from 0 to 1, not {value!r}")
    return float(value)
