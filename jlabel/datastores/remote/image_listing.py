"""The listing of the images of a store, brought up to date: what is new, what was replaced, what is gone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from jlabel.datastores.monailabel import FILE_NAME
from jlabel.datastores.remote.placeholders import Placeholders
from jlabel.datastores.remote.remote_object import RemoteObject
from jlabel.datastores.remote.store import ObjectStore
from jlabel.datastores.safe_names import problem_with_id
from jlabel.imaging.file_names import is_companion_name, is_image_name
from jlabel.imaging.formats.dicom_elements import HEAD_BYTES
from jlabel.imaging.formats.dicom_folder import dicom_header
from jlabel.imaging.formats.dicom_objects import MEDIA_DIRECTORY

_LONGER_HEAD = 1024**2
_SHOWN = 5


@dataclass
class Changes:
    """What has changed in a store since it was listed last.

    Attributes:
        new: How many objects are new.
        replaced: Paths of objects with another content.
        gone: Paths of objects that are gone.
        unusable: Names that can be no file's, or that are in another one's way.
    """

    new: int = 0
    replaced: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    unusable: list[str] = field(default_factory=list)

    def note(self) -> str | None:
        """What a person should know; None where there is nothing."""
        if not self.unusable:
            return None
        some = ", ".join(repr(name)[1:-1][:80] for name in self.unusable[:_SHOWN])
        more = ", …" if len(self.unusable) > _SHOWN else ""
        return f"{len(self.unusable)} objects are left out, whose names can be no files': {some}{more}"


class ImageListing:
    """The placeholders of the images.

    Args:
        store: Where the images are.
        placeholders: In the studies folder on this machine.
        leave_out: The folder of the labels.
    """

    def __init__(self, store: ObjectStore, placeholders: Placeholders, leave_out: str) -> None:
        self._store = store
        self.placeholders = placeholders
        self._leave_out = leave_out

    def update(self, objects: Iterable[RemoteObject], is_gone: Callable[[str], bool]) -> Changes:
        """Bring the listing up to date.

        Args:
            objects: All objects of the store as they were listed.
            is_gone: Asks once more whether an object is gone that was not among them.

        Raises:
            DatastoreError: The beginnings of new files cannot be read; what was listed until then stays.
        """
        known = self.placeholders.stamps(frozenset([self._leave_out]))
        changes, wanted, seen = Changes(), list[RemoteObject](), set[str]()
        for one in objects:
            if _is_hidden(one.path) or one.path.startswith(f"{self._leave_out}/"):
                continue
            if problem_with_id(one.path) is not None or any(len(part.encode()) > 200 for part in one.path.split("/")):
                changes.unusable.append(one.path)
                continue
            seen.add(one.path)
            if known.get(one.path) != one.mtime_ns:
                wanted.append(one)
        for path in known.keys() - seen:
            if is_gone(path):
                self.placeholders.remove(path)
                changes.gone.append(path)
        changes.replaced += [one.path for one in wanted if one.path in known]
        changes.new = len(wanted) - len(changes.replaced)
        self._list(wanted, changes)
        return changes

    def put(self, one: RemoteObject) -> None:
        """List one object anew."""
        self._list([one], Changes())

    def _list(self, objects: list[RemoteObject], changes: Changes) -> None:
        looked_into = {one.path: one for one in objects if _is_looked_into(one.path) and one.size}
        for one in objects:
            if one.path not in looked_into:
                self._put(one, None if one.size else b"", changes)
        for path, head in self._store.heads(list(looked_into), HEAD_BYTES):
            if head is not None:
                self._put(looked_into[path], head, changes)
                self._lengthen(looked_into[path], head)

    def _put(self, one: RemoteObject, content: bytes | None, changes: Changes) -> None:
        if one.path == FILE_NAME:
            content = self._store.read(one.path)
        try:
            self.placeholders.put(one, content)
        except OSError as error:
            if not isinstance(error, NotADirectoryError | IsADirectoryError | FileExistsError):
                raise
            changes.unusable.append(one.path)

    def _lengthen(self, one: RemoteObject, head: bytes) -> None:
        """Keep more of a DICOM file that does not say in its first bytes what it is."""
        file = self.placeholders.top / one.path
        for length in (_LONGER_HEAD, one.size):
            if len(head) >= one.size or not _ends_too_soon(file, head):
                return
            with contextlib.suppress(FileNotFoundError):
                head = self._store.read(one.path, 0, min(length, one.size))
                self.placeholders.put(one, head)


def _is_looked_into(path: str) -> bool:
    name = path.rpartition("/")[2]
    by_name = is_image_name(name) and not name.lower().endswith(".dcm")
    return not by_name and not is_companion_name(name)


def _is_hidden(path: str) -> bool:
    return path.startswith(".") or "/." in path


def _ends_too_soon(file: Path, head: bytes) -> bool:
    try:
        header = dicom_header(file, head)
    except (ValueError, OSError):
        return True
    if header is None:
        return False
    # Where the frames of an object lie is said behind its first bytes; so is what a medium holds.
    return header.sop_class == MEDIA_DIRECTORY or (header.frames > 1 and len(head) <= HEAD_BYTES)
