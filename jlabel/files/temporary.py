"""The names of what is being written: one pattern for all, so that what a kill leaves is known for what it is."""

from __future__ import annotations

import contextlib
import re
import secrets
import stat
import time
from pathlib import Path

from jlabel.files.folder_handle import FolderHandle
from jlabel.files.links import is_link

_ENDING = re.compile(r"[A-Za-z0-9.]{0,20}")
_NAME = re.compile(rf"\.jlabel-[0-9a-f]{{16}}\.tmp{_ENDING.pattern}")
# As 0.1.0 named what it wrote in a folder that held nothing else.
_FORMER_NAME = re.compile(rf"[0-9a-f]{{16}}{_ENDING.pattern}")


def temporary_name(ending: str = "") -> str:
    """A new name for a file or folder that is renamed or removed once it is whole; 40 bytes at most, and hidden.

    Args:
        ending: The extension, for a writer that looks at it; one that is no plain extension is left out.
    """
    return f".jlabel-{secrets.token_hex(8)}.tmp{ending if _ENDING.fullmatch(ending) else ''}"


def is_temporary(name: str) -> bool:
    """Whether :func:`temporary_name` made that name."""
    return _NAME.fullmatch(name) is not None


def remove_leftovers(folder: Path, older_than: float = 0.0, *, former: bool = False) -> None:
    """Remove what was being written in a folder when its writer was killed: files and folders, never through a link.

    Args:
        folder: Where to look; not below it. One that is not there, or a link, has none.
        older_than: Seconds since they were changed last; what is younger may still be written.
        former: Whether what 0.1.0 left goes too: for a folder that holds nothing else.
    """
    with contextlib.suppress(OSError):
        if is_link(folder):
            return
        with FolderHandle.reach(folder) as opened:
            for name in opened.names():
                if is_temporary(name) or (former and _is_former(name)):
                    with contextlib.suppress(OSError):
                        _remove(opened, name, older_than)


def _is_former(name: str) -> bool:
    return _FORMER_NAME.fullmatch(name) is not None


def _remove(folder: FolderHandle, name: str, older_than: float) -> None:
    found = folder.lstat(name)
    if time.time() - found.st_mtime < older_than:
        return
    if stat.S_ISDIR(found.st_mode):
        folder.remove_tree(name, ignore_errors=True)
    elif stat.S_ISREG(found.st_mode):
        folder.unlink(name)
