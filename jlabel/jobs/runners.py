"""Who carries a job out: a process of this machine, or whatever else keeps to the same contract."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path
from typing import Any, Protocol

from jlabel.datastores.database.passwords import job_environment
from jlabel.files.plain_files import open_plain
from jlabel.files.presence import is_locked
from jlabel.jobs.devices import device_names
from jlabel.jobs.events import append_event
from jlabel.jobs.folder import JobFolder
from jlabel.jobs.lease import LeaseWatch
from jlabel.jobs.record import CANCELLED, FAILED


class JobRunner(Protocol):
    """Carries jobs out. The job's folder says what to do and hears what happens: see :mod:`jlabel.jobs.folder`.

    A runner on a cluster starts ``python -m jlabel.jobs.worker FOLDER`` there, or calls what that calls.
    """

    def check(self, device: str) -> None:
        """Refuse at once what cannot be carried out.

        Args:
            device: What the job asks for, as :func:`jlabel.jobs.devices.device_names` gives it.

        Raises:
            JobError: There is no such device.
        """

    def start(self, folder: JobFolder, lock: int) -> None:
        """Begin to carry out a job that is queued, and return at once.

        Args:
            folder: The job's.
            lock: A descriptor that holds the job's lock; it is closed after this returns, so whoever carries the job
                out takes the lock over, or has a way of its own to say that it is alive.

        Raises:
            OSError: It could not be started; the job's events say so.
            JobError: It cannot be carried out as things are; the job's events say so.
        """

    def is_alive(self, folder: JobFolder) -> bool:
        """Whether somebody works on the job, or will."""

    def ending(self, folder: JobFolder) -> dict[str, Any]:
        """The event that tells of the end of a job on which nobody works, and whose end nobody told."""


class LocalProcesses:
    """Each job in a process of its own on this machine; it outlives the kernel and holds the job's lock."""

    def __init__(self) -> None:
        self._watches: dict[str, LeaseWatch] = {}

    def check(self, device: str) -> None:
        """Refuse a GPU where this machine can have none."""
        device_names(device)

    def start(self, folder: JobFolder, lock: int) -> None:
        """Start the process that works on the job; it holds the lock from its first moment on."""
        command = [sys.executable, "-P", "-m", "jlabel.jobs.worker", str(folder.path), "--lock", str(lock)]
        try:
            with os.fdopen(open_plain(folder.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "ab") as log:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    pass_fds=(lock,),
                    env=process_environment(),
                    start_new_session=True,
                )
        except OSError as error:
            append_event(folder.events, {"state": FAILED, "error": f"its process could not be started: {error}"})
            raise
        # Somebody has to take note of its end, or it stays in the system's table as long as this kernel lives.
        threading.Thread(target=process.wait, name=f"jlabel-job-{folder.path.name}", daemon=True).start()

    def is_alive(self, folder: JobFolder) -> bool:
        """Whether a process holds the job's lock, or a cluster carries the job out as far as its folder tells."""
        if is_locked(folder.lock) is True:
            return True
        if not folder.cluster.exists():
            return False
        watch = self._watches.setdefault(str(folder.path), LeaseWatch(folder))
        if not watch.begun:
            # It waits on a cluster that this runner does not know; nobody but that one can tell for how long.
            return not folder.is_cancelled
        return watch.is_fresh()

    def ending(self, folder: JobFolder) -> dict[str, Any]:
        """Its processes were killed."""
        if folder.cluster.exists():
            if folder.is_cancelled:
                return {"state": CANCELLED}
            return {"state": FAILED, "error": "the worker of the cluster that carried it out was lost"}
        return {"state": FAILED, "error": "its processes were killed from outside, or the machine was restarted"}


def process_environment() -> dict[str, str]:
    """The environment of a new process that is to import the same jlabel."""
    environment = dict(os.environ)
    root = str(Path(__file__).resolve().parents[2])
    if root not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        known = environment.get("PYTHONPATH", "")
        environment["PYTHONPATH"] = f"{root}{os.pathsep}{known}" if known else root
    return {**environment, **job_environment()}
