"""With which arguments an object was made, so that a configuration can make it again."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from types import CodeType, FrameType, TracebackType
from typing import Any


class ConstructorArguments:
    """Remembers the arguments of every object that this thread makes of certain classes, while it is entered.

    MONAI's transforms keep what they were given under names of their own, or not at all; the call of their constructor
    is the one place where it is all known.

    Args:
        kinds: The classes, with their subclasses.

    Examples:
        >>> from monai.transforms import NormalizeIntensityd, Transform
        >>> with ConstructorArguments(Transform) as made:
        ...     step = NormalizeIntensityd("image", nonzero=True)
        >>> made.of(step)
        {'keys': 'image', 'nonzero': True}
    """

    def __init__(self, *kinds: type) -> None:
        self._kinds = kinds
        self._made: dict[int, tuple[Any, dict[str, Any]]] = {}
        self._before: Any = None

    def __enter__(self) -> ConstructorArguments:
        self._before = sys.getprofile()
        sys.setprofile(self._called)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        sys.setprofile(self._before)

    def of(self, thing: object, whole: bool = False) -> dict[str, Any] | None:
        """The arguments of an object, by name; None where it was not seen to be made.

        Args:
            thing: The object.
            whole: Whether arguments that have their default value are there too.
        """
        if id(thing) not in self._made:
            return {} if type(thing).__init__ is object.__init__ else None
        usual = {} if whole else _defaults(type(thing))
        return {name: value for name, value in self._made[id(thing)][1].items() if not _is_usual(name, value, usual)}

    def _called(self, frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if event != "call" or code.co_name != "__init__" or not code.co_argcount:
            return
        values = frame.f_locals
        thing = values.get(code.co_varnames[0])
        # The constructor of the object's own class is called first, and those of its bases within it.
        if isinstance(thing, self._kinds) and id(thing) not in self._made:
            self._made[id(thing)] = (thing, _arguments(code, values))


def _arguments(code: CodeType, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the parameters after the first; those that were given by position only stay under ``*``."""
    named = code.co_argcount + code.co_kwonlyargcount
    found = {name: values[name] for name in code.co_varnames[1:named]}
    if code.co_flags & inspect.CO_VARARGS:
        if values[code.co_varnames[named]]:
            found["*"] = values[code.co_varnames[named]]
        named += 1
    if code.co_flags & inspect.CO_VARKEYWORDS:
        found |= values[code.co_varnames[named]]
    return found


def _defaults(kind: type) -> dict[str, Any]:
    try:
        parameters = inspect.signature(kind).parameters.values()
    except (TypeError, ValueError):
        return {}
    return {one.name: one.default for one in parameters if one.default is not inspect.Parameter.empty}


def _is_usual(name: str, value: Any, usual: Mapping[str, Any]) -> bool:
    if name not in usual:
        return False
    default = usual[name]
    if value is default:
        return True
    return type(value) is type(default) and isinstance(value, bool | int | float | str | tuple) and value == default
