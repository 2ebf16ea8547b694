"""A job as a notebook sees it, read from the job's folder."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from jlabel.display.progress_bar import somebody_watches
from jlabel.errors import JobError
from jlabel.files.links import is_link
from jlabel.files.plain_files import is_plain, open_plain
from jlabel.jobs.events import EventReader, append_event
from jlabel.jobs.folder import JobFolder, JobRequest, with_log
from jlabel.jobs.locks import take_lock
from jlabel.jobs.progress_bar import show_until_ended
from jlabel.jobs.record import CANCELLED, FAILED, JobRecord
from jlabel.jobs.report import duration, first_line, html, number, one_line, text
from jlabel.jobs.runners import JobRunner, LocalProcesses
from jlabel.jobs.work import FOREIGN

_POLL = 0.1


class Job:
    """A training or batch inference that runs in the background, in a process of its own.

    ``manager.train`` and ``manager.batch_infer`` return one, and ``manager.jobs()`` lists all. Every property reads the
    job's folder, so that it is up to date also for a job that an earlier kernel started, or whose process was killed.

    Attributes:
        folder: The job's folder.
        request: What the job was asked to do.
        view: Shows the job in the cell that runs, if the front end can; returns whether it did.
        runner: Runs the job, by default in a process of this machine.

    Examples:
        A job that computes a sum; a training has metrics, notes and checkpoints too.

        >>> from jlabel.jobs import Jobs
        >>> jobs = Jobs(studies / ".jlabel" / "jobs")
        >>> job = jobs.start("sum", "one and two", lambda run: {"sum": 1 + 2}, device="cpu")
        >>> isinstance(job, jlabel.Job)
        True
        >>> job.wait(60), job.state, job.progress
        (True, 'done', 1.0)
        >>> job.result, job.error, job.can_resume
        ({'sum': 3}, '', False)
    """

    def __init__(
        self, folder: JobFolder, view: Callable[[Job], bool] | None = None, runner: JobRunner | None = None
    ) -> None:
        self.folder = folder
        self.runner = runner or LocalProcesses()
        self.view = view
        if is_link(folder.path):
            raise JobError(f"{folder.path} is a link, and a job's folder is none: remove it")
        self.request: JobRequest = folder.read_request()
        self._own = folder.is_own
        self._record = JobRecord()
        self._reader = EventReader(folder.events)
        self._lock = threading.Lock()

    @property
    def id(self) -> str:
        """The id of the job."""
        return self.request.id

    @property
    def kind(self) -> str:
        """The kind of work, such as ``"train"``."""
        return self.request.kind

    @property
    def name(self) -> str:
        """The name of the work, such as that of the train task."""
        return self.request.name

    @property
    def state(self) -> str:
        """The state: ``"queued"``, ``"running"``, ``"done"``, ``"failed"`` or ``"cancelled"``."""
        return self.record().state

    @property
    def progress(self) -> float:
        """The part that is done, 0 to 1."""
        return self.record().progress

    @property
    def time_left(self) -> float | None:
        """An estimate of the seconds that are left; None if there is none."""
        record = self.record()
        return None if record.left is None else max(0.0, record.left - (time.time() - record.left_at))

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """A row for each epoch: ``pandas.DataFrame(job.metrics)`` is a table of it."""
        rows = self.record().rows
        return [dict(rows[epoch]) for epoch in sorted(rows)]

    @property
    def notes(self) -> list[str]:
        """What the user should know about the job, such as images that were left out."""
        return list(self.record().notes)

    @property
    def error(self) -> str:
        """Why the job failed; empty if it did not."""
        return self.record().error

    @property
    def result(self) -> dict[str, Any]:
        """The result of the job, once it is done."""
        return dict(self.record().result)

    @property
    def device(self) -> str:
        """The device that the job runs on; before that, the device that was asked for."""
        return self.record().device or self.request.device

    @property
    def log(self) -> str:
        """The output of the job's processes; only the end of a long log."""
        return self.folder.read_log()

    @property
    def can_resume(self) -> bool:
        """Whether the job can be resumed: it failed or was cancelled, its checkpoints exist, and you began it here."""
        return self.record().state in (FAILED, CANCELLED) and self._own and is_plain(self.folder.work)

    @property
    def is_own(self) -> bool:
        """Whether you began the job, in this very folder. One that came with a folder from elsewhere is not resumed.

        It is listed, can be looked at and removed; what it would run is not known.
        """
        return self._own

    def cancel(self) -> None:
        """Ask the job to stop; its checkpoint stays. A job that does not stop is killed after a while.

        Raises:
            JobError: The folder cannot be written.
        """
        if self.record().ended:
            return
        try:
            os.close(open_plain(self.folder.cancel, os.O_WRONLY | os.O_CREAT))
        except OSError as error:
            raise JobError(f"{self.folder.path}: the job cannot be cancelled: {error.strerror}") from error

    def move_to(self, device: str) -> None:
        """Change the device that the job asks for when it is resumed.

        Args:
            device: As :func:`jlabel.jobs.devices.device_names` gives it.

        Raises:
            DatastoreError: The folder cannot be written.
            JobError: Somebody else began the job.
        """
        if not self.folder.is_own:
            raise JobError(f"{self.folder.path}: {FOREIGN}")
        request = replace(self.request, device=device)
        self.folder.write_request(request)
        self.request = request

    def wait(self, timeout: float | None = None, progress: bool | None = None) -> bool:
        """Wait until the job has ended, or for ``timeout`` seconds; returns whether it has ended.

        Args:
            timeout: In seconds; as long as it takes if not given.
            progress: Whether to show a bar with the newest metrics meanwhile; if not given, in a notebook and in a
                terminal.
        """
        if somebody_watches() if progress is None else progress:
            return show_until_ended(self.record, self.request, timeout)
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self.record().ended:
            if deadline is not None and time.monotonic() >= deadline:
                return False
            time.sleep(_POLL)
        return True

    def record(self) -> JobRecord:
        """All that is known about the job now."""
        with self._lock:
            self._update()
            if not self._record.ended and not self.runner.is_alive(self.folder):
                self._update()
                if not self._record.ended:
                    self._settle()
            if not self._own and self._record.state in (FAILED, CANCELLED) and FOREIGN not in self._record.notes:
                self._record.notes.append(FOREIGN)
            return self._record

    def __repr__(self) -> str:
        record = self.record()
        said = f"Job {self.kind} {self.name} {self.id}: {record.state}"
        if record.state in ("running", "cancelled", "failed"):
            said += f", {record.progress:.0%}"
        if record.state in (FAILED, CANCELLED):
            said += ", can be resumed" if self.can_resume else ", cannot be resumed"
            said += "" if self._own else " (not begun here by you)"
        left = self.time_left
        if left is not None:
            said += f", {duration(left)} left"
        if record.rows:
            last = record.rows[max(record.rows)]
            said += "".join(f", {name} {number(value)}" for name, value in last.items())
        return one_line(f"{said}: {first_line(record.error)}" if record.error else said)

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
        ended = self.runner.ending(self.folder)
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
                told = {"error": with_log(ended["error"], self.folder)} if "error" in ended else {}
                append_event(self.folder.events, {**ended, **told})
                self._update()
        except OSError:
            self._record.take({"time": time.time(), **ended})
        finally:
            os.close(descriptor)
