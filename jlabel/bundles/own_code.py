"""The Python code that comes with a bundle: importable inside of that bundle alone."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import ModuleType

# The interpreter has one list of modules: one bundle at a time has its own in it.
_TURN = threading.RLock()


class OwnCode:
    """The modules in a bundle's folder, such as its package ``scripts``.

    Several bundles have a package of that name. While one of them is :meth:`active` its folder is on ``sys.path``, and
    its modules are in ``sys.modules``; before and after, both are as they were.

    Args:
        root: The bundle's folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._names = frozenset(_top_level(root)) - sys.stdlib_module_names
        self._modules: dict[str, ModuleType] = {}
        self._is_active = False

    @contextmanager
    def active(self) -> Iterator[None]:
        """Make the bundle's modules importable."""
        with _TURN if self._names else nullcontext():
            if self._is_active or not self._names:
                yield
                return
            self._is_active = True
            hidden = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in self._names}
            path = list(sys.path)
            _exchange(hidden, self._modules)
            sys.path.insert(0, str(self._root))
            importlib.invalidate_caches()
            try:
                yield
            finally:
                self._is_active = False
                own = {name: module for name, module in list(sys.modules.items()) if self._is_own(name, module)}
                self._modules = own
                _exchange(own, hidden)
                sys.path[:] = path
                importlib.invalidate_caches()

    def _is_own(self, name: str, module: ModuleType) -> bool:
        if name.partition(".")[0] in self._names:
            return True
        file = getattr(module, "__file__", None)
        return isinstance(file, str) and Path(file).is_relative_to(self._root)


def _top_level(root: Path) -> Iterator[str]:
    """The names of the modules and packages in a folder."""
    for entry in root.iterdir():
        if entry.suffix == ".py" and entry.stem.isidentifier():
            yield entry.stem
        elif entry.name.isidentifier() and entry.is_dir() and any(entry.glob("*.py")):
            yield entry.name


def _exchange(out: dict[str, ModuleType], into: dict[str, ModuleType]) -> None:
    for name in out:
        sys.modules.pop(name, None)
    sys.modules.update(into)
