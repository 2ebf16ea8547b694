"""What stands in the place of a class or function that jlabel does not have."""

from __future__ import annotations

from typing import Any

from jlabel.errors import TaskError


def refused(name: str, instead: str) -> type:
    """A class that can be imported, named and subclassed, and refuses to be made.

    Args:
        name: Its full name in MONAI Label.
        instead: What to do instead.
    """

    def refuse(cls: type, *args: Any, **kwargs: Any) -> Any:
        raise TaskError(f"jlabel has no {name}: {instead}")

    return type(name.rpartition(".")[2], (), {"__new__": refuse, "__doc__": f"Not in jlabel: {instead}"})
