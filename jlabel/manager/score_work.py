"""What a scoring job has to do, as it is handed to a process of its own."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jlabel.datastores import Datastore
from jlabel.errors import Cancelled, JlabelError, TaskError, UnreachableError
from jlabel.files.plain_files import open_plain, read_plain
from jlabel.jobs import JobRun
from jlabel.selection.scoring.image_choice import is_gone
from jlabel.tasks.followed_datastore import FollowedDatastore
from jlabel.tasks.scoring import ScoringMethod

DONE = "done.txt"
# Ids of a million images take a twentieth of it.
_MOST_BYTES = 1024**3


@dataclass(frozen=True)
class ScoreWork:
    """A scoring method and what it is asked.

    Attributes:
        name: The app's name for the method.
        method: The method.
        datastore: Where images, labels and scores are; opened anew in the other process.
        request: What the caller gave by name, and the app's labels.
        images: The only images that the method is to see; None for all.
    """

    name: str
    method: ScoringMethod
    datastore: Datastore
    request: Mapping[str, Any]
    images: Sequence[str] | None = None

    @property
    def split(self) -> bool:
        """Whether the method shares its images out: see :meth:`jlabel.jobs.JobRun.map`."""
        return self.method.by_image

    @property
    def one_machine(self) -> bool:
        """See :attr:`jlabel.Datastore.one_machine`."""
        return self.datastore.one_machine

    def __call__(self, run: JobRun) -> dict[str, Any]:
        """Score, in the job's process; an image at which the method raises is named, and the rest is scored."""
        return _Scoring(self, run).do()


class _Scoring:
    """One run of a scoring method, in as many calls as it takes."""

    def __init__(self, work: ScoreWork, run: JobRun) -> None:
        self._work, self._run = work, run
        self._file = run.checkpoints / DONE
        self._left_out: dict[str, str] = {}
        self._done = _read(self._file)
        self._before, self._begun = len(self._done), time.monotonic()
        self._listed: frozenset[str] = frozenset()

    def do(self) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        while True:
            followed = self._followed()
            try:
                answer |= _json_values(self._call(followed))
                break
            except (Cancelled, UnreachableError):
                raise
            except Exception as error:  # noqa: BLE001 - a method of an author's may raise anything
                self._run.check_cancelled()
                self._blame(followed, error)
        # A method that goes on whatever is raised has not seen that it is to stop.
        self._run.check_cancelled()
        named = answer.get("left_out")
        left_out = {**self._left_out, **(named if isinstance(named, dict) else {})}
        if left_out and not self._done and not answer.get("already"):
            raise TaskError(f"none of {len(left_out)} images could be scored; the last: {list(left_out.values())[-1]}")
        # A method that counts by itself has not seen what an attempt before it did.
        own = answer.get("done")
        done = own + self._before if isinstance(own, int) else len(self._done)
        return {**answer, "done": done, "left_out": left_out}

    def _call(self, followed: FollowedDatastore) -> Mapping[str, Any]:
        request = {**self._work.request, "method": self._work.name, "run": self._run, "device": self._run.device}
        given: Any = followed
        answer: Any = self._work.method(request, given)
        return answer if isinstance(answer, Mapping) else {}

    def _followed(self) -> FollowedDatastore:
        hidden = {*self._left_out, *self._done}
        if self._work.images is not None:
            hidden |= set(self._work.datastore.list_images()) - set(self._work.images)
        followed = FollowedDatastore(
            self._work.datastore, hidden, self._run.check_cancelled, self._scored, self._run.note
        )
        self._current = followed
        return followed

    def _blame(self, followed: FollowedDatastore, error: Exception) -> None:
        """Note the images at which the method failed; raises where it would only fail in the same way again."""
        reason = str(error) if isinstance(error, JlabelError) else f"{type(error).__name__}: {error}"
        images = [each for each in followed.at() if each not in self._left_out]
        if not images:
            raise TaskError(f"scoring method {self._work.name!r} failed: {reason}") from error
        for image_id in images:
            gone = is_gone(self._work.datastore, image_id)
            self._left_out[image_id] = "it was deleted meanwhile" if gone else reason
            self._run.note(f"image {image_id!r} is left out: {self._left_out[image_id]}")

    def _scored(self, image_id: str) -> None:
        if image_id not in self._done:
            self._done.add(image_id)
            with os.fdopen(
                open_plain(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "a", encoding="utf-8"
            ) as out:
                out.write(f"{image_id}{os.linesep}")
        count = len({*self._done, *self._left_out, *self._current.listed})
        finished, each = len(self._done) + len(self._left_out), time.monotonic() - self._begun
        each /= max(1, len(self._done) - self._before)
        self._run.progress(finished / max(1, count), each * (count - finished))


def _read(file: Path) -> set[str]:
    return set(read_plain(file, _MOST_BYTES).decode().splitlines()) if file.exists() else set()


def _json_values(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer as JSON can hold it."""
    values: dict[str, Any] = json.loads(json.dumps(dict(answer), default=_plain))
    return values


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)
