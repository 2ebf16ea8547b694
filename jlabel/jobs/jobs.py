"""All jobs of a studies folder: beginning one, finding those of earlier kernels, going on with one that stopped."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jlabel.errors import JobError
from jlabel.jobs.devices import device_names
from jlabel.jobs.events import append_event
from jlabel.jobs.folder import JobFolder, JobRequest, is_job_id
from jlabel.jobs.job import Job
from jlabel.jobs.locks import take_lock
from jlabel.jobs.record import DONE, FAILED, QUEUED
from jlabel.jobs.work import Work, check_own, write_work

_PATIENCE = 30.0  # seconds that the processes of a job that has just ended may take to be gone, on a busy machine
_TURN = 30.0  # seconds that somebody else may take to begin a job


class Jobs:
    """The jobs in one folder; several kernels may have it open.

    Args:
        folder: Where the jobs are; made when the first one begins.
        view: See :class:`Job`.
    """

    def __init__(self, folder: Path, view: Callable[[Job], bool] | None = None) -> None:
        self.folder = folder
        self._view = view
        self._known: dict[str, Job] = {}

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

        Raises:
            JobError: The work cannot be pickled, the device is not there, or the folder cannot be written.
        """
        names = device_names(device)
        created = time.time()
        stamp = datetime.fromtimestamp(created, UTC).strftime("%Y%m%d-%H%M%S-%f")
        job_id = f"{stamp}-{secrets.token_hex(2)}"
        request = JobRequest(job_id, kind, name, names, dict(options or {}), created, _module_paths(), nice, grace)
        try:
            descriptor = self._make(request, work)
        except OSError as error:
            raise JobError(f"{self.folder}: the job cannot be written there: {error.strerror or error}") from error
        folder = JobFolder(self.folder / job_id)
        try:
            _launch(folder, descriptor)
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
            self.folder.mkdir(parents=True, exist_ok=True)
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
        """All jobs in the order in which they were begun, also those of other kernels; unreadable ones are left out."""
        if not self.folder.is_dir():
            return []
        found = sorted(entry.name for entry in self.folder.iterdir() if is_job_id(entry.name))
        jobs = []
        for job_id in found:
            with contextlib.suppress(JobError):
                jobs.append(self.get(job_id))
        return jobs

    def get(self, job_id: str) -> Job:
        """The job of that id.

        Raises:
            JobError: There is none.
        """
        if job_id not in self._known:
            if not is_job_id(job_id) or not (self.folder / job_id).is_dir():
                raise JobError(f"there is no job {job_id!r} in {self.folder}")
            self._known[job_id] = Job(JobFolder(self.folder / job_id), self._view)
        return self._known[job_id]

    def resume(self, job: Job | str, device: str | Sequence[str] | None = None) -> Job:
        """Go on with a job that failed or was cancelled, from its last checkpoint; one that still runs is left to run.

        Args:
            job: The job, or its id.
            device: As for :meth:`start`, where it is to go on on other devices than it asked for.

        Raises:
            JobError: It is done, it is another user's, its checkpoints were removed since, or the device is not there.
        """
        names = None if device is None else device_names(device)
        job = self.get(job if isinstance(job, str) else job.id)
        if job.state == DONE:
            raise JobError(f"job {job.id} is done; there is nothing to go on with")
        if not job.record().ended:
            return job
        _check_resumable(job)
        descriptor = take_lock(job.folder.lock, _PATIENCE)
        if descriptor is None:
            if job.record().ended:
                raise JobError(f"job {job.id} has not quite ended yet; try again in a moment")
            return job
        try:
            _check_resumable(job)
            if names is not None:
                job.move_to(names)
            job.folder.cancel.unlink(missing_ok=True)
            append_event(job.folder.events, {"state": QUEUED})
            _launch(job.folder, descriptor)
        except OSError as error:
            raise JobError(f"{job.folder.path}: the job cannot be resumed: {error.strerror or error}") from error
        finally:
            os.close(descriptor)
        return job

    def _make(self, request: JobRequest, work: Work) -> int:
        # Made beside and renamed: nobody ever meets half a job. The lock is held from before anyone can see it.
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = JobFolder(self.folder / f".new-{request.id}")
        beside.path.mkdir()
        descriptor: int | None = None
        try:
            beside.checkpoints.mkdir()
            write_work(beside.work, work)
            beside.request.write_text(request.to_json(), encoding="utf-8")
            append_event(beside.events, {"state": QUEUED})
            descriptor = take_lock(beside.lock)
            assert descriptor is not None
            beside.path.rename(self.folder / request.id)
        except BaseException:
            if descriptor is not None:
                os.close(descriptor)
            shutil.rmtree(beside.path, ignore_errors=True)
            raise
        return descriptor


def _check_resumable(job: Job) -> None:
    if not job.folder.work.is_symlink() and not job.folder.work.exists():
        raise JobError(f"job {job.id} cannot be resumed, its checkpoints were removed to make room: begin a new one")
    check_own(job.folder.work)


def _launch(folder: JobFolder, lock: int) -> None:
    """Start the process that works on the job; it holds the lock from its first moment on."""
    command = [sys.executable, "-P", "-m", "jlabel.jobs.worker", str(folder.path), "--lock", str(lock)]
    try:
        with folder.log.open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(lock,),
                env=_environment(),
                start_new_session=True,
            )
    except OSError as error:
        append_event(folder.events, {"state": FAILED, "error": f"its process could not be started: {error}"})
        raise
    # Somebody has to take note of its end, or it stays in the system's table as long as this kernel lives.
    threading.Thread(target=process.wait, name=f"jlabel-job-{folder.path.name}", daemon=True).start()


def _environment() -> dict[str, str]:
    environment = dict(os.environ)
    root = str(Path(__file__).resolve().parents[2])
    if root not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        known = environment.get("PYTHONPATH", "")
        environment["PYTHONPATH"] = f"{root}{os.pathsep}{known}" if known else root
    return environment


def _module_paths() -> tuple[str, ...]:
    return tuple(str(Path(path).resolve()) for path in sys.path)
