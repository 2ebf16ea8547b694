"""Infer tasks that take the request of MONAI Label's server, a dictionary, are refused before anybody asks them."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from jlabel.errors import TaskError

if TYPE_CHECKING:
    from jlabel.tasks.infer import InferTask

_COPIES = frozenset({"copy", "deepcopy", "dict"})
_METHODS = frozenset(dir(dict)) - frozenset(dir(object))


def refuse_dict_requests(infers: Mapping[str, InferTask]) -> None:
    """Refuse tasks whose ``__call__`` takes its request for a dictionary.

    Args:
        infers: The infer tasks by their names.

    Raises:
        TaskError: One does; it names the task, the line, and what to write instead.
    """
    for name, task in infers.items():
        owner = next((cls for cls in type(task).__mro__ if "__call__" in vars(cls)), None)
        found = None if owner is None else _dict_use(vars(owner)["__call__"])
        if owner is not None and found is not None:
            where, text = found
            raise TaskError(
                f"the infer task {name!r} cannot be used: {owner.__name__}.__call__ takes the request for a "
                f"dictionary, as MONAI Label's server gives one ({where}: {text}), and jlabel gives a "
                "jlabel.InferRequest. Write what it does before the network as pre_transforms(data) and what it does "
                "after as post_transforms(data); what a person may set is data[name] there, from the task's config. "
                "For several models in a row, call the others in post_transforms, or offer each as a task of its own"
            )


@cache
def _dict_use(call: Any) -> tuple[str, str] | None:
    """Where a method uses its request as a dictionary, and that line; None where it does not, or cannot be read."""
    try:
        lines, first = inspect.getsourcelines(call)
        function = ast.parse(textwrap.dedent("".join(lines))).body[0]
        file = inspect.getsourcefile(call) or "?"
    except (OSError, TypeError, SyntaxError):
        return None
    if not isinstance(function, ast.FunctionDef) or len(function.args.args) < 2:
        return None
    line = next(_lines_of_dict_use(function, function.args.args[1].arg), None)
    return None if line is None else (f"{file}, line {first + line - 1}", lines[line - 1].strip())


def _lines_of_dict_use(function: ast.FunctionDef, request: str) -> Iterator[int]:
    names = {request}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            targets = {target.id for target in node.targets if isinstance(target, ast.Name)}
            if _is_copy(node.value, names):
                names |= targets
            elif request in targets:
                return  # what it is from there on is not known
        used = node.value if isinstance(node, ast.Subscript) else None
        if isinstance(node, ast.Attribute) and node.attr in _METHODS:
            used = node.value
        if isinstance(used, ast.Name) and used.id in names:
            yield used.lineno


def _is_copy(value: ast.expr, names: set[str]) -> bool:
    """Whether that is one of the names, or a copy of one: ``copy.deepcopy(request)``, ``dict(request)``."""
    if isinstance(value, ast.Call) and len(value.args) == 1:
        function = value.func
        called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        return called in _COPIES and _is_copy(value.args[0], names)
    return isinstance(value, ast.Name) and value.id in names
