"""A thread for what takes longer than a message may: opening and saving, one after the other."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable


class SerialWorker:
    """Carries out jobs in the order in which they come; the thread begins with the first job.

    Args:
        name: The thread's name.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def do(self, job: Callable[[], None]) -> None:
        """Queue a job; it must handle its own errors."""
        self._jobs.put(job)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def flush(self) -> None:
        """Wait until everything that is queued is done."""
        done = threading.Event()
        self.do(done.set)
        done.wait()

    def close(self) -> None:
        """End the thread after the jobs that are queued."""
        if self._thread is not None:
            self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
