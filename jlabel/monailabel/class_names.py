"""Finds the classes of a package by the name of their base, as MONAI Label's template apps do."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from jlabel.apps.folder_modules.naming import name_within


def get_class_names(p: ModuleType, subclass: str | None = None) -> list[str]:
    """The names of classes, ``"lib.configs.spleen.Spleen"``, as the app's own modules know them.

    Args:
        p: A module, or a package, whose modules are imported.
        subclass: The name of a class that they are derived from; any class if not given.
    """
    return [
        f"{name_within(cls.__module__)}.{cls.__name__}"
        for module in _modules(p)
        for _, cls in sorted(vars(module).items())
        if inspect.isclass(cls) and cls.__module__ == module.__name__ and not inspect.isabstract(cls)
        if subclass is None or any(base.__name__ == subclass for base in cls.__mro__[1:])
    ]


def _modules(module: ModuleType) -> Iterator[ModuleType]:
    if not hasattr(module, "__path__"):
        yield module
        return
    for info in sorted(pkgutil.iter_modules(module.__path__), key=lambda info: info.name):
        if not info.ispkg and not info.name.startswith("__"):
            yield importlib.import_module(f"{module.__name__}.{info.name}")
