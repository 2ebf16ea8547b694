"""A folder that lists the objects of a store: one small file for each, with the object's content stamp as its time.

jlabel's scan of folders finds images by it as it does on a disk. What a file holds of its object is its size and tag,
or, where a scan looks into files whatever their names, the first bytes. Nobody is given the path of such a file.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from jlabel.datastores.remote.remote_object import SECOND_NS, RemoteObject
from jlabel.files.json_values import parse_json
from jlabel.files.temporary import is_temporary, temporary_name


class Placeholders:
    """The files below a folder that stand for objects.

    Args:
        top: The folder.
    """

    def __init__(self, top: Path) -> None:
        self.top = top

    def stamps(self, leave_out: frozenset[str] = frozenset(), *, hidden: bool = False) -> dict[str, int]:
        """The content stamps of all objects that are listed, by their paths.

        Args:
            leave_out: Folders, relative to the top, that are none of the listing.
            hidden: Whether names that begin with a dot are a part of it.
        """
        return dict(_walk(self.top, "", leave_out, hidden))

    def stamp(self, path: str) -> int | None:
        """The content stamp of an object; None where it is not listed."""
        try:
            return (self.top / path).stat().st_mtime_ns
        except OSError:
            return None

    def find(self, path: str) -> RemoteObject | None:
        """An object whose first bytes are not kept, as it was listed; None where it is not."""
        file = self.top / path
        try:
            kept = parse_json(file.read_text(encoding="utf-8"))
            return RemoteObject(path, int(kept["size"]), str(kept["tag"]), file.stat().st_mtime_ns // SECOND_NS)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def put(self, one: RemoteObject, content: bytes | None = None) -> None:
        """List an object, by its first bytes if they are given.

        Raises:
            OSError: There can be no file of that name, or none in that place.
        """
        file = self.top / one.path
        beside = file.with_name(temporary_name())
        if content is None:
            content = json.dumps({"size": one.size, "tag": one.tag}).encode()
        try:
            try:
                beside.write_bytes(content)
            except FileNotFoundError:
                file.parent.mkdir(parents=True, exist_ok=True)
                beside.write_bytes(content)
            os.utime(beside, ns=(one.mtime_ns, one.mtime_ns))
            beside.replace(file)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
            raise

    def remove(self, path: str) -> None:
        """List an object no more; nor the folders above it that are empty then."""
        remove_with_folders(self.top, path)


def remove_with_folders(top: Path, path: str) -> None:
    """Remove a file below a folder, and the folders between them that are empty then."""
    file = top / path
    with contextlib.suppress(OSError):
        file.unlink(missing_ok=True)
        for folder in file.parents:
            if folder == top:
                return
            folder.rmdir()


def _walk(top: Path, folder: str, leave_out: frozenset[str], hidden: bool) -> Iterator[tuple[str, int]]:
    prefix = f"{folder}/" if folder else ""
    try:
        entries = list(os.scandir(top / folder))
    except OSError:
        return
    for entry in entries:
        path = prefix + entry.name
        if is_temporary(entry.name):
            with contextlib.suppress(OSError):
                Path(entry.path).unlink()  # of a process that was killed: no other one is at it
        elif entry.name.startswith(".") and not hidden:
            continue
        elif entry.is_dir(follow_symlinks=False):
            if path not in leave_out:
                yield from _walk(top, path, leave_out, hidden)
        else:
            yield path, entry.stat(follow_symlinks=False).st_mtime_ns
