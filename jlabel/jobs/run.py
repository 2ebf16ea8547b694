"""What the work of a job sees of it: where it runs, how to tell what happens, and whether to stop."""

from __future__ import annotations

import math
import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jlabel.errors import Cancelled
from jlabel.files.file_operations import make_folder
from jlabel.jobs.events import EventWriter
from jlabel.jobs.folder import JobFolder, with_log
from jlabel.jobs.record import CANCELLED, FAILED
from jlabel.jobs.work import Work
from jlabel.parts import Part, PartResult, map_here

if TYPE_CHECKING:
    from jlabel.jobs.ranks import Ranks

_EVERY = 0.5  # seconds between two events of progress


class JobRun:
    """A job while it runs; the work is called with it.

    Args:
        folder: The job's folder.
        devices: ``"cpu"``, ``"cuda:0"``, …: where each of the work's processes runs.
        threads: How many threads this process may use.
        rank: Which of the processes this one is.
        locks: Open files that hold the locks of the job and of the devices.

    Attributes:
        devices: As given.
        device: Where this process runs.
        rank: As given; rank 0 is the job's process, which tells and keeps whatever there is to be told and kept.
        threads: As given.
    """

    def __init__(
        self, folder: JobFolder, devices: Sequence[str], threads: int, rank: int = 0, locks: Sequence[int] = ()
    ) -> None:
        self.devices = tuple(devices)
        self.device = self.devices[rank]
        self.rank = rank
        self.threads = threads
        self._folder = folder
        self._events = EventWriter(folder.events if rank == 0 else folder.ranks / f"{rank}.jsonl")
        self._locks = tuple(locks)
        self._ranks: Ranks | None = None
        self._told: set[str] = set()
        self._telling = threading.Lock()
        self._last = 0.0

    @property
    def folder(self) -> Path:
        """The job's folder."""
        return self._folder.path

    @property
    def id(self) -> str:
        """The job's id."""
        return self._folder.path.name

    @property
    def checkpoints(self) -> Path:
        """A folder of the work's own; what it keeps there is found again when the job is resumed.

        It is removed once the job is done: what is to stay belongs into :attr:`folder`. A folder ``cache`` in it is
        removed whenever an attempt is over. Tell the metrics of an epoch before its checkpoint is written: an attempt
        that is killed between the two then does the epoch again, and no row is missing.
        """
        self._folder.check_place()
        make_folder(self._folder.checkpoints)
        return self._folder.checkpoints

    @property
    def cancelled(self) -> bool:
        """Whether someone wants the job to stop."""
        return self._folder.is_cancelled

    def check_cancelled(self) -> None:
        """Raise :class:`jlabel.Cancelled` where someone wants the job to stop."""
        if self.cancelled:
            raise Cancelled("the job was cancelled")

    def progress(self, fraction: float, left: float | None = None) -> None:
        """Say how far the work is (0 to 1) and for how many seconds it will go on; may be called at every step."""
        now = time.monotonic()
        if now - self._last >= _EVERY:
            self._last = now
            event = {"progress": round(fraction, 4)}
            self._events.append(event if left is None else {**event, "left": round(left, 1)})

    def metrics(self, epoch: int, **values: float | None) -> None:
        """Add to the row of an epoch; what is not a finite number becomes None."""
        row = {name: value if value is not None and math.isfinite(value) else None for name, value in values.items()}
        self._events.append({"metrics": {"epoch": epoch, **row}})

    def note(self, text: str) -> None:
        """Tell the person something, such as an image that was left out; it is in the log too.

        What several processes of one job have to say is said once.
        """
        with self._telling:
            if len(self.devices) > 1 and text in self._told:
                return
            self._told.add(text)
        print(text, file=sys.stderr, flush=True)  # noqa: T201 - standard error is the job's log
        self._events.append({"note": text})

    def map(self, part: Part, items: Iterable[Any]) -> Iterator[PartResult]:
        """Do the same with many items: here one after the other, on a cluster by as many workers as there are.

        Results come as parts are done, in any order on a cluster. One that a killed worker did not finish is done by
        another one.

        Args:
            part: Called with an item and a :class:`jlabel.parts.PartRun`; returns JSON values. It, and all that it
                refers to, is pickled where others carry it out.
            items: Such as the ids of images.

        Raises:
            Cancelled: Somebody wants the job to stop.
            JobError: The cluster is lost, or the part cannot be handed to it.
        """
        return map_here(self, part, items)

    @property
    def meeting(self) -> Path:
        """A file through which the processes of this attempt find each other; torch's ``FileStore``."""
        return self._folder.ranks / "store"

    def prepare_ranks(self) -> None:
        """Start a process for every device after the first; what they need takes seconds to import.

        Raises:
            JobError: The job's folder cannot be written.
        """
        from jlabel.jobs.ranks import Ranks

        if len(self.devices) > 1:
            self._ranks = Ranks(self._folder, self.devices, self.threads, self._locks, self.note, self._give_up)
            self._ranks.start()

    def start_ranks(self, work: Work) -> None:
        """Have each of the further processes call the work with a run of its own; without this they do nothing.

        Raises:
            JobError: The work cannot be pickled, or the job's folder cannot be written.
        """
        assert self._ranks is not None
        self._ranks.give(work)

    def join_ranks(self) -> list[dict[str, Any]]:
        """Wait until the other processes have done their part; returns what each has found.

        Raises:
            JobError: One of them failed.
        """
        return [] if self._ranks is None else self._ranks.join()

    def end_ranks(self, patience: float = 0.0) -> str:
        """End the other processes; returns why one of them had failed, or ``""``.

        Args:
            patience: For how many seconds to wait for such news.
        """
        return "" if self._ranks is None else self._ranks.end(patience)

    def _give_up(self, reason: str) -> None:
        # This process waits for one that is gone, and nothing but its own end gets it out of there.
        ended = {} if self.cancelled else {"error": with_log(reason, self._folder)}
        self.state(FAILED if ended else CANCELLED, **ended)
        os._exit(1)

    def state(self, state: str, **more: Any) -> None:
        """Say that the job has another state."""
        self._events.append({"state": state, **more})
