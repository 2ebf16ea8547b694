"""Clusters whose workers are jobs of a batch system, by ``dask-jobqueue``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jlabel.errors import JobError


@dataclass(frozen=True)
class QueuedCluster:
    """Makes such a cluster when it is called.

    Attributes:
        system: ``"SLURM"`` or ``"PBS"``.
        queue: The queue or partition.
        cores: Of each worker.
        memory: Of each worker.
        gpus: Of each worker.
        workers: How many.
        gpu: What workers call a GPU among their resources.
        more: Further arguments of the cluster.
    """

    system: str
    queue: str | None
    cores: int
    memory: str
    gpus: int
    workers: int
    gpu: str
    more: Mapping[str, Any]

    def __post_init__(self) -> None:
        for name, least in (("cores", 1), ("gpus", 0), ("workers", 1)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise JobError(f"{name} is a number from {least} on, not {value!r}")

    def __call__(self) -> Any:
        """The cluster; its workers are submitted.

        Raises:
            JobError: ``dask-jobqueue`` is not installed, an argument is none of the cluster's, or the system refuses.
        """
        try:
            import dask_jobqueue
        except ImportError as error:
            raise JobError('workers by a batch system need dask-jobqueue: pip install "jlabel[dask]"') from error
        kind = getattr(dask_jobqueue, f"{self.system}Cluster")
        try:
            cluster = kind(**self.arguments())
            cluster.scale(jobs=self.workers)
        except (OSError, RuntimeError, TypeError, ValueError) as error:
            raise JobError(f"no workers could be had of {self.system}: {type(error).__name__}: {error}") from error
        return cluster

    def arguments(self) -> dict[str, Any]:
        """What the cluster is made with."""
        given = dict(self.more)
        extra, directives = list(given.pop("worker_extra_args", [])), list(given.pop("job_extra_directives", []))
        if self.gpus:
            extra.append(f"--resources {self.gpu}={self.gpus}")
            directives.append(f"--gres=gpu:{self.gpus}" if self.system == "SLURM" else f"-l ngpus={self.gpus}")
        return {
            "queue": self.queue,
            "cores": self.cores,
            "memory": self.memory,
            "processes": 1,
            "worker_extra_args": extra,
            "job_extra_directives": directives,
            **given,
        }
