"""What happened to a job: one line of JSON each, appended; several processes may write, any may read."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jlabel.files.json_values import LATEST, finite, parse_json
from jlabel.files.plain_files import open_plain

# The events of a training of weeks take a tenth of it; of a file that is larger, the end is read.
_MOST_BYTES = 256 * 1024**2
_MOST_KEPT = 1000


def append_event(file: Path, event: Mapping[str, Any]) -> None:
    """Append the event and its time as one line, in one write.

    Where the line before is torn (a full disk, a kill in the middle of the write), this one begins a new line.

    Raises:
        OSError: It cannot be written, or something else is in the file's place.
    """
    line = json.dumps({"time": round(time.time(), 3), **event}, ensure_ascii=False, default=_plain) + "\n"
    descriptor = open_plain(file, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    try:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        content = ("\n" + line if torn else line).encode()
        written = os.write(descriptor, content)
        if written < len(content):
            raise OSError(28, "No space left on device", str(file))
    finally:
        os.close(descriptor)


class EventWriter:
    """Appends the events of one process, whichever of its threads tells them; what cannot be written is kept for later.

    A full disk must not end the work: the last 1,000 events that could not be said are said with the next one.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._kept: list[Mapping[str, Any]] = []
        self._lock = threading.Lock()

    def append(self, event: Mapping[str, Any]) -> None:
        """Append the event, after those that are still to be said."""
        with self._lock:
            self._kept = [*self._kept[-_MOST_KEPT:], event]
            with contextlib.suppress(OSError):
                while self._kept:
                    append_event(self._file, self._kept[0])
                    self._kept.pop(0)


class EventReader:
    """Reads a file of events from where it left off; a last line that is not whole yet is left for the next time."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._offset = 0

    def read(self) -> list[dict[str, Any]]:
        """The events since the last call; damaged lines are left out. None where there is no such file, or no file."""
        try:
            with os.fdopen(open_plain(self._file), "rb") as file:
                size = os.fstat(file.fileno()).st_size
                self._offset = max(self._offset, size - _MOST_BYTES)
                file.seek(self._offset)
                content = file.read(max(0, size - self._offset))
        except OSError:
            return []
        end = content.rfind(b"\n") + 1
        self._offset += end
        found = (_parsed(line) for line in content[:end].splitlines())
        return [event for event in found if event is not None]


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        event = parse_json(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and finite(event.get("time"), 0.0, LATEST) is not None else None


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)
