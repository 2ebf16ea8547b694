"""Locks of labels between the processes and threads of one machine."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from jlabel.datastores import disk
from jlabel.files.file_operations import make_folder
from jlabel.files.plain_files import open_plain

if sys.platform != "win32":
    import fcntl


class LabelLocks:
    """A lock for each label; whoever holds one may take it again.

    Args:
        folder: Where the files are that are locked.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held = threading.local()

    @contextlib.contextmanager
    def held(self, label: str) -> Iterator[None]:
        """Hold the lock of a label.

        Raises:
            DatastoreError: The file of the lock cannot be made.
        """
        mine: set[str] = self._held.__dict__.setdefault("labels", set())
        if label in mine:
            yield
            return
        with disk.explained(f"{self._folder}: the label cannot be changed"):
            make_folder(self._folder)
            name = hashlib.sha256(label.encode()).hexdigest()[:32]
            descriptor = open_plain(self._folder / name, os.O_RDWR | os.O_CREAT)
        try:
            if sys.platform != "win32":
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            mine.add(label)
            yield
        finally:
            mine.discard(label)
            os.close(descriptor)
