"""All jobs of a studies folder: beginning one, finding those of earlier kernels, going on with one that stopped."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jlabel.errors import DatastoreError, JobError
from jlabel.files.file_operations import make_folder, remove_file
from jlabel.files.folder_handle import FolderHandle
from jlabel.files.links import is_link
from jlabel.files.plain_files import is_plain
from jlabel.files.presence import is_locked
from jlabel.jobs.devices import checked_threads, device_names
from jlabel.jobs.events import append_event
from jlabel.jobs.folder import JobFolder, JobRequest, is_job_id
from jlabel.jobs.job import Job
from jlabel.jobs.locks import take_lock
from jlabel.jobs.record import DONE, QUEUED
from jlabel.jobs.runners import JobRunner, LocalProcesses
from jlabel.jobs.work import Work, check_own, write_work

logger = logging.getLogger(__name__)

_PATIENCE = 30.0  # seconds that the processes of a job that has just ended may take to be gone, on a busy machine
_TURN = 30.0  # seconds that somebody else may take to begin a job
_NEW = ".new-"  # before the id of a job whose folder is not whole yet
# Jobs that cannot be read and are named in the log one by one.
_MOST_NAMED = 5
_MOMENT = 60.0  # seconds after which a folder that nobody has locked is one whose maker was killed


class Jobs:
    """The jobs in one folder; several kernels may have it open.

    Args:
        folder: Where the jobs are; made when the first one begins.
        view: See :class:`Job`.
        runner: Carries them out; processes of this machine if not given.
    """

    def __init__(
        self, folder: Path, view: Callable[[Job], bool] | None = None, runner: JobRunner | None = None
    ) -> None:
        self.folder = folder
        self._runner = runner or LocalProcesses()
        self._view = view
        self._known: dict[str, Job] = {}
        self._left_out: dict[str, str] = {}

    def start(
        self,
        kind: str,
        name: str,
        work: Work,
        *,
        device: str | Sequence[str] = "auto",
        options: Mapping[str, Any] | None = None,
        nice: int = 10,
        grace: float = 10.0,
        threads: int | None = None,
    ) -> Job:
        """Hand work to a process of its own and return at once; it waits there until its device is free.

        Args:
            kind: What kind of work it is, such as ``"train"``.
            name: What it is about.
            work: Called in that process with a :class:`jlabel.jobs.JobRun`; it, and all that it refers to, is pickled.
            device: ``"auto"`` (the first GPU, else the CPU), ``"cpu"``, ``"cuda:1"``, ``"cuda"`` (all GPUs), or a list
                such as ``["cuda:0", "cuda:1"]``. The work is called once, with the first of several; what it does with
                the others is up to it (:meth:`JobRun.start_ranks`).
            options: What to remember of what was asked.
            nice: By how much it steps back behind what the person does.
            grace: For how many seconds it may go on once cancelled.
            threads: How many its processes have together; if not given, all cores but one, which is left to the person.

        Raises:
            JobError: The work cannot be pickled, the device is not there, ``threads`` is no number of threads, the
                folder cannot be written, or the cluster cannot carry the job out as things are.
        """
        names = device_names(device, here=False)
        self._runner.check(names)
        created = time.time()
        stamp = datetime.fromtimestamp(created, UTC).strftime("%Y%m%d-%H%M%S-%f")
        job_id = f"{stamp}-{secrets.token_hex(2)}"
        request = JobRequest(
            id=job_id,
            kind=kind,
            name=name,
            device=names,
            options=dict(options or {}),
            created=created,
            paths=_module_paths(),
            nice=nice,
            grace=grace,
            threads=checked_threads(threads),
            split=getattr(work, "split", False) is True,
            one_machine=getattr(work, "one_machine", False) is True,
        )
        try:
            descriptor = self._make(request, work)
        except DatastoreError as error:
            raise JobError(f"the job cannot be written: {error}") from error
        except OSError as error:
            raise JobError(f"{self.folder}: the job cannot be written there: {error.strerror or error}") from error
        folder = JobFolder(self.folder / job_id)
        try:
            self._runner.start(folder, descriptor)
        finally:
            os.close(descriptor)
        return self.get(job_id)

    @contextlib.contextmanager
    def beginning(self) -> Iterator[None]:
        """Held by whoever looks at the jobs that there are and begins one or does not: nobody else does so meanwhile.

        Raises:
            JobError: Somebody holds it for half a minute, or the folder cannot be written.
        """
        try:
            make_folder(self.folder)
        except OSError as error:
            raise JobError(f"{self.folder}: jobs cannot be written there: {error.strerror or error}") from error
        descriptor = take_lock(self.folder / "begin.lock", _TURN)
        if descriptor is None:
            raise JobError(f"{self.folder}: another process is beginning a job there; try again in a moment")
        try:
            yield
        finally:
            os.close(descriptor)

    def list(self) -> list[Job]:
        """All jobs in the order in which they were begun, also those of other kernels.

        One that cannot be read is passed by and named: in the log of the kernel, and in :meth:`left_out`.

        Raises:
            JobError: The folder cannot be read.
        """
        if not self.folder.is_dir():
            return []
        try:
            with FolderHandle.reach(self.folder) as opened:
                found = sorted(name for name in opened.names() if is_job_id(name))
        except OSError as error:
            raise JobError(f"{self.folder}: the jobs cannot be listed: {error.strerror or error}") from error
        jobs, left_out = [], {}
        for job_id in found:
            try:
                jobs.append(self.get(job_id))
            except JobError as error:
                left_out[job_id] = str(error)
        new = [why for job_id, why in left_out.items() if job_id not in self._left_out]
        for why in new[:_MOST_NAMED]:
            logger.warning("a job is left out: %s", why)
        if len(new) > _MOST_NAMED:
            logger.warning("%d more jobs are left out; left_out() has all", len(new) - _MOST_NAMED)
        self._left_out = left_out
        return jobs

    def left_out(self) -> dict[str, str]:
        """The folders that :meth:`list` passed by last, and why."""
        return dict(self._left_out)

    def remove(self, job: Job | str) -> None:
        """Remove the folder of a job that has ended, whoever began it; what a link in it leads to stays.

        Raises:
            JobError: There is no such job, it has not ended, or it cannot be removed.
        """
        job_id = job if isinstance(job, str) else job.id
        try:
            with FolderHandle.reach(self.folder) as opened:
                self._remove(opened, job_id)
        except OSError as error:
            where = error.filename or self.folder / job_id
            raise JobError(f"{where}: the job cannot be removed: {error.strerror or error}") from error

    def _remove(self, jobs: FolderHandle, job_id: str) -> None:
        if not is_job_id(job_id) or not (jobs.is_folder(job_id) or jobs.is_link(job_id)):
            raise JobError(f"there is no job {job_id!r} in {self.folder}")
        if jobs.is_link(job_id):
            jobs.unlink(job_id)
            return
        try:
            ended = self.get(job_id).record().ended
        except JobError:  # one that cannot be read is not at work
            ended = True
        if not ended:
            raise JobError(f"job {job_id} has not ended: cancel it first")
        # What is left of its processes, and whoever makes room, still writes in the folder for a moment.
        descriptor = _lock_if_there(self.folder / job_id)
        try:
            self._known.pop(job_id, None)
            beside = f"{_NEW}{job_id}"
            jobs.remove_tree(beside, ignore_errors=True)
            jobs.replace(job_id, beside)  # at once gone for everybody, also where a file in it cannot be removed
            jobs.remove_tree(beside)
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def get(self, job_id: str) -> Job:
        """The job of that id.

        Raises:
            JobError: There is none.
        """
        if job_id not in self._known:
            if not is_job_id(job_id) or not (self.folder / job_id).exists():
                raise JobError(f"there is no job {job_id!r} in {self.folder}")
            self._known[job_id] = Job(JobFolder(self.folder / job_id), self._view, self._runner)
        return self._known[job_id]

    def resume(self, job: Job | str, device: str | Sequence[str] | None = None) -> Job:
        """Go on with a job that failed or was cancelled, from its last checkpoint; one that still runs is left to run.

        Args:
            job: The job, or its id.
            device: As for :meth:`start`, where it is to go on on other devices than it asked for.

        Raises:
            JobError: It is done, it is not one that this user began here, its checkpoints were removed since, or the
                device is not there.
        """
        names = None if device is None else device_names(device, here=False)
        job = self.get(job if isinstance(job, str) else job.id)
        if job.state == DONE:
            raise JobError(f"job {job.id} is done; there is nothing to go on with")
        if not job.record().ended:
            return job
        _check_resumable(job)
        self._runner.check(names or job.request.device)
        descriptor = take_lock(job.folder.lock, _PATIENCE)
        if descriptor is None:
            if job.record().ended:
                raise JobError(f"job {job.id} has not quite ended yet; try again in a moment")
            return job
        try:
            _check_resumable(job)
            if names is not None:
                job.move_to(names)
            remove_file(job.folder.cancel)
            remove_file(job.folder.cluster)
            remove_file(job.folder.lease)
            append_event(job.folder.events, {"state": QUEUED})
            self._runner.start(job.folder, descriptor)
        except (OSError, DatastoreError) as error:
            reason = getattr(error, "strerror", None) or error
            raise JobError(f"{job.folder.path}: the job cannot be resumed: {reason}") from error
        finally:
            os.close(descriptor)
        return job

    def _make(self, request: JobRequest, work: Work) -> int:
        # Made beside and renamed: nobody ever meets half a job. The lock is held from before anyone can see it.
        with FolderHandle.make(self.folder) as jobs:
            self._remove_unfinished(jobs)
            new = f"{_NEW}{request.id}"
            beside, place = JobFolder(self.folder / new), JobFolder(self.folder / request.id).place
            jobs.mkdir(new)
            descriptor: int | None = None
            try:
                descriptor = take_lock(beside.lock)
                assert descriptor is not None
                make_folder(beside.checkpoints)
                write_work(beside.work, work, place)
                beside.write_request(request, place)
                append_event(beside.events, {"state": QUEUED})
                jobs.replace(new, request.id)
            except BaseException:
                if descriptor is not None:
                    os.close(descriptor)
                jobs.remove_tree(new, ignore_errors=True)
                raise
            return descriptor

    def _remove_unfinished(self, jobs: FolderHandle) -> None:
        """Remove the folders of jobs whose maker was killed before they were whole."""
        for name in jobs.names():
            if not name.startswith(_NEW) or not is_job_id(name.removeprefix(_NEW)):
                continue
            with contextlib.suppress(OSError):
                state = jobs.lstat(name)
                old = time.time() - state.st_mtime > _MOMENT
                if stat.S_ISDIR(state.st_mode) and old and not is_locked(self.folder / name / "worker.lock"):
                    jobs.remove_tree(name, ignore_errors=True)


def _lock_if_there(place: Path) -> int | None:
    """The lock of a job that has ended, held; None where the folder's lock is none that a process could hold.

    Raises:
        JobError: A process still holds it.
    """
    file = JobFolder(place).lock
    if not is_plain(file):
        return None
    try:
        descriptor = take_lock(file, _PATIENCE)
    except JobError:  # another user's
        return None
    if descriptor is None:
        raise JobError(f"job {place.name} has not quite ended yet; try again in a moment")
    return descriptor


def _check_resumable(job: Job) -> None:
    if job.folder.is_own and not is_link(job.folder.work) and not job.folder.work.exists():
        raise JobError(f"job {job.id} cannot be resumed, its checkpoints were removed to make room: begin a new one")
    check_own(job.folder)


def _module_paths() -> tuple[str, ...]:
    return tuple(str(Path(path).resolve()) for path in sys.path)
