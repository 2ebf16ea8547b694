"""The name of a folder among modules: the folder's own name, and its path in hexadecimal digits."""

from __future__ import annotations

import re
from pathlib import Path

PARENT = "jlabel.apps.folder_modules"
_OF_FOLDER = re.compile(r"\w*_in_([0-9a-f]+)")


def package_name(folder: Path) -> str:
    """The full name of the package that stands for an absolute folder."""
    plain = re.sub(r"\W", "_", folder.name)
    return f"{PARENT}.{plain}_in_{str(folder).encode().hex()}"


def folder_of(module: str) -> Path | None:
    """The folder that a module's full name belongs to; None where it belongs to none."""
    if not module.startswith(f"{PARENT}."):
        return None
    found = _OF_FOLDER.fullmatch(module.removeprefix(f"{PARENT}.").partition(".")[0])
    return None if found is None else Path(bytes.fromhex(found[1]).decode())


def name_within(module: str) -> str:
    """The name of a module as the files of its folder know it, ``lib.infers``; any other name as it is."""
    return module if folder_of(module) is None else module.removeprefix(f"{PARENT}.").partition(".")[2]
