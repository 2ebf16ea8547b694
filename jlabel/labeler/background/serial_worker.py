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
        self._lock = threading.Lock()
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False

    def do(self, job: Callable[[], None]) -> None:
        """Queue a job; it must handle its own errors. After :meth:`close` a new thread begins with it."""
        with self._lock:
            if self._thread is None or self._closed:
                self._jobs, self._closed = queue.SimpleQueue(), False
                work = (self._jobs, self._thread)
                self._thread = threading.Thread(target=_run, args=work, name=self._name, daemon=True)
                self._thread.start()
            self._jobs.put(job)

    def flush(self) -> None:
        """Wait until everything that is queued is done."""
        done = threading.Event()
        self.do(done.set)
        done.wait()

    def close(self, wait: float = 0.0) -> None:
        """End the thread after the jobs that are queued.

        Args:
            wait: For how many seconds at most to wait for them.
        """
        with self._lock:
            thread = self._thread
            if thread is not None and not self._closed:
                self._jobs.put(None)
                self._closed = True
        if thread is not None and wait > 0 and thread is not threading.current_thread():
            thread.join(wait)


def _run(jobs: queue.SimpleQueue[Callable[[], None] | None], former: threading.Thread | None) -> None:
    if former is not None:
        former.join()
    while (job := jobs.get()) is not None:
        job()
