"""Finds and runs the modules of app folders, whose own ``import lib`` means the ``lib`` of their folder."""

from __future__ import annotations

import builtins
import importlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from jlabel.apps.folder_modules.naming import PARENT, folder_of, package_name


def install() -> None:
    """Let this process import the modules of app folders by their full names."""
    if not any(isinstance(finder, FolderFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, FolderFinder())


def forget(folder: Path) -> None:
    """Let the modules of a folder be read anew when they are imported next; what was made of them goes on as it is."""
    package = package_name(folder)
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[name]


class FolderFinder(MetaPathFinder):
    """Finds what lies in the folder of an app, and nothing else."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a module of a folder is; None for any other module."""
        folder = folder_of(fullname)
        if folder is None:
            return None
        if fullname.count(".") == PARENT.count(".") + 1:
            spec = ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = [str(folder)]
            return spec
        found = PathFinder.find_spec(fullname, path)
        if found is not None and isinstance(found.loader, SourceFileLoader):
            found.loader = FolderLoader(fullname, found.loader.path)
        return found


class FolderLoader(SourceFileLoader):
    """Runs a module of a folder with an ``import`` that looks into that folder first."""

    def exec_module(self, module: ModuleType) -> None:
        """Run it."""
        folder = folder_of(module.__name__)
        assert folder is not None
        own = {"__import__": partial(_import, package_name(folder), frozenset(_top_level(folder)))}
        module.__dict__["__builtins__"] = {**vars(builtins), **own}
        super().exec_module(module)

    def get_code(self, fullname: str) -> CodeType:
        """Its code, compiled anew: a compiled file of the same second and size may be of an earlier text."""
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def _import(
    package: str,
    own: frozenset[str],
    name: str,
    globals: Mapping[str, Any] | None = None,
    locals: Mapping[str, Any] | None = None,
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    top = name.partition(".")[0]
    if top == "monailabel" and os.environ.get("JLABEL_MONAILABEL_NAMES"):
        importlib.import_module("jlabel.monailabel")  # in a job, once a person has asked for these names
    if level or top not in own:
        return builtins.__import__(name, globals, locals, fromlist or (), level)
    if fromlist:
        return builtins.__import__(f"{package}.{name}", globals, locals, fromlist, 0)
    importlib.import_module(f"{package}.{name}")
    return sys.modules[f"{package}.{top}"]


def _top_level(folder: Path) -> Iterator[str]:
    """The names of the modules and packages in a folder; Python's own keep their names."""
    for entry in folder.iterdir():
        name = entry.stem if entry.suffix == ".py" else entry.name
        is_code = entry.suffix == ".py" or (entry.is_dir() and any(entry.glob("*.py")))
        if is_code and name.isidentifier() and name != "__init__" and name not in sys.stdlib_module_names:
            yield name
