"""The folder that a job is: what was asked, what happened, what it printed, how far it got."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jlabel.errors import JobError

_ID = re.compile(r"\d{8}-\d{6}-\d{6}-[0-9a-f]{4}")


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

    def to_json(self) -> str:
        """As a text of JSON."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False, default=str)


@dataclass(frozen=True)
class JobFolder:
    """The files of a job.

    ``request.json`` says what was asked, ``work.pkl`` is the work, ``events.jsonl`` what happened, ``log.txt`` what was
    printed, ``checkpoints`` belongs to the work. The file ``cancel`` is there once someone wants the job to stop, and
    ``worker.lock`` is locked for as long as a process works on the job.
    """

    path: Path

    @property
    def request(self) -> Path:
        """What was asked."""
        return self.path / "request.json"

    @property
    def work(self) -> Path:
        """The pickled work; readable by its owner alone."""
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

    def read_request(self) -> JobRequest:
        """What was asked.

        Raises:
            JobError: The file is gone, damaged, or of another job.
        """
        try:
            content = json.loads(self.request.read_text(encoding="utf-8"))
            request = _checked(content)
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise JobError(f"{self.request}: this job's request cannot be read: {error}") from error
        if request.id != self.path.name:
            raise JobError(f"{self.request}: this is the request of job {request.id!r}, not {self.path.name!r}")
        return request

    def last_lines(self, count: int = 20, max_bytes: int = 1 << 14) -> str:
        """The end of the log, for people."""
        return "\n".join(self.read_log(max_bytes).splitlines()[-count:])

    def read_log(self, max_bytes: int = 1 << 18) -> str:
        """The log; of a long one the end."""
        try:
            with self.log.open("rb") as file:
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


def _checked(content: Any) -> JobRequest:
    # The file is text that anybody in the team may have written: nothing in it is taken for a path to write to.
    if not isinstance(content, dict):
        raise ValueError("it holds no JSON object")
    texts = {key: content[key] for key in ("id", "kind", "name", "device")}
    paths = content.get("paths", [])
    if not all(isinstance(text, str) for text in [*texts.values(), *paths]):
        raise ValueError("id, kind, name, device and paths are texts")
    numbers = [float(content[key]) for key in ("created", "nice", "grace")]
    if not all(math.isfinite(number) for number in numbers):
        raise ValueError("created, nice and grace are numbers")
    options = content.get("options", {})
    if not isinstance(options, dict):
        raise ValueError("options is an object")
    created, nice, grace = numbers
    return JobRequest(**texts, options=options, created=created, paths=tuple(paths), nice=int(nice), grace=grace)
