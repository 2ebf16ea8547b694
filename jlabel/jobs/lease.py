"""Who carries out a job of a cluster, and whether somebody still does, told by files that all its machines see.

A lock of one machine need not be seen by another one. So whoever works on such a job changes ``lease.json`` every few
seconds, and a lease that has not changed for as long as it says is nobody's any more. Clocks of several machines are
never compared: each who looks counts by its own for how long the lease has stayed the same.
``cluster.json`` names the attempt that counts: whoever works for an earlier one stops.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from types import TracebackType
from typing import Any

from jlabel.files.atomic import atomic_write
from jlabel.files.file_operations import remove_file
from jlabel.files.json_values import finite, parse_json
from jlabel.files.plain_files import open_plain, read_plain, write_all
from jlabel.jobs.folder import JobFolder

#: Seconds after which a lease that does not change is nobody's.
LEASE = 30.0

_LONGEST = 3600.0
_MOST_BYTES = 1 << 16
_BEATS = 6  # within a lease
_RELEASED = "released"


def write_attempt(folder: JobFolder, attempt: str, cluster: str) -> None:
    """Say which attempt counts from now on.

    Args:
        folder: The job's.
        attempt: Its name.
        cluster: Which cluster it was handed to, for people.

    Raises:
        DatastoreError: It cannot be written.
    """
    text = json.dumps({"attempt": attempt, "cluster": cluster}, ensure_ascii=False)
    with contextlib.suppress(OSError):
        remove_file(folder.lease)
    atomic_write(folder.cluster, lambda out: out.write(text.encode()))


def read_attempt(folder: JobFolder) -> str:
    """The attempt that counts; ``""`` for a job that no cluster carries out."""
    attempt = _read(folder.cluster).get("attempt") if folder.cluster.exists() else ""
    return attempt if isinstance(attempt, str) else ""


class Lease:
    """Held by the process that sees to a job of a cluster, in a ``with`` block.

    Args:
        folder: The job's.
        attempt: The attempt that it works for.
        seconds: After how many seconds without a change it is nobody's.
    """

    def __init__(self, folder: JobFolder, attempt: str, seconds: float) -> None:
        self._folder, self._attempt, self._seconds = folder, attempt, seconds
        self._holder = f"{socket.gethostname()}:{os.getpid()}"
        self._count = 0
        self._over = threading.Event()
        #: Set once another attempt counts.
        self.lost = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="jlabel-lease", daemon=True)

    def __enter__(self) -> Lease:
        self._write()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        if not self.lost.is_set():
            self._write(_RELEASED)

    def _keep(self) -> None:
        while not self._over.wait(self._seconds / _BEATS):
            # A folder that cannot be read for a moment takes nothing away.
            if read_attempt(self._folder) not in ("", self._attempt):
                self.lost.set()
                return
            self._write()

    def _write(self, state: str = "held") -> None:
        self._count += 1
        lease = {"holder": self._holder, "count": self._count, "seconds": self._seconds, "state": state}
        with contextlib.suppress(OSError):
            descriptor = open_plain(self._folder.lease, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            try:
                write_all(descriptor, json.dumps(lease).encode())
            finally:
                os.close(descriptor)


class LeaseWatch:
    """Whether somebody holds the lease of a job, as one process sees it over time.

    Args:
        folder: The job's.
    """

    def __init__(self, folder: JobFolder) -> None:
        self._folder = folder
        self._seen: dict[str, Any] | None = None
        self._changed = time.monotonic()

    @property
    def begun(self) -> bool:
        """Whether anybody has ever held it in this attempt."""
        return self._folder.lease.exists()

    def is_held(self) -> bool:
        """Whether somebody does, as far as this process can tell yet: at a first look, who held it last counts."""
        return self.begun and self._look().get("state") != _RELEASED and self.age() < self._lasts()

    def is_fresh(self) -> bool:
        """Whether it has changed a lease's time ago or later, be it that it was released."""
        self._look()
        return self.age() < self._lasts()

    def age(self) -> float:
        """Seconds since it was last seen to change."""
        return time.monotonic() - self._changed

    def _look(self) -> dict[str, Any]:
        now = _read(self._folder.lease)
        if self._seen is None or now != self._seen:
            self._seen, self._changed = now, time.monotonic()
        return now

    def _lasts(self) -> float:
        seconds = (self._seen or {}).get("seconds")
        return finite(seconds, 0.1, _LONGEST) or LEASE


def _read(file: Any) -> dict[str, Any]:
    """What is in a file of JSON that anybody may have written; nothing where it is being written."""
    try:
        content = parse_json(read_plain(file, _MOST_BYTES))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
