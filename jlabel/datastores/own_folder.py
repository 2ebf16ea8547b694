"""``.jlabel`` in a studies folder: made, cleared of links, and held open by whoever works in the studies."""

from __future__ import annotations

import contextlib
import os
import secrets
import weakref
from pathlib import Path

from jlabel.datastores.catalogue_link import CATALOGUE
from jlabel.datastores.safe_names import check_own_place
from jlabel.files.file_operations import make_folder
from jlabel.files.folder_handle import FolderHandle
from jlabel.files.links import OWN_FOLDER
from jlabel.files.plain_files import open_plain
from jlabel.files.presence import Presence

LOCK = "open.lock"

_CATALOGUE_FILES = tuple(f"{CATALOGUE}{ending}" for ending in ("", "-wal", "-shm", "-journal"))
_JOURNAL = f"{CATALOGUE}-journal"
# With it ends a journal of SQLite that names another file. Rolling the journal back removes that file, wherever it is.
_NAMES_ANOTHER = bytes.fromhex("d9d505f920a163d7")


class OwnFolder:
    """The folder, open.

    A link in it is never followed: it is set aside under another name, and what it leads to stays as it is.

    Args:
        root: The studies folder.

    Attributes:
        path: The folder.
        notes: What a person should know of it.
        presence: This process there.

    Raises:
        DatastoreError: It is itself a link.
        OSError: It cannot be written.
    """

    def __init__(self, root: Path) -> None:
        self.path = root / OWN_FOLDER
        self.notes: list[str] = []
        self.presence = Presence()
        check_own_place(root, self.path)
        make_folder(self.path, durable=True)
        self._set_aside()
        make_folder(self.path / "tmp")
        with contextlib.suppress(OSError):  # one of a team may not write the file of another: then nobody is alone
            self.presence.enter(self.path / LOCK)
        weakref.finalize(self, self.presence.leave)

    def close(self) -> None:
        """Go out of the folder."""
        self.presence.leave()

    def _set_aside(self) -> None:
        with FolderHandle.reach(self.path) as folder:
            for name in sorted(folder.names()):
                what = self._oddity(folder, name)
                if what is None:
                    continue
                aside = f"{name}.link-{secrets.token_hex(4)}"
                folder.replace(name, aside)
                self.notes.append(
                    f"{self.path / name} {what}. jlabel follows no link in its own folder: it was set aside as "
                    f"{aside}, and what it leads to is unchanged"
                )

    def _oddity(self, folder: FolderHandle, name: str) -> str | None:
        """What is wrong with something in the folder, None where nothing is."""
        if folder.is_link(name):
            return None if ".link-" in name else f"was a link to {folder.read_link(name)}"
        if name == _JOURNAL and _names_another_file(self.path / name):
            return "names another file, which would be removed"
        return "was no file" if name in (*_CATALOGUE_FILES, LOCK) and not folder.is_plain(name) else None


def _names_another_file(journal: Path) -> bool:
    """Whether it is a journal of SQLite for several databases at once, as jlabel never writes one."""
    with contextlib.suppress(OSError), os.fdopen(open_plain(journal), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(max(0, size - len(_NAMES_ANOTHER)))
        return file.read() == _NAMES_ANOTHER and size > len(_NAMES_ANOTHER)
    return False
