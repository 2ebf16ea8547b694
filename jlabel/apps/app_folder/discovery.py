"""Finds the class of an app in the file ``main.py`` of a folder."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

from jlabel.app import LabelApp
from jlabel.apps.app_folder.failing_code import author_failures
from jlabel.apps.folder_modules.finder import forget, install
from jlabel.apps.folder_modules.naming import package_name
from jlabel.errors import ConfigError

MAIN = "main.py"


def app_class(folder: Path) -> type[LabelApp]:
    """The app's class in a folder, whose modules are read anew.

    Raises:
        ConfigError: There is no ``main.py``, it fails, or it has no app or several.
    """
    file = folder / MAIN
    if not file.is_file():
        raise ConfigError(_no_main(folder), folder)
    forget(folder)
    install()
    with author_failures(folder, f"{MAIN} cannot be imported"):
        module = importlib.import_module(f"{package_name(folder)}.main")
    found = _candidates(module)
    if not found:
        raise ConfigError(f"it has no app: write a class MyApp(jlabel.LabelApp) in {MAIN}", file)
    if len(found) > 1:
        raise ConfigError(f"it has several apps, {', '.join(cls.__name__ for cls in found)}: leave one", file)
    return found[0]


def _candidates(module: ModuleType) -> list[type[LabelApp]]:
    """The apps of a module that no other app in it builds on: those written in it, else those that it imports."""
    apps = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, LabelApp)]
    own = [cls for cls in apps if cls.__module__ == module.__name__]
    taken = own or [cls for cls in apps if cls.__module__.startswith(module.__name__.rpartition(".")[0])]
    return [cls for cls in dict.fromkeys(taken) if not any(cls is not one and issubclass(one, cls) for one in taken)]


def _no_main(folder: Path) -> str:
    if not folder.is_dir():
        return "there is no such folder: name the one that has the app's main.py"
    inside = sorted(entry.parent.name for entry in folder.glob(f"*/{MAIN}"))
    return f"it has no {MAIN}, in which an app's class is written" + (
        f"; did you mean its folder {inside[0]!r}?" if inside else ""
    )
