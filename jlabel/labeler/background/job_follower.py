"""The newest job of one kind on these studies, told to the pages of a labeler whoever began it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Protocol

from jlabel.errors import JlabelError, JobError
from jlabel.jobs import Job
from jlabel.labeler.background.job_updates import JobUpdates, job_info
from jlabel.labeler.protocol.job_messages import PreAnnotationJob, ScoringJob, TrainingJob
from jlabel.labeler.protocol.message import Outgoing
from jlabel.manager import AppManager

_BEATS_BETWEEN_LOOKS = 4


class JobDisplay(Protocol):
    """Where jobs are shown."""

    manager: AppManager
    lock: threading.RLock

    def publish(self, message: Outgoing, *buffers: bytes) -> None:
        """Send a message to the pages."""


class JobFollower:
    """Follows jobs on the kernel's thread for such things; cheap where nothing happens.

    Args:
        display: Where the pages are told.
        kind: Of the jobs, such as ``"train"``.
        message: The message that pages get.
        ended: Called with a job that was seen alive and has ended.
    """

    def __init__(
        self,
        display: JobDisplay,
        kind: str,
        message: type[TrainingJob | PreAnnotationJob | ScoringJob],
        ended: Callable[[Job], None],
    ) -> None:
        self._display = display
        self._kind = kind
        self._message = message
        self._ended = ended
        self._news: JobUpdates | None = None
        self._was_alive = False
        self._beats = 0

    def show_to(self, page: str) -> None:
        """Tell a new page how the job stands."""
        if self._news is not None:
            self._display.publish(self._message(client=page, job=job_info(self._news.job)))

    def alive(self) -> Job | None:
        """A job of the kind that runs or waits for its turn."""
        return next((job for job in self._newest_first() if not job.record().ended), None)

    def begin(self, start: Callable[[], Job], going_on: str) -> Job:
        """Begin a job and follow it, unless one of the kind is alive; one kernel at a time decides.

        Args:
            start: Begins it.
            going_on: What one that is alive does, for the error: "is being trained".

        Raises:
            JobError: One is alive.
        """
        with self._display.manager.beginning():
            busy = self.alive()
            if busy is not None:
                raise JobError(f"{busy.name} {going_on} already; wait for it, or cancel it")
            job = start()
        self.follow(job)
        return job

    def resume(self, going_on: str) -> Job:
        """Go on with the job that is shown, which failed or was cancelled; arguments as for :meth:`begin`.

        Raises:
            JobError: There is none, it cannot be resumed, or another one is alive.
        """
        if self._news is None:
            raise JobError("there is nothing to resume")
        job = self._news.job
        return self.begin(lambda: self._display.manager.resume(job), going_on)

    def cancel(self) -> None:
        """Stop the job that is shown; what it has done is kept."""
        if self._news is not None:
            self._news.job.cancel()

    def follow(self, job: Job) -> None:
        """Tell of this job from now on."""
        self._news = JobUpdates(job)
        self._news.look()
        self._was_alive = not job.record().ended
        self._tell(self._news)

    def beat(self) -> bool:
        """Tell what is new, twice a second; returns whether it was time to look for another job too."""
        self._beats += 1
        looked = self._beats % _BEATS_BETWEEN_LOOKS == 1
        if looked:
            self._look_around()
        news = self._news
        if news is not None and news.look():
            self._tell(news)
        return looked

    def _look_around(self) -> None:
        with contextlib.suppress(JlabelError):
            newest = next(self._newest_first(), None)
            if newest is not None and (self._news is None or self._news.job.id != newest.id):
                self.follow(newest)

    def _newest_first(self) -> Iterator[Job]:
        return (job for job in reversed(self._display.manager.jobs()) if job.kind == self._kind)

    def _tell(self, news: JobUpdates) -> None:
        record = news.job.record()
        with self._display.lock:
            self._display.publish(self._message(job=job_info(news.job)))
        if self._was_alive and record.ended:
            self._was_alive = False
            self._ended(news.job)
        elif not record.ended:
            self._was_alive = True
