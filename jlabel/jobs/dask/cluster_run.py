"""A job's own process on a cluster: shares the parts of its work out among all workers."""

from __future__ import annotations

import queue
import secrets
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from jlabel.errors import Cancelled, JobError
from jlabel.files.file_operations import make_folder
from jlabel.jobs.dask.order import Order
from jlabel.jobs.dask.part_work import PartAnswer, do_part, part_place
from jlabel.jobs.run import JobRun
from jlabel.jobs.work import write_work
from jlabel.parts import Part, PartResult

_POLL = 0.2
_LEAST = 64  # parts that are given out ahead
_AHEAD = 3  # parts for each thread of the workers
_COUNTED = 5.0  # seconds between two looks at how many threads there are
_PATIENCE = 30.0  # seconds without a scheduler
_TIMEOUT = 30.0


class ClusterRun(JobRun):
    """A job while it runs on a cluster; the work is called with it.

    Args:
        order: The job, as the cluster was told of it.
        devices: As for :class:`jlabel.jobs.JobRun`.
        threads: Likewise.
        locks: Likewise.
    """

    def __init__(self, order: Order, devices: Sequence[str], threads: int, locks: Sequence[int] = ()) -> None:
        super().__init__(order.job_folder, devices, threads, locks=locks)
        self._order = order

    def map(self, part: Part, items: Iterable[Any]) -> Iterator[PartResult]:
        """See :meth:`jlabel.jobs.JobRun.map`: each item is a task, and any worker does it."""
        folder = self._order.job_folder
        folder.check_place()
        make_folder(folder.parts)
        name = f"{secrets.token_hex(8)}.pkl"
        write_work(folder.parts / name, part, part_place(self._order, name))
        with _Sharing(self._order, name) as sharing:
            waiting = iter(items)
            while True:
                self.check_cancelled()
                sharing.give_out(waiting)
                if not sharing.given:
                    return
                found = sharing.next()
                if found is not None:
                    yield self._result(*found)

    def _result(self, item: Any, answer: PartAnswer) -> PartResult:
        for text in answer.notes:
            self.note(text)
        if answer.cancelled:
            raise Cancelled("the job was cancelled")
        if answer.failed is not None:
            reason, trace = answer.failed
            print(trace, file=sys.stderr, flush=True)  # noqa: T201 - standard error is the job's log
            raise JobError(f"{item!r}: {reason}")
        return PartResult(item, answer.value, answer.error)


class _Sharing:
    """Parts that are given out and not done yet."""

    def __init__(self, order: Order, name: str) -> None:
        from distributed import Client

        self._order, self._name = order, name
        self._text = order.to_json()
        self._done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._count = 0
        self._most, self._counted = _LEAST, -_COUNTED
        self._last = time.monotonic()
        #: Futures with their items.
        self.given: dict[Any, Any] = {}
        try:
            self._client = Client(order.scheduler, timeout=_TIMEOUT, set_as_default=False, name="jlabel-job")
        except (OSError, ValueError) as error:
            raise JobError(f"the Dask scheduler {order.scheduler} does not answer: {error}") from error

    def __enter__(self) -> _Sharing:
        return self

    def __exit__(self, *error: object) -> None:
        if self.given and self._client.status == "running":
            self._client.cancel(list(self.given))
        self._client.close(timeout=2)

    def give_out(self, waiting: Iterator[Any]) -> None:
        """Give out as many parts as keep all workers busy, and no more: what waits here is stopped at once."""
        now = time.monotonic()
        if now - self._counted > _COUNTED:
            self._counted = now
            self._most = max(_LEAST, _AHEAD * sum(self._client.nthreads().values()))
        while len(self.given) < self._most:
            try:
                item = next(waiting)
            except StopIteration:
                return
            self._count += 1
            key = f"jlabel-part-{self._order.job_folder.path.name}-{self._name[:-4]}-{self._count}"
            future = self._client.submit(
                do_part, self._text, self._name, item, key=key, pure=False, resources=dict(self._order.resources)
            )
            self.given[future] = item
            future.add_done_callback(self._done.put)

    def next(self) -> tuple[Any, PartAnswer] | None:
        """A part that is done; None where none is yet.

        Raises:
            JobError: The scheduler is lost.
        """
        try:
            future = self._done.get(timeout=_POLL)
        except queue.Empty:
            if self._client.status == "running":
                self._last = time.monotonic()
            elif time.monotonic() - self._last > _PATIENCE or self._client.status == "closed":
                raise JobError(f"the Dask scheduler {self._order.scheduler} was lost") from None
            return None
        item = self.given.pop(future)
        if future.status == "finished":
            answer = future.result()
        elif future.status == "error":
            answer = _killed(future.exception())
        else:
            raise JobError(f"the Dask scheduler {self._order.scheduler} was lost")
        future.release()
        return item, answer


def _killed(error: BaseException) -> PartAnswer:
    from distributed.scheduler import KilledWorker

    if isinstance(error, KilledWorker):
        return PartAnswer(error="each worker that was at it was lost, which too little memory may cause")
    return PartAnswer(failed=(f"{type(error).__name__}: {error}", ""))
