"""Jobs on a Dask cluster."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any

from jlabel.errors import JobError
from jlabel.files.presence import is_locked
from jlabel.jobs.dask import queues
from jlabel.jobs.dask.carrying import carry_out
from jlabel.jobs.dask.checks import WorkerChecks, breaking_versions, gpu_device
from jlabel.jobs.dask.connection import Connection
from jlabel.jobs.dask.order import Order, task_key
from jlabel.jobs.events import append_event
from jlabel.jobs.folder import JobFolder, JobRequest
from jlabel.jobs.lease import LEASE, LeaseWatch, read_attempt, write_attempt
from jlabel.jobs.locks import take_lock
from jlabel.jobs.moved_paths import moved_path
from jlabel.jobs.record import CANCELLED, FAILED, JobRecord
from jlabel.jobs.runners import LocalProcesses

_KNOWN = 5.0  # seconds that a scheduler may take to know a task that it was given
_POLL = 0.02


class DaskRunner:
    """A runner of background jobs on a Dask cluster.

    It is given to :class:`jlabel.AppManager`. A training is one task, with a GPU of its own where workers offer some
    (``--resources GPU=1``). First masks, scores and reviews are shared out among all workers, image by image. The job's
    folder has to be reached by all workers, and jlabel, Python and the key that jobs are signed with have to be the
    same there; all of this is checked before a job is handed over.

    Args:
        cluster: The address of a scheduler, or a cluster object of Dask: ``LocalCluster``, ``KubeCluster``,
            ``SLURMCluster``, …
        paths: Folders here that workers have elsewhere, such as ``{"/home/me/scans": "/mnt/scans"}``.
        gpu: What workers call a GPU among their resources.
        lease: After how many seconds without a sign of life a worker counts as lost.
        timeout: How many seconds the scheduler may take to answer.
        security: Certificates, as ``distributed.Client`` takes them. Workers find theirs by Dask's configuration.

    Raises:
        JobError: The arguments do not make sense. Whether the cluster answers shows when a job begins.

    Examples:
        >>> from distributed import LocalCluster  # doctest: +SKIP
        >>> cluster = LocalCluster(n_workers=4, threads_per_worker=1)  # doctest: +SKIP
        >>> runner = jlabel.DaskRunner(cluster)  # doctest: +SKIP
        >>> runner = jlabel.DaskRunner("tcp://scheduler:8786", paths={"/home/me/scans": "/mnt/scans"})
        >>> runner
        DaskRunner('tcp://scheduler:8786')
        >>> app = jlabel.RadiologyApp(studies, ["liver"])
        >>> manager = jlabel.AppManager(app, runner=runner)
    """

    def __init__(
        self,
        cluster: Any,
        *,
        paths: Mapping[str, str] | None = None,
        gpu: str = "GPU",
        lease: float = LEASE,
        timeout: float = 20.0,
        security: Any = None,
    ) -> None:
        is_address = isinstance(cluster, str) and "://" in cluster
        if not (is_address or callable(cluster) or hasattr(cluster, "scheduler_address")):
            raise JobError(f"a cluster is an address such as 'tcp://scheduler:8786' or a cluster object: {cluster!r}")
        if not 0.5 <= lease <= 3600:
            raise JobError(f"lease is how many seconds a worker may be silent, 0.5 to 3600, not {lease!r}")
        self._name = repr(cluster) if isinstance(cluster, str) else type(cluster).__name__
        self._connection = Connection(cluster, security, timeout)
        self._checks = WorkerChecks(self._connection)
        self._paths = tuple((os.path.abspath(os.path.expanduser(a)), str(b)) for a, b in (paths or {}).items())  # noqa: PTH100, PTH111
        self._gpu, self._lease = gpu, float(lease)
        self._expected_gpus = 0
        self._local = LocalProcesses()
        self._futures: dict[str, Any] = {}
        self._watches: dict[str, LeaseWatch] = {}
        self._signs: dict[str, float] = {}
        self._turn = threading.Lock()

    @classmethod
    def slurm(
        cls,
        queue: str | None = None,
        *,
        cores: int = 4,
        memory: str = "16GB",
        gpus: int = 0,
        workers: int = 1,
        **more: Any,
    ) -> DaskRunner:
        """A runner whose workers are jobs of SLURM; they are submitted when the first job begins.

        The scheduler is part of this process: when the kernel ends, the workers end too, and their jobs can be resumed.

        Args:
            queue: The partition.
            cores: Of each worker.
            memory: Of each worker, such as ``"32GB"``.
            gpus: Of each worker.
            workers: How many.
            **more: Arguments of :class:`jlabel.DaskRunner`, and any others of ``dask_jobqueue.SLURMCluster``.

        Raises:
            JobError: ``dask-jobqueue`` is not installed, or an argument makes no sense.

        Examples:
            >>> runner = jlabel.DaskRunner.slurm(queue="gpu", cores=8, memory="32GB", gpus=1, workers=2)
            >>> runner
            DaskRunner(SLURM)
        """
        return cls._queued("SLURM", queue, cores, memory, gpus, workers, more)

    @classmethod
    def pbs(
        cls,
        queue: str | None = None,
        *,
        cores: int = 4,
        memory: str = "16GB",
        gpus: int = 0,
        workers: int = 1,
        **more: Any,
    ) -> DaskRunner:
        """A runner whose workers are jobs of PBS; arguments and errors as for :meth:`slurm`.

        Args:
            queue: The queue.
            cores: Of each worker.
            memory: Of each worker.
            gpus: Of each worker.
            workers: How many.
            **more: As for :meth:`slurm`.

        Examples:
            >>> jlabel.DaskRunner.pbs(queue="long", cores=8)
            DaskRunner(PBS)
        """
        return cls._queued("PBS", queue, cores, memory, gpus, workers, more)

    @classmethod
    def _queued(
        cls, system: str, queue: str | None, cores: int, memory: str, gpus: int, workers: int, more: dict[str, Any]
    ) -> DaskRunner:
        own = {name: more.pop(name) for name in ("paths", "gpu", "lease", "timeout", "security") if name in more}
        make = queues.QueuedCluster(system, queue, cores, memory, gpus, workers, str(own.get("gpu", "GPU")), more)
        runner = cls(make, **own)
        runner._name, runner._expected_gpus = system, gpus
        return runner

    def __repr__(self) -> str:
        return f"DaskRunner({self._name})"

    @property
    def cluster(self) -> Any:
        """The cluster's address or object.

        Raises:
            JobError: It has to be made first, and cannot be.
        """
        return self._connection.cluster

    def check(self, device: str) -> None:
        """Refuse a job that this cluster cannot carry out: another version there, or no such GPU.

        Args:
            device: What the job asks for.

        Raises:
            JobError: Says what is missing, and where; or the scheduler does not answer.
        """
        workers = self._checks.workers()
        self._checks.check_versions(workers)
        gpu_device(device, workers, self._gpu, self._expected_gpus)

    def start(self, folder: JobFolder, lock: int) -> None:
        """Hand a job to the cluster.

        Args:
            folder: The job's folder.
            lock: Not taken over: the worker's process takes the lock itself.

        Raises:
            JobError: A worker does not see the folder, or the scheduler does not answer; the job's events say so.
        """
        try:
            self._hand_over(folder)
        except JobError as error:
            append_event(folder.events, {"state": FAILED, "error": str(error)})
            raise

    def is_alive(self, folder: JobFolder) -> bool:
        """Whether a worker works on the job or will, or was seen to a lease's time ago."""
        if not folder.cluster.exists():
            return self._local.is_alive(folder)
        job_id, attempt = folder.path.name, read_attempt(folder)
        key, now = task_key(job_id, attempt), time.monotonic()
        watch = self._watches.setdefault(key, LeaseWatch(folder))
        if folder.is_cancelled and not watch.begun:
            # Nobody has taken it up, and whoever does so sees that it is to stop.
            return False
        last = self._signs.setdefault(key, now)
        if self._connection.is_live(key) or is_locked(folder.lock) is True or watch.is_held():
            last = self._signs[key] = now
        return now - last < self._lease

    def ending(self, folder: JobFolder) -> dict[str, Any]:
        """What is told of a job whose worker is gone."""
        if not folder.cluster.exists():
            return self._local.ending(folder)
        if folder.is_cancelled:
            return {"state": CANCELLED}
        return {"state": FAILED, "error": f"its worker, or the scheduler of {self!r}, was lost"}

    def close(self) -> None:
        """End the connection; the cluster and its jobs go on."""
        self._connection.close()

    def _hand_over(self, folder: JobFolder) -> None:
        from distributed import fire_and_forget

        request, workers = folder.read_request(), self._checks.workers()
        order = self._order(folder, request, workers)
        self._checks.check_folder(order, workers, request.one_machine)
        write_attempt(folder, order.attempt, str(self._connection.address))
        for note in self._checks.notes:
            append_event(folder.events, {"note": note})
        if not workers:
            append_event(folder.events, {"note": "the cluster has no workers yet: the job waits for one"})
        client = self._connection.client()
        # Dask keeps parts apart by resources; the process that shares them out needs none.
        resources = {} if order.split else dict(order.resources)
        future = client.submit(carry_out, order.to_json(), key=order.key, pure=False, resources=resources)
        fire_and_forget(future)
        with self._turn:
            self._futures[order.key] = future
        future.add_done_callback(lambda done: self._tell(folder, order, done))
        self._wait_until_known(order.key, future)

    def _order(self, folder: JobFolder, request: JobRequest, workers: Mapping[str, Mapping[str, Any]]) -> Order:
        device, gpus = gpu_device(request.device, workers, self._gpu, self._expected_gpus)
        here = os.path.abspath(folder.path)  # noqa: PTH100 - links stay as they are
        return Order(
            folder=moved_path(here, self._paths),
            place=folder.place,
            attempt=secrets.token_hex(8),
            scheduler=self._connection.address,
            device=device,
            split=request.split,
            resources={self._gpu: 1 if request.split else gpus} if gpus else {},
            paths=self._paths,
            lease=self._lease,
            versions=breaking_versions(),
        )

    def _wait_until_known(self, key: str, future: Any) -> None:
        """A kernel that is killed after this has lost no job."""
        deadline = time.monotonic() + _KNOWN
        while not future.done() and time.monotonic() < deadline:
            if self._connection.states([key]).get(key) is not None:
                return
            time.sleep(_POLL)

    def _tell(self, folder: JobFolder, order: Order, future: Any) -> None:
        """Say of a job that no worker could carry out why that was."""
        with self._turn:
            self._futures.pop(order.key, None)
        if future.status != "error" or read_attempt(folder) != order.attempt:
            return
        error = future.exception()
        given_up = f"the cluster gave it up: {type(error).__name__}: {error}"
        reason = str(error) if isinstance(error, JobError) else given_up
        with contextlib.suppress(JobError, OSError):
            descriptor = take_lock(folder.lock, self._lease)
            if descriptor is None:
                return
            try:
                if not JobRecord.of(folder.events).ended:
                    append_event(folder.events, {"state": FAILED, "error": reason})
            finally:
                os.close(descriptor)
