"""The further processes of a job on several devices: started, watched and ended by the first one, rank 0."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from jlabel.errors import JobError
from jlabel.files.file_operations import remove_tree, replace
from jlabel.files.folder_handle import FolderHandle
from jlabel.jobs.events import EventReader
from jlabel.jobs.exit_reason import describe_exit, memory_kills
from jlabel.jobs.folder import JobFolder
from jlabel.jobs.record import FAILED, JobRecord
from jlabel.jobs.work import Work, write_work

WORK = "work.pkl"

_POLL = 0.1
_LAST_WORDS = 2.0  # seconds that rank 0 has to notice by itself that another is gone
_PATIENCE = 60.0  # seconds that a rank whose work is done may take to end


def rank_place(folder: JobFolder) -> str:
    """What the work of a job's further processes belongs to."""
    return f"{folder.place}/ranks"


class Ranks:
    """The processes with rank 1, 2, … of a job.

    Each does its part of the work and writes to a file of its own what is to be told; rank 0, which this object
    belongs to, reads the files and tells. A rank that fails or is killed ends the job.

    Args:
        folder: The job's folder.
        devices: For each rank its device, rank 0 first.
        threads: How many each of the processes may use.
        locks: Open files that keep others from the job and the devices; every rank holds them too.
        note: Told what a rank has to say.
        give_up: Called with the reason where a rank is gone and rank 0 does not come to an end by itself.
    """

    def __init__(
        self,
        folder: JobFolder,
        devices: Sequence[str],
        threads: int,
        locks: Sequence[int],
        note: Callable[[str], None],
        give_up: Callable[[str], None],
    ) -> None:
        self._folder = folder
        self._devices = tuple(devices)
        self._threads = threads
        self._locks = tuple(locks)
        self._note = note
        self._give_up = give_up
        self._ranks: list[_Rank] = []
        self._reason = ""
        self._failed = threading.Event()
        self._closing = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="jlabel-ranks", daemon=True)

    def start(self) -> None:
        """Start the processes; they import what they need meanwhile, and wait for their work.

        Raises:
            JobError: The job's folder cannot be written.
        """
        self._folder.check_place()
        remove_tree(self._folder.ranks, ignore_errors=True)
        try:
            with FolderHandle.reach(self._folder.path) as folder:
                folder.mkdir(self._folder.ranks.name, 0o700)
        except OSError as error:
            raise JobError(f"{self._folder.ranks}: this folder cannot be made: {error.strerror}") from error
        for rank in range(1, len(self._devices)):
            arguments = [
                str(self._folder.path),
                ",".join(self._devices),
                str(rank),
                str(self._threads),
                str(os.getpid()),
            ]
            name = f"rank {rank} of {len(self._devices)} on {self._devices[rank]}"
            process = _start_rank(arguments, self._locks)
            self._ranks.append(_Rank(name, process, EventReader(self._folder.ranks / f"{rank}.jsonl")))
        self._watcher.start()

    def give(self, work: Work) -> None:
        """Give them their work.

        Raises:
            JobError: It cannot be pickled, or the folder cannot be written.
        """
        beside = self._folder.ranks / "work.new"
        write_work(beside, work, rank_place(self._folder))
        replace(beside, self._folder.ranks / WORK)

    def join(self) -> list[dict[str, Any]]:
        """Wait until all have done their part; returns what each has found.

        Raises:
            JobError: One of them failed, or does not end.
        """
        deadline = time.monotonic() + _PATIENCE
        while any(rank.process.poll() is None for rank in self._ranks):
            if self._failed.is_set():
                break
            if time.monotonic() > deadline:
                raise JobError(f"a process of this job has not ended {_PATIENCE:.0f} s after its work was done")
            time.sleep(_POLL / 2)
        self._stop_watching()
        self._look()
        if self._failed.is_set():
            raise JobError(self._reason)
        return [rank.record.result for rank in self._ranks]

    def end(self, patience: float = 0.0) -> str:
        """End all of them; returns why one of them had failed, or ``""``.

        Args:
            patience: For how many seconds to wait for news of a failure: what rank 0 meets may come of one.
        """
        self._failed.wait(patience)
        self._stop_watching()
        for rank in self._ranks:
            rank.process.kill()
        for rank in self._ranks:
            rank.process.wait()
        remove_tree(self._folder.ranks, ignore_errors=True)
        return self._reason

    def _stop_watching(self) -> None:
        self._closing.set()
        if self._watcher.is_alive():
            self._watcher.join()

    def _watch(self) -> None:
        while not self._closing.wait(_POLL):
            self._look()
            if self._failed.is_set():
                if not self._closing.wait(_LAST_WORDS):
                    self._give_up(self._reason)
                return

    def _look(self) -> None:
        failed = [failure for rank in self._ranks if (failure := rank.look(self._note)) is not None]
        if failed and not self._reason:
            # The others fail because the first one did.
            self._reason = min(failed)[1]
            self._failed.set()


def _start_rank(arguments: Sequence[str], locks: Sequence[int]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-X", "faulthandler", "-m", "jlabel.jobs.rank", *arguments]
    return subprocess.Popen(command, pass_fds=locks)


class _Rank:
    def __init__(self, name: str, process: subprocess.Popen[bytes], events: EventReader) -> None:
        self.name = name
        self.process = process
        self.record = JobRecord()
        self._events = events
        self._kills_before = memory_kills()
        self._told = 0

    def look(self, note: Callable[[str], None]) -> tuple[float, str] | None:
        """Pass on what it says; when and why it failed, if it did."""
        code = self.process.poll()
        for event in self._events.read():
            self.record.take(event)
        for text in self.record.notes[self._told :]:
            note(text)
        self._told = len(self.record.notes)
        if code is None or code == 0:
            return None
        if self.record.state == FAILED:
            return self.record.changed, f"{self.name}: {self.record.error}"
        killed = code == -signal.SIGKILL and memory_kills() > self._kills_before
        return 0.0, f"{self.name}: {describe_exit(code, killed)}"
