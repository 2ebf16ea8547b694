"""What went wrong at an item, in words that say what was expected."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable
from pydoc import locate
from typing import Any

from monai.bundle.config_item import ConfigComponent, ConfigExpression

from jlabel.apps.app_file.ids import did_you_mean, parts
from jlabel.apps.app_file.parser import ItemFailed
from jlabel.errors import JlabelError


def reason(failed: ItemFailed, known: Iterable[str]) -> str:
    """Why an item failed and what to do about it.

    Args:
        failed: What the parser raised.
        known: The ids that there are.
    """
    if failed.circle:
        way = [*failed.ids[failed.ids.index(failed.circle) :], failed.circle] if failed.circle in failed.ids else []
        return f"references go in a circle: {' → '.join(way or [failed.ids[-1], failed.circle])}"
    if failed.missing is not None:
        return f"@{failed.missing} refers to nothing: {did_you_mean(failed.missing, _shown(known))}"
    cause = _cause(failed.error)
    if isinstance(failed.item, ConfigComponent):
        return _of_component(failed.item, failed.error, cause)
    if isinstance(failed.item, ConfigExpression):
        return f"{failed.item.get_config()!r} raised {_named(cause)}"
    config = None if failed.item is None else failed.item.get_config()
    return f"{config!r} cannot be resolved: {_named(cause)}" if isinstance(config, str) else _named(cause)


def _shown(known: Iterable[str]) -> list[str]:
    """The ids that are an author's or jlabel's for authors, the outermost ones first."""
    own = [id for id in known if id and not any(part.startswith("_") for part in parts(id))]
    return sorted(own, key=lambda id: len(parts(id)))


def _cause(error: BaseException) -> BaseException:
    """What was raised inside of what MONAI raises around it."""
    around = isinstance(error, RuntimeError) and str(error).startswith("Failed to ")
    return error.__cause__ if around and error.__cause__ is not None else error


def _named(error: BaseException) -> str:
    said = str(error).strip() or "no reason"
    return said if isinstance(error, JlabelError) else f"{type(error).__name__}: {said}"


def _of_component(item: ConfigComponent, error: BaseException, cause: BaseException) -> str:
    target = item.get_config()["_target_"]
    name = target if isinstance(target, str) else getattr(target, "__name__", repr(target))
    if isinstance(error, ModuleNotFoundError) and error is cause:
        return f"there is no {name}: {_nearest(item, name)}"
    found = locate(str(item.resolve_module_name())) if isinstance(target, str) else target
    if isinstance(cause, TypeError) and callable(found):
        wrong = _wrong_arguments(found, item.resolve_args())
        if wrong:
            return f"{name} {wrong}"
    return f"{name} raised {_named(cause)}" if not isinstance(cause, JlabelError) else f"{name}: {cause}"


def _nearest(item: ConfigComponent, name: str) -> str:
    module, _, last = name.rpartition(".")
    while module and module not in sys.modules:
        module, _, last = module.rpartition(".")
    if module and not name[len(module) + 1 :].count("."):
        return did_you_mean(last, [one for one in dir(sys.modules[module]) if not one.startswith("_")])
    if module or "." in name:
        return f"is the package {name.partition('.')[0]} installed?"
    table = getattr(item.locator, "_components_table", None) or {}
    return f"a name without dots is one of MONAI's; {did_you_mean(name, table)}"


def _wrong_arguments(function: Any, arguments: dict[str, Any]) -> str:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return ""
    try:
        signature.bind(**arguments)
    except TypeError as error:
        takes = [name for name in signature.parameters if name not in ("self", "args", "kwargs")]
        unknown = [name for name in arguments if name not in signature.parameters]
        if unknown and "unexpected keyword" in str(error):
            return f"takes no {unknown[0]!r}: {did_you_mean(unknown[0], takes)}"
        return f"cannot be called: {error}; it takes {', '.join(takes) or 'nothing'}"
    return ""
