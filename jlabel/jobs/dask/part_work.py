"""One part of a job's work, on a worker of the cluster."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jlabel.errors import Cancelled, JlabelError, UnreachableError
from jlabel.jobs.dask.order import Order
from jlabel.jobs.exit_reason import describe_exception
from jlabel.jobs.locks import take_lock
from jlabel.jobs.work import extend_module_paths, read_work
from jlabel.parts import Part, do_patiently

_POLL = 0.05
_LOOK = 0.2  # seconds between two looks for whether to stop
_TURNS = 4096
#: Jobs whose parts a worker keeps loaded.
_KEPT = 2


@dataclass(frozen=True)
class PartAnswer:
    """What came of a part.

    Attributes:
        value: What the part returned.
        error: Why the item was left out.
        failed: Why the job cannot go on, and where that was raised.
        cancelled: Whether it was stopped.
        notes: What the person should know.
    """

    value: Any = None
    error: str = ""
    failed: tuple[str, str] | None = None
    cancelled: bool = False
    notes: tuple[str, ...] = ()


class WorkerRun:
    """The run as a part on a worker sees it; see :class:`jlabel.parts.PartRun`.

    Args:
        order: The job.
        threads: How many threads the part may use.
    """

    def __init__(self, order: Order, threads: int) -> None:
        self.device = order.device
        self.threads = threads
        self._folder = order.job_folder
        self.id = self._folder.path.name
        self.notes: list[str] = []
        self._looked, self._cancelled = -_LOOK, False

    @property
    def folder(self) -> Path:
        """The job's folder."""
        return self._folder.path

    @property
    def cancelled(self) -> bool:
        """Whether somebody wants the job to stop."""
        now = time.monotonic()
        if now - self._looked >= _LOOK:
            self._looked, self._cancelled = now, self._folder.is_cancelled
        return self._cancelled

    def check_cancelled(self) -> None:
        """Raise :class:`jlabel.Cancelled` where somebody wants the job to stop."""
        if self.cancelled:
            raise Cancelled("the job was cancelled")

    def progress(self, fraction: float, left: float | None = None) -> None:
        """Nothing: the job's own process tells how far it is."""

    def note(self, text: str) -> None:
        """Keep it for the job's own process, which tells it."""
        self.notes.append(text)


@dataclass
class _Copies:
    """The copies of a part in this process, one for each thread that works on it at the same time."""

    idle: list[Part] = field(default_factory=list)


_copies: dict[str, _Copies] = {}
_turn = threading.Lock()


def part_place(order: Order, name: str) -> str:
    """What the pickled part belongs to."""
    return f"{order.place}/parts/{name}"


def do_part(text: str, name: str, item: Any) -> PartAnswer:
    """Do one part.

    Args:
        text: The job, see :class:`jlabel.jobs.dask.order.Order`.
        name: The file with the part, in the job's folder.
        item: What it is to be done with.
    """
    from distributed import get_worker

    order = Order.from_json(text)
    # Beside each other parts have a thread each; one with a GPU is alone with it.
    run = WorkerRun(order, get_worker().state.nthreads if order.resources else 1)
    try:
        with _turn_at(order, item, run), _borrowed(order, name) as part:
            run.check_cancelled()
            value = do_patiently(run, part, item)
    except Cancelled:
        return PartAnswer(cancelled=True, notes=tuple(run.notes))
    except UnreachableError as error:
        return PartAnswer(failed=(str(error), traceback.format_exc()), notes=tuple(run.notes))
    except JlabelError as error:
        return PartAnswer(error=str(error), notes=tuple(run.notes))
    except Exception as error:  # noqa: BLE001 - told by the job's own process
        failed = (describe_exception(error), traceback.format_exc())
        return PartAnswer(failed=failed, notes=tuple(run.notes))
    return PartAnswer(value, notes=tuple(run.notes))


@contextlib.contextmanager
def _borrowed(order: Order, name: str) -> Iterator[Part]:
    """A copy of the part that no other thread has meanwhile; what it has loaded stays for the next item."""
    with _turn:
        if name not in _copies:
            for old in list(_copies)[: max(0, len(_copies) + 1 - _KEPT)]:
                del _copies[old]
            _copies[name] = _Copies()
        copies = _copies[name]
        part = copies.idle.pop() if copies.idle else None
    if part is None:
        extend_module_paths(order.job_folder, order.paths)
        part = read_work(order.job_folder.parts / name, part_place(order, name), order.paths)
    try:
        yield part
    finally:
        with _turn:
            copies.idle.append(part)


@contextlib.contextmanager
def _turn_at(order: Order, item: Any, run: WorkerRun) -> Iterator[None]:
    """Nobody else does the same item meanwhile: a part that was given out again may still be at work elsewhere."""
    number = int.from_bytes(hashlib.sha256(repr(item).encode()).digest()[:4], "big") % _TURNS
    file = order.job_folder.parts / f"{number:04d}.lock"
    while (descriptor := take_lock(file)) is None:
        run.check_cancelled()
        time.sleep(_POLL)
    try:
        yield
    finally:
        os.close(descriptor)
