"""What is done with whole files and folders by their paths, in folders that are held open meanwhile.

Below ``.jlabel`` no folder on the way may be a link: see :mod:`jlabel.files.folder_handle`.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from jlabel.files.folder_handle import FolderHandle


def make_folder(path: Path, *, durable: bool = False) -> None:
    """Make a folder and those above it, where they are missing.

    Args:
        path: The folder.
        durable: Whether it is still there after a power cut.

    Raises:
        OSError: The system refuses, or a link is in the way.
    """
    FolderHandle.make(path, durable=durable).close()


def replace(source: Path, target: Path) -> None:
    """Give a file or folder another path, in the place of the file that is there.

    Raises:
        OSError: The system refuses, or a link is in the way; both are as they were.
    """
    with FolderHandle.reach(source.parent) as folder, FolderHandle.reach(target.parent) as into:
        folder.replace(source.name, target.name, into)


def remove_file(path: Path) -> None:
    """Remove a file, where there is one; of a link itself.

    Raises:
        OSError: The system refuses, or a link is in the way.
    """
    with contextlib.suppress(FileNotFoundError), FolderHandle.reach(path.parent) as folder:
        folder.unlink(path.name, missing_ok=True)


def remove_tree(path: Path, *, ignore_errors: bool = False) -> None:
    """Remove a folder with all that is in it; links in it themselves, and none that is in its place.

    Raises:
        OSError: The system refuses, or a link is in the way; not where errors are ignored.
    """
    try:
        with FolderHandle.reach(path.parent) as folder:
            folder.remove_tree(path.name, ignore_errors=ignore_errors)
    except OSError:
        if not ignore_errors:
            raise


def sync_folder(path: Path) -> None:
    """Make a folder's entries durable; where that cannot be done they stay as they are."""
    with contextlib.suppress(OSError), FolderHandle.reach(path) as folder:
        folder.sync()
