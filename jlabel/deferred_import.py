"""Puts off an import of another library that takes seconds and is rarely wanted.

MONAI imports ``jsonschema``, which imports ``rfc3987_syntax`` where JupyterLab is installed. That builds the parser of
a grammar, a third of the time that ``import monai`` takes, for checks of internationalised addresses that MONAI never
asks for. Every job's process would wait for it, and so would the first answer of a network in a notebook.
"""

from __future__ import annotations

import importlib
import sys
import threading
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_lock = threading.RLock()


def defer_import(name: str, function: str) -> None:
    """Have a module imported when one of its functions is called, or another of its names is asked for.

    Does nothing where the module is not installed, or is there already. Those who write ``from name import function``
    get a function that imports the module once it is called, and answers as the module's own.

    Args:
        name: The module, as in ``import name``.
        function: The function that others import by name from it.

    Example:
        >>> import sys
        >>> defer_import("this", "prose")
        >>> import this
        >>> type(sys.modules["this"]).__name__
        'DeferredModule'
        >>> del sys.modules["this"]
    """
    if name in sys.modules:
        return
    spec = find_spec(name)
    if spec is not None:
        sys.modules[name] = DeferredModule(spec, function)


class DeferredModule(ModuleType):
    """Stands in the place of a module until somebody wants what is in it.

    Args:
        spec: Of the module.
        function: See :func:`defer_import`.
    """

    def __init__(self, spec: ModuleSpec, function: str) -> None:
        super().__init__(spec.name)
        self.__spec__ = spec
        if spec.submodule_search_locations is not None:
            self.__path__ = list(spec.submodule_search_locations)

        def deferred(*args: Any, **kwargs: Any) -> Any:
            return getattr(self._imported(), function)(*args, **kwargs)

        deferred.__name__ = deferred.__qualname__ = function
        setattr(self, function, deferred)

    def __getattr__(self, name: str) -> Any:
        # The import system asks for such names, and must not be answered by an import.
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(self._imported(), name)

    def _imported(self) -> ModuleType:
        with _lock:
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]
                try:
                    return importlib.import_module(self.__name__)
                except BaseException:
                    sys.modules[self.__name__] = self
                    raise
            return importlib.import_module(self.__name__)
