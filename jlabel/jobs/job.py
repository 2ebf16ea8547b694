"""A job as a notebook sees it: followed through its folder, whichever kernel asked for it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from jlabel.errors import JobError
from jlabel.jobs.events import EventReader, append_event
from jlabel.jobs.folder import JobFolder, JobRequest, with_log
from jlabel.jobs.locks import is_held, take_lock
from jlabel.jobs.progress import show_until_ended
from jlabel.jobs.record import CANCELLED, FAILED, JobRecord
from jlabel.jobs.report import duration, html, number, text

_POLL = 0.1


class Job:
    """Long work that runs beside the person, in a process of its own.

    Every property looks at the job's folder, so that it is true also for a job that an earlier kernel began. A process
    that was killed is noticed at the next look.

    Attributes:
        folder: The job's folder.
        request: What was asked.
        view: Shows the job in the cell that runs, where a front end can; returns whether it did.
    """

    def __init__(self, folder: JobFolder, view: Callable[[Job], bool] | None = None) -> None:
        self.folder = folder
        self.view = view
        self.request: JobRequest = folder.read_request()
        self._record = JobRecord()
        self._reader = EventReader(folder.events)
        self._lock = threading.Lock()

    @property
    def id(self) -> str:
        """The job's id."""
        return self.request.id

    @property
    def kind(self) -> str:
        """What kind of work it is, such as ``"train"``."""
        return self.request.kind

    @property
    def name(self) -> str:
        """What it is about, such as the train task's name."""
        return self.request.name

    @property
    def state(self) -> str:
        """``"queued"``, ``"running"``, ``"done"``, ``"failed"`` or ``"cancelled"``."""
        return self.record().state

    @property
    def progress(self) -> float:
        """How much is done, 0 to 1."""
        return self.record().progress

    @property
    def time_left(self) -> float | None:
        """Seconds until it is done, as far as that can be told."""
        record = self.record()
        return None if record.left is None else max(0.0, record.left - (time.time() - record.left_at))

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """A row for each epoch: ``pandas.DataFrame(job.metrics)`` is a table of it."""
        rows = self.record().rows
        return [dict(rows[epoch]) for epoch in sorted(rows)]

    @property
    def notes(self) -> list[str]:
        """What a person should know about it, such as images that were left out."""
        return list(self.record().notes)

    @property
    def error(self) -> str:
        """Why it failed; empty where it did not."""
        return self.record().error

    @property
    def result(self) -> dict[str, Any]:
        """What the work found, once it is done."""
        return dict(self.record().result)

    @property
    def device(self) -> str:
        """Where it runs, once that is known; before that what was asked for."""
        return self.record().device or self.request.device

    @property
    def log(self) -> str:
        """What its processes printed; of a long log the end."""
        return self.folder.read_log()

    @property
    def can_resume(self) -> bool:
        """Whether it can be gone on with: it failed or was cancelled, and its checkpoints are still there."""
        return self.record().state in (FAILED, CANCELLED) and self.folder.work.exists()

    def cancel(self) -> None:
        """Ask the job to stop; it keeps its checkpoint. One that does not stop is ended after a while.

        Raises:
            JobError: The folder cannot be written.
        """
        if self.record().ended:
            return
        try:
            self.folder.cancel.touch()
        except OSError as error:
            raise JobError(f"{self.folder.path}: the job cannot be cancelled: {error.strerror}") from error

    def move_to(self, device: str) -> None:
        """Let the job ask for other devices when it is begun again.

        Args:
            device: As :func:`jlabel.jobs.devices.device_names` gives it.

        Raises:
            OSError: The folder cannot be written.
        """
        request = replace(self.request, device=device)
        beside = self.folder.request.with_suffix(".new")
        beside.write_text(request.to_json(), encoding="utf-8")
        beside.replace(self.folder.request)
        self.request = request

    def wait(self, timeout: float | None = None, progress: bool = False) -> bool:
        """Wait until the job has ended, or for ``timeout`` seconds; returns whether it has ended.

        Args:
            timeout: In seconds; as long as it takes if not given.
            progress: Show a bar with the newest metrics meanwhile, as text.
        """
        if progress:
            return show_until_ended(self.record, self.request, timeout)
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self.record().ended:
            if deadline is not None and time.monotonic() >= deadline:
                return False
            time.sleep(_POLL)
        return True

    def record(self) -> JobRecord:
        """All that is known now."""
        with self._lock:
            self._update()
            if not self._record.ended and not is_held(self.folder.lock):
                self._update()
                if not self._record.ended:
                    self._settle()
            return self._record

    def __repr__(self) -> str:
        record = self.record()
        said = f"Job {self.kind} {self.name} {self.id}: {record.state}"
        if record.state in ("running", "cancelled", "failed"):
            said += f", {record.progress:.0%}"
        if record.state in (FAILED, CANCELLED):
            said += ", can be resumed" if self.can_resume else ", cannot be resumed"
        left = self.time_left
        if left is not None:
            said += f", {duration(left)} left"
        if record.rows:
            last = record.rows[max(record.rows)]
            said += "".join(f", {name} {number(value)}" for name, value in last.items())
        return f"{said}\n{record.error}" if record.error else said

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Mapping[str, str]:
        record, rows = self.record(), self.metrics
        return {"text/plain": text(repr(self), record, rows), "text/html": html(self.request, record, rows)}

    def _ipython_display_(self) -> None:
        if self.view is None or not self.view(self):
            raise NotImplementedError  # IPython takes the texts instead

    def _update(self) -> None:
        for event in self._reader.read():
            self._record.take(event)

    def _settle(self) -> None:
        # Nobody works on it and nobody said that it ended: its processes were killed. Whoever gets the lock says so.
        ended = {"state": FAILED, "error": "its processes were killed from outside, or the machine was restarted"}
        try:
            descriptor = take_lock(self.folder.lock)
        except JobError:
            # Another user's job, say: what it comes to is seen here, and written down by whoever may.
            self._record.take({"time": time.time(), **ended})
            return
        if descriptor is None:
            return
        try:
            self._update()
            if not self._record.ended:
                append_event(self.folder.events, {**ended, "error": with_log(ended["error"], self.folder)})
                self._update()
        except OSError:
            self._record.take({"time": time.time(), **ended})
        finally:
            os.close(descriptor)
