"""Runs transforms outside of a task."""

from __future__ import annotations

from typing import Any

from jlabel.errors import TaskError
from jlabel.tasks.failing_step import failure
from jlabel.tasks.transforms import flatten, run_steps


def run_transforms(
    data: dict[str, Any],
    callables: Any,
    inverse: bool = False,
    log_prefix: str = "POST",
    log_name: str = "Transform",
    use_compose: bool = False,
) -> dict[str, Any]:
    """The data after the transforms.

    Args:
        data: What they work on.
        callables: A transform or several, or a ``Compose`` of them.
        inverse: Run their inverses, in the order in which they are given.
        log_prefix: What they are for, in an error.
        log_name: What they are called, in MONAI Label's log.
        use_compose: Makes no difference here.

    Raises:
        TaskError: One of them failed; says which.
    """
    steps = flatten(callables or [])
    if not inverse:
        return run_steps(data, steps, log_prefix.lower())
    for position, step in enumerate(steps, 1):
        try:
            data = dict(step.inverse(data))  # type: ignore[attr-defined]
        except Exception as error:
            raise TaskError(f"inverse {failure(step, position, len(steps), data, error)}") from error
    return data
