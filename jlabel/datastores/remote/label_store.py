"""The labels and versions in a store: written under numbers that are free, replaced only as they are known."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import NamedTuple

from jlabel.datastores.label_places import kept_name, parse_kept
from jlabel.datastores.remote.placeholders import Placeholders
from jlabel.datastores.remote.remote_object import RemoteObject
from jlabel.datastores.remote.store import ObjectStore, Replaced
from jlabel.datastores.safe_names import is_extension, problem_with_id
from jlabel.errors import DatastoreError
from jlabel.files.links import OWN_FOLDER

VERSIONS = f"{OWN_FOLDER}/versions"
_TRIES = 20


class LabelKey(NamedTuple):
    """A label: its tag, and its image's id."""

    tag: str
    image_id: str


class LabelStore:
    """The labels and versions in a store, and what is known of them on this machine.

    Args:
        store: The store.
        listed: What is known of the labels and versions, by :func:`listed_path`.
    """

    def __init__(self, store: ObjectStore, listed: Placeholders) -> None:
        self.store = store
        self.listed = listed

    def read_version(self, key: LabelKey, number: int, ext: str) -> bytes:
        """The bytes of a version.

        Raises:
            DatastoreError: The store cannot be asked.
            FileNotFoundError: It does not have it.
        """
        return self.store.read(version_path(key, number, ext))

    def has_version(self, key: LabelKey, number: int, ext: str) -> bool:
        """Whether the store has a version; it is asked where that is not known."""
        path = version_path(key, number, ext)
        if self.listed.stamp(listed_path(path)) is not None:
            return True
        there = self.store.stat(path)
        if there is not None:
            self.list(path, there)
        return there is not None

    def holds_version(self, key: LabelKey, number: int, ext: str, data: bytes) -> bool:
        """Whether the store has a version with these bytes."""
        try:
            return self.read_version(key, number, ext) == data
        except FileNotFoundError:
            return False

    def add_version(self, key: LabelKey, number: int, ext: str, data: bytes) -> tuple[int, dict[int, RemoteObject]]:
        """Write a version under the first free number.

        Args:
            key: The label.
            number: The first number that may be free.
            ext: The extension of its file.
            data: Its bytes.

        Returns:
            Its number, and the versions under the numbers before, which are those of others.
        """
        others = dict[int, RemoteObject]()
        while True:
            path = version_path(key, number, ext)
            there = self.store.stat(path) if others else None
            if there is None:
                with contextlib.suppress(FileExistsError):
                    self.list(path, _written(path, data, self.store.create(path, data)))
                    return number, others
                there = self.store.stat(path)
            if there is not None:
                # An upload whose answer was lost is this one.
                if there.size == len(data) and self.store.read(path) == data:
                    self.list(path, there)
                    return number, others
                others[number] = there
            number += 1

    def put_current(
        self, place: str, data: bytes, is_late: Callable[[], bool], is_kept: Callable[[bytes], bool]
    ) -> bytes | None:
        """Write the current label.

        Args:
            place: Where it is.
            data: Its bytes.
            is_late: Tells whether somebody has saved another version after this one; theirs is left then.
            is_kept: Tells whether some bytes are those of a version.

        Returns:
            The bytes of a label that is there and that no version has: nothing was replaced then. None otherwise.

        Raises:
            DatastoreError: It cannot be written.
        """
        listed = self.listed.find(place)
        before = None if listed is None else listed.tag
        for _ in range(_TRIES):
            try:
                self.list(place, _written(place, data, self.store.replace(place, data, before)))
            except Replaced:
                if is_late():
                    return None
                now = self.store.stat(place)
                before = None if now is None else now.tag
                with contextlib.suppress(FileNotFoundError):
                    content = None if now is None else self.store.read(place)
                    if now is not None and content == data:
                        self.list(place, now)  # the answer to an upload was lost
                        return None
                    if content is not None and not is_kept(content):
                        # Whoever saved after this one wrote a version first.
                        return None if is_late() else content
            else:
                return None
        raise DatastoreError(f"{self.store.url}/{place}: others replace this label again and again; save it once more")

    def remove_current(self, place: str) -> None:
        """Remove a current label."""
        self.store.remove(place)
        self.listed.remove(place)

    def list(self, path: str, one: RemoteObject) -> None:
        """Note what is known of an object."""
        listed = RemoteObject(listed_path(path), one.size, one.tag, one.time)
        with contextlib.suppress(OSError):  # it is found again by the next look
            self.listed.put(listed)


def version_path(key: LabelKey, number: int, ext: str) -> str:
    """Where a store has a version."""
    return f"{VERSIONS}/{key.tag}/{kept_name(key.image_id, number, ext)}"


def parse_version_path(path: str) -> tuple[LabelKey, int, str] | None:
    """The label, number and extension of a version; None where an object is none."""
    if not path.startswith(f"{VERSIONS}/"):
        return None
    tag, _, inside = path.removeprefix(f"{VERSIONS}/").partition("/")
    folder, _, name = inside.rpartition("/")
    kept = parse_kept(folder, name) if name else None
    if kept is None or problem_with_id(tag) or problem_with_id(kept.image_id) or not is_extension(kept.ext):
        return None
    return LabelKey(tag, kept.image_id), kept.number, kept.ext


def listed_path(path: str) -> str:
    """Where an object is listed."""
    return path.removeprefix(f"{OWN_FOLDER}/")


def _written(path: str, data: bytes, tag: str) -> RemoteObject:
    return RemoteObject(path, len(data), tag, int(time.time()))
