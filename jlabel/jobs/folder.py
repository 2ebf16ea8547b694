"""The folder that a job is: what was asked, what happened, what it printed, how far it got."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jlabel.errors import JobError
from jlabel.files.atomic import atomic_write
from jlabel.files.json_values import LATEST, finite, parse_json
from jlabel.files.links import is_link
from jlabel.files.plain_files import open_plain, read_plain
from jlabel.files.sealing import is_signed, sign
from jlabel.jobs.devices import MOST_THREADS

_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9]{6}-[0-9a-f]{4}")
_MOST_REQUEST = 64 * 1024**2
_MOST_NAME = 1000
_SIGNATURE = "signature"


@dataclass(frozen=True)
class JobRequest:
    """What was asked, as ``request.json`` has it; the work itself is pickled beside it.

    Attributes:
        id: The job's id and its folder's name, in the order of creation.
        kind: What kind of work, such as ``"train"``.
        name: What it is about, such as the train task's name.
        device: ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"cuda:1"``, and with commas between several.
        options: What the caller gave by name, as text where JSON cannot hold it.
        created: Seconds since 1970.
        paths: Where the kernel found its modules.
        nice: By how much the work steps back behind what the person does.
        grace: For how many seconds a cancelled job may go on before it is ended.
        threads: How many its processes have together; None for all cores but one.
        split: Whether its work is done in parts (:meth:`jlabel.jobs.JobRun.map`), which a cluster shares out.
        one_machine: Whether all who have its data open must run on one machine.
    """

    id: str
    kind: str
    name: str
    device: str = "auto"
    options: Mapping[str, Any] = field(default_factory=dict)
    created: float = 0.0
    paths: tuple[str, ...] = ()
    nice: int = 10
    grace: float = 10.0
    threads: int | None = None
    split: bool = False
    one_machine: bool = False

    def to_json(self) -> str:
        """As a text of JSON."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False, default=str)


@dataclass(frozen=True)
class JobFolder:
    """The files of a job.

    ``request.json`` says what was asked, ``work.pkl`` is the work, ``events.jsonl`` what happened, ``log.txt`` what was
    printed, ``checkpoints`` belongs to the work. The file ``cancel`` is there once someone wants the job to stop, and
    ``worker.lock`` is locked for as long as a process works on the job. Request and work are signed by the user who
    began the job, for this very folder (:mod:`jlabel.files.sealing`). No link in the place of one of them is followed.

    A job on a cluster has ``cluster.json``, which says who carries it out, and ``lease.json``, which changes for as
    long as somebody does: a lock need not reach other machines (:mod:`jlabel.jobs.lease`).

    Attributes:
        path: Where it is.
        signed_for: How the machine that signed names the folder, where this one names it otherwise.
    """

    path: Path
    signed_for: str | None = field(default=None, compare=False)

    @property
    def place(self) -> str:
        """The folder as what is signed names it: where it really is, so that it counts nowhere else."""
        if self.signed_for is not None:
            return self.signed_for
        return f"{os.path.realpath(self.path.parent)}/{self.path.name}"

    @property
    def request(self) -> Path:
        """What was asked."""
        return self.path / "request.json"

    @property
    def work(self) -> Path:
        """The pickled work, sealed: see :mod:`jlabel.jobs.work`."""
        return self.path / "work.pkl"

    @property
    def events(self) -> Path:
        """What happened."""
        return self.path / "events.jsonl"

    @property
    def log(self) -> Path:
        """What the processes printed."""
        return self.path / "log.txt"

    @property
    def checkpoints(self) -> Path:
        """Where the work keeps how far it got."""
        return self.path / "checkpoints"

    @property
    def scratch(self) -> Path:
        """In the checkpoints, what can be made again at any time; removed when an attempt is over."""
        return self.checkpoints / "cache"

    @property
    def cancel(self) -> Path:
        """There once the job is to stop."""
        return self.path / "cancel"

    @property
    def is_cancelled(self) -> bool:
        """Whether the job is to stop: someone wants it to, or has deleted its folder."""
        return self.cancel.exists() or not self.request.exists()

    @property
    def ranks(self) -> Path:
        """What the processes of work on several devices have in common while they run."""
        return self.path / "ranks"

    @property
    def lock(self) -> Path:
        """Locked while a process works on the job."""
        return self.path / "worker.lock"

    @property
    def cluster(self) -> Path:
        """There for a job that was handed to a cluster; says which attempt counts."""
        return self.path / "cluster.json"

    @property
    def lease(self) -> Path:
        """Changes for as long as a process of a cluster works on the job."""
        return self.path / "lease.json"

    @property
    def parts(self) -> Path:
        """What the workers of a cluster need for parts of the work."""
        return self.path / "parts"

    def check_place(self) -> None:
        """Refuse a folder, or one in it, that is a link: whoever works on the job would write and delete elsewhere.

        Raises:
            JobError: One of them is.
        """
        for place in (self.path, self.checkpoints, self.scratch, self.ranks, self.parts):
            if is_link(place):
                raise JobError(f"{place} is a link, and jlabel follows none in the folder of a job: remove it")

    def read_request(self) -> JobRequest:
        """What was asked, as anybody may have written it: see :meth:`is_own`.

        Raises:
            JobError: The file is gone, damaged, or of another job.
        """
        try:
            request = _checked(self._read_request())
        except (OSError, ValueError, TypeError, KeyError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise JobError(f"{self.request}: this job's request cannot be read: {reason}") from error
        if request.id != self.path.name:
            raise JobError(f"{self.request}: this is the request of job {request.id!r}, not {self.path.name!r}")
        return request

    def write_request(self, request: JobRequest, place: str | None = None) -> None:
        """Write down what was asked, signed.

        Args:
            request: What was asked.
            place: Where the folder will be (see :attr:`place`), if it is to be renamed yet.

        Raises:
            JobError: The key to sign with is not to be had.
            DatastoreError: It cannot be written; what was there before is unchanged.
        """
        fields = json.loads(request.to_json())
        fields[_SIGNATURE] = sign(_canonical(fields), _about(place or self.place))
        text = json.dumps(fields, indent=1, ensure_ascii=False)
        atomic_write(self.request, lambda out: out.write(text.encode()))

    @property
    def is_own(self) -> bool:
        """Whether this user asked for it, in this very folder: only then is it known what its work is."""
        try:
            fields = self._read_request()
        except (OSError, ValueError):
            return False
        return is_signed(_canonical(fields), _about(self.place), fields.get(_SIGNATURE))

    def _read_request(self) -> dict[str, Any]:
        fields = parse_json(read_plain(self.request, _MOST_REQUEST))
        if not isinstance(fields, dict):
            raise ValueError("it holds no JSON object")
        return fields

    def last_lines(self, count: int = 20, max_bytes: int = 1 << 14) -> str:
        """The end of the log, for people."""
        return "\n".join(self.read_log(max_bytes).splitlines()[-count:])

    def read_log(self, max_bytes: int = 1 << 18) -> str:
        """The log; of a long one the end."""
        try:
            with os.fdopen(open_plain(self.log), "rb") as file:
                size = file.seek(0, 2)
                file.seek(max(0, size - max_bytes))
                return file.read().decode("utf-8", errors="replace")
        except OSError:
            return ""


def with_log(reason: str, folder: JobFolder) -> str:
    """The reason and the last lines that the job printed."""
    lines = folder.last_lines()
    return f"{reason}\nThe last lines of its log:\n{lines}" if lines.strip() else reason


def is_job_id(name: str) -> bool:
    """Whether a folder of that name can be a job."""
    return _ID.fullmatch(name) is not None


def _about(place: str) -> str:
    return f"request of job {place}"


def _canonical(fields: Mapping[str, Any]) -> bytes:
    """What is signed: all fields but the signature, in one order."""
    signed = {key: value for key, value in fields.items() if key != _SIGNATURE}
    return json.dumps(signed, sort_keys=True).encode()


def _checked(content: Mapping[str, Any]) -> JobRequest:
    # The file is text that anybody may have written: nothing in it is taken for a path to write to.
    texts = {key: content[key] for key in ("id", "kind", "name", "device")}
    if not all(isinstance(text, str) and len(text) <= _MOST_NAME for text in texts.values()):
        raise ValueError("id, kind, name and device are short texts")
    paths = content.get("paths", [])
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise ValueError("paths is a list of texts")
    limits = {"created": (0.0, LATEST), "nice": (-20.0, 100.0), "grace": (0.0, 1e9)}
    found = {key: finite(content[key], *limit) for key, limit in limits.items()}
    created, nice, grace = (found[key] for key in limits)
    if created is None or nice is None or grace is None:
        raise ValueError("created, nice and grace are numbers that make sense")
    threads = content.get("threads")
    if threads is not None and finite(threads, 1, MOST_THREADS) is None:
        raise ValueError("threads is how many the processes have")
    options = content.get("options", {})
    if not isinstance(options, dict):
        raise ValueError("options is an object")
    return JobRequest(
        **texts,
        options=options,
        created=created,
        paths=tuple(paths),
        nice=int(nice),
        grace=grace,
        threads=None if threads is None else int(threads),
        split=content.get("split") is True,
        one_machine=content.get("one_machine") is True,
    )
