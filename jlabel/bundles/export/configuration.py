"""MONAI's objects as the configuration that makes them: ``_target_`` and arguments."""

from __future__ import annotations

import enum
import importlib
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from jlabel.bundles.export.recording import ConstructorArguments
from jlabel.errors import TaskError

# In whose names MONAI's configurations need no path.
_SHORT = (
    "monai.transforms",
    "monai.inferers",
    "monai.networks.nets",
    "monai.losses",
    "monai.handlers",
    "monai.data",
    "monai.optimizers",
)
_PUBLIC = ("torch.nn", "torch.optim", "torch.optim.lr_scheduler")
_MARKS = ("$", "@", "%")


class Configuration:
    """Writes objects as configuration.

    Args:
        made: With which arguments they were made.
        known: What an object that the configuration has already is called there, by its ``id``: ``"@preprocessing"``.
    """

    def __init__(self, made: ConstructorArguments, known: Mapping[int, str] | None = None) -> None:
        self._made = made
        self.known = dict(known or {})

    def of(self, value: Any) -> Any:
        """A value of JSON from which MONAI makes this value again.

        Raises:
            TaskError: It cannot be written as configuration; says what it is.
        """
        if id(value) in self.known:
            return self.known[id(value)]
        if isinstance(value, str):
            return plain_text(value)
        if isinstance(value, enum.Enum):
            return self.of(value.value)
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else f"$float('{value}')"
        if isinstance(value, list | tuple):
            return [self.of(one) for one in value]
        if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
            return {key: self.of(one) for key, one in value.items()}
        expression = _expression(value)
        return self._object(value) if expression is None else expression

    def made(self, thing: Any, whole: bool = False, kind: type | None = None, **others: Any) -> dict[str, Any]:
        """An object as ``_target_`` and arguments.

        Args:
            thing: The object.
            whole: Whether arguments that have their default value are written too.
            kind: The class to name, where it is another that takes the same arguments.
            **others: Arguments that are known to be written in another way, as configuration.

        Raises:
            TaskError: Its class cannot be imported elsewhere, or it is not known how it was made.
        """
        name = target(kind or type(thing))
        arguments = self._made.of(thing, whole)
        if arguments is None:
            raise TaskError(
                f"it is not known with which arguments this {type(thing).__qualname__} was made: make it in the method "
                "of the task that returns it, or say it in configuration: network={'_target_': ...} for a network"
            )
        if "*" in arguments:
            raise TaskError(f"{type(thing).__qualname__} was made with arguments that have no name, so it {_CANNOT}")
        rest = {key: self.of(value) for key, value in arguments.items() if key not in others}
        return {"_target_": name, **rest, **others}

    def _object(self, value: Any) -> Any:
        if callable(value) and hasattr(value, "__qualname__"):
            return {"_target_": _importable(value), "_mode_": "callable"}
        return self.made(value)


_OF_PICTURES = "jlabel.segmentation.picture_steps"
_CANNOT = "cannot be written as configuration"


def plain_text(text: str) -> str:
    """A text that a configuration takes as it is: one that begins like a reference or an expression is neither then.

    Raises:
        TaskError: There is no way to write it.
    """
    if not text.startswith(_MARKS):
        return text
    if "@" in text or "%" in text:
        raise TaskError(f"the text {text!r:.60} {_CANNOT}: it would be taken for a reference")
    return f"${text!r}"


def target(kind: type) -> str:
    """What a configuration calls a class: its name if it is one of MONAI's public ones, else its path.

    Raises:
        TaskError: It cannot be imported elsewhere.
    """
    name: str = kind.__name__
    for place in (*_SHORT, *_PUBLIC):
        if getattr(importlib.import_module(place), name, None) is kind:
            return name if place in _SHORT else f"{place}.{name}"
    return _importable(kind)


def _importable(thing: Any) -> str:
    module, name = str(getattr(thing, "__module__", "")), str(thing.__qualname__)
    top = module.partition(".")[0]
    if top in ("__main__", "") or "<" in name:
        raise TaskError(
            f"{name} is defined in a notebook or inside a function, so it {_CANNOT}: "
            "move it into a module of a package that is installed where the bundle runs"
        )
    if module == _OF_PICTURES:
        raise TaskError(
            "a network for pictures cannot be written as a bundle, which runs by MONAI alone: MONAI has no step for "
            f"what it does with colours and with pictures of other sizes ({name}). Keep it as a version of its model, "
            "and give away the app with its models"
        )
    if top == "jlabel":
        raise TaskError(f"{module}.{name} is a part of jlabel and {_CANNOT} that runs without it")
    # Functions that are written in C are told to be methods of something hidden.
    for path in (name, str(thing.__name__)):
        found: Any = importlib.import_module(module)
        for part in path.split("."):
            found = getattr(found, part, None)
        if found is thing:
            return f"{module}.{path}"
    raise TaskError(f"{module} has no {name} that could be imported, so it {_CANNOT}")


def _expression(value: Any) -> str | float | None:
    """What has no JSON but a short expression of numpy or torch; None where there is none."""
    if isinstance(value, np.generic):
        return value.item()  # type: ignore[no-any-return]
    if isinstance(value, torch.dtype):
        return f"${value}"
    if isinstance(value, torch.device):
        return f"$torch.device('{value}')"
    if isinstance(value, type) and issubclass(value, np.generic):
        return f"$numpy.{value.__name__}"
    if isinstance(value, np.dtype):
        return f"$numpy.dtype('{value.str}')"
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return f"$numpy.array({value.tolist()}, dtype='{value.dtype.str}')"
    if isinstance(value, torch.Tensor) and value.numel() <= 4096:
        return f"$torch.tensor({value.tolist()}, dtype={value.dtype})"
    return None
