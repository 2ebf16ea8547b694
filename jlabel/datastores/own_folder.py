"""``.jlabel`` in a studies folder: made, cleared of links, and held open by whoever works in the studies."""

from __future__ import annotations

import contextlib
import os
import secrets
import weakref
from pathlib import Path

from jlabel.datastores import disk
from jlabel.datastores.safe_names import check_own_place
from jlabel.files.plain_files import is_link, is_plain, open_plain
from jlabel.files.presence import Presence

NAME = ".jlabel"
CATALOGUE = "catalogue.sqlite"
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
        self.path = root / NAME
        self.notes: list[str] = []
        self.presence = Presence()
        check_own_place(root, self.path)
        disk.make_folder(self.path)
        self._set_aside()
        (self.path / "tmp").mkdir(exist_ok=True)
        with contextlib.suppress(OSError):  # one of a team may not write the file of another: then nobody is alone
            self.presence.enter(self.path / LOCK)
        weakref.finalize(self, self.presence.leave)

    def close(self) -> None:
        """Go out of the folder."""
        self.presence.leave()

    def _set_aside(self) -> None:
        with os.scandir(self.path) as entries:
            names = sorted(entry.name for entry in entries)
        for name in names:
            place = self.path / name
            names_another = name == _JOURNAL and _names_another_file(place)
            odd = names_another or (name in (*_CATALOGUE_FILES, LOCK) and not is_plain(place))
            if not (is_link(place) and ".link-" not in name) and not odd:
                continue
            what = f"was a link to {_target(place)}" if is_link(place) else "was no file"
            what = "names another file, which would be removed" if names_another else what
            aside = place.with_name(f"{name}.link-{secrets.token_hex(4)}")
            place.rename(aside)
            self.notes.append(
                f"{place} {what}. jlabel follows no link in its own folder: it was set aside as {aside.name}, "
                "and what it leads to is unchanged"
            )


def _names_another_file(journal: Path) -> bool:
    """Whether it is a journal of SQLite for several databases at once, as jlabel never writes one."""
    with contextlib.suppress(OSError), os.fdopen(open_plain(journal), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(max(0, size - len(_NAMES_ANOTHER)))
        return file.read() == _NAMES_ANOTHER and size > len(_NAMES_ANOTHER)
    return False


def _target(link: Path) -> str:
    with contextlib.suppress(OSError):
        return os.readlink(link)  # noqa: PTH115 - as it is written, whatever it leads to
    return "somewhere"
