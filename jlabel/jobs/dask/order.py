"""What a worker of a Dask cluster is told of a job: everything else is in the job's folder."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from jlabel.jobs.folder import JobFolder
from jlabel.jobs.lease import LEASE
from jlabel.jobs.moved_paths import MovedPaths

_VARIABLE = "JLABEL_JOB_ORDER"


@dataclass(frozen=True)
class Order:
    """A job as it is handed to a cluster.

    Attributes:
        folder: The job's folder as workers name it.
        place: How the machine that signed the job names the folder.
        attempt: Which attempt this is: a name that no other one has.
        scheduler: The scheduler's address.
        device: Where the work is to run: ``"cpu"``, or GPUs of one worker such as ``"cuda:0,cuda:1"``.
        split: Whether the work is done in parts by all workers.
        resources: What Dask sets aside for the work, or for each of its parts.
        paths: Folders that workers have elsewhere.
        lease: After how many seconds without a sign of life a worker's process counts as gone.
        versions: Those that a worker must have too.
        threads: How many threads the work may use; 0 until a worker has it.
    """

    folder: str
    place: str
    attempt: str
    scheduler: str
    device: str = "cpu"
    split: bool = False
    resources: Mapping[str, float] = field(default_factory=dict)
    paths: MovedPaths = ()
    lease: float = LEASE
    versions: Mapping[str, str] = field(default_factory=dict)
    threads: int = 0

    @property
    def key(self) -> str:
        """The name of its task: a second kernel finds it by that, and no attempt is made twice."""
        return task_key(Path(self.folder).name, self.attempt)

    @property
    def job_folder(self) -> JobFolder:
        """The job's folder, on a worker."""
        return JobFolder(Path(self.folder), signed_for=self.place)

    def with_threads(self, threads: int) -> Order:
        """The same for a worker with so many threads."""
        return replace(self, threads=threads)

    def to_json(self) -> str:
        """As a text of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Order:
        """The order that :meth:`to_json` made a text of."""
        fields = json.loads(text)
        return cls(**{**fields, "paths": tuple((here, there) for here, there in fields["paths"])})

    def environment(self) -> dict[str, str]:
        """What the processes of the job find it by."""
        return {_VARIABLE: self.to_json()}

    @classmethod
    def of_this_process(cls, path: Path) -> Order | None:
        """The order that this process works on, where it is a job's on a cluster.

        Args:
            path: The folder of the job: what a job itself starts is another one.
        """
        text = os.environ.get(_VARIABLE)
        order = None if not text else cls.from_json(text)
        return order if order is not None and Path(order.folder) == path else None


def task_key(job_id: str, attempt: str) -> str:
    """The name of the task of an attempt."""
    return f"jlabel-job-{job_id}-{attempt}"
