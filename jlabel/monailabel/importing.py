"""Modules with the names of MONAI Label's, made of the table in :mod:`jlabel.monailabel.names`."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from jlabel.errors import ConfigError
from jlabel.monailabel.names import NAMES, REFUSED
from jlabel.monailabel.refusing import refused

PACKAGE = "monailabel"
ASKED_FOR = "JLABEL_MONAILABEL_NAMES"
"""An environment variable: the jobs of an app offer the names too, once a person has asked for them."""


def install() -> None:
    """Offer the names in this process, and in the jobs that it starts.

    Raises:
        ConfigError: MONAI Label itself is imported already.
    """
    loaded = sys.modules.get(PACKAGE)
    if loaded is not None and not isinstance(loaded, NamesModule):
        raise ConfigError("monailabel is imported already: import jlabel.monailabel before it, in a new kernel")
    os.environ[ASKED_FOR] = "1"
    if not any(isinstance(finder, NamesFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, NamesFinder())


class NamesModule(ModuleType):
    """A module whose names are looked up in the table when they are first asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if name in REFUSED.get(self.__name__, {}):
            found: Any = refused(f"{self.__name__}.{name}", REFUSED[self.__name__][name])
        elif name in NAMES.get(self.__name__, {}):
            module, _, attribute = NAMES[self.__name__][name].partition(":")
            found = getattr(importlib.import_module(module), attribute)
        elif _is_known(f"{self.__name__}.{name}"):
            return importlib.import_module(f"{self.__name__}.{name}")
        else:
            there = sorted([*NAMES.get(self.__name__, {}), *REFUSED.get(self.__name__, {})])
            has = f"it has {', '.join(there)}" if there else "it has no names of its own"
            raise ImportError(f"jlabel does not offer {name!r} as {self.__name__}.{name}; {has}")
        setattr(self, name, found)
        return found

    def __dir__(self) -> list[str]:
        return sorted({*NAMES.get(self.__name__, {}), *REFUSED.get(self.__name__, {})})


class NamesFinder(MetaPathFinder, Loader):
    """Finds the modules of the table, and refuses others of MONAI Label by name."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module, if it is one of MONAI Label's.

        Raises:
            ModuleNotFoundError: It is, and jlabel does not offer it.
        """
        if fullname.partition(".")[0] != PACKAGE:
            return None
        if not _is_known(fullname):
            raise ModuleNotFoundError(
                f"jlabel does not offer the module {fullname}; see the page on MONAI Label apps for what it offers",
                name=fullname,
            )
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """An empty module."""
        return NamesModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: its names are looked up when they are asked for."""
        if module.__name__ == PACKAGE:
            module.__dict__["__version__"] = importlib.import_module("jlabel").__version__


def _is_known(module: str) -> bool:
    return any(known == module or known.startswith(f"{module}.") for known in (*NAMES, *REFUSED))
