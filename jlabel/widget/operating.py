"""Operations on whole labels: worked out beside the labeler, and put into the draft as one step of undo."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jlabel.editing import Target, Watch, operate, operation_named
from jlabel.errors import Cancelled, EditError, JlabelError
from jlabel.widget.opened import OpenedImage
from jlabel.widget.part import Handler, Part
from jlabel.widget.protocol import voxel_parts
from jlabel.widget.worker import SerialWorker

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk

# How often an operation begins again because the draft was changed while it worked.
_MOST_TRIES = 5
_SECONDS_BETWEEN_REPORTS = 0.1


class _Overtaken(Exception):
    """The draft was changed while an operation worked on it."""


@dataclass(eq=False)
class _Job:
    """One operation on one label of the opened image."""

    name: str
    label: str
    parameters: Mapping[str, Any]
    opened: OpenedImage
    target: Target
    cancelled: threading.Event = field(default_factory=threading.Event)
    reported: float = 0.0

    @property
    def text(self) -> str:
        return f"{operation_named(self.name).doing} {self.label}"

    def check(self) -> None:
        if self.cancelled.is_set():
            raise Cancelled(f"{self.text} was cancelled")


class Operating(Part):
    """Carries operations out one after the other. Strokes go on meanwhile; what they overtake begins again."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._worker = SerialWorker("jlabel-operations")
        self._jobs: list[_Job] = []
        self._revision = 0

    def asks(self) -> Mapping[str, Handler]:
        """``operate``."""
        return {"operate": self._on_operate}

    def opened(self, opened: OpenedImage) -> None:
        """What was asked for the former image is given up."""
        self.cancel()

    def changed(self) -> None:
        """What is being worked out is late."""
        self._revision += 1

    def close(self) -> None:
        """Give up what is asked."""
        self.cancel()
        self._worker.close()

    def cancel(self) -> bool:
        """Give up all operations that are not done; returns whether there was one."""
        with self.desk.lock:
            for job in self._jobs:
                job.cancelled.set()
            return bool(self._jobs)

    def edit(
        self, name: str, label: str | None, axis: int | None, at: int | None, parameters: Mapping[str, Any]
    ) -> int:
        """See :meth:`jlabel.Labeler.edit`."""
        with self.desk.lock:
            label = label if label is not None else self.desk.label
            if label not in self.desk.values:
                raise EditError(f"no label {label!r}; there is {', '.join(self.desk.values)}")
            job = self._begin(name, self.desk.values[label], axis, at, parameters)
        return self._carry_out(job)

    def _on_operate(self, ask: dict[str, Any], _: Sequence[Any]) -> None:
        desk = self.desk
        with desk.lock:
            opened = desk.need()
            if opened.epoch != ask["epoch"]:
                return
            value = int(ask.get("value") or desk.values[desk.label])
            parameters = dict(ask.get("parameters") or {})
            job = self._begin(str(ask["operation"]), value, int(ask["axis"]), int(ask["slice"]), parameters)
        self._worker.do(lambda: desk.labeler.in_words(lambda: self._quietly(job)))

    def _begin(self, name: str, value: int, axis: int | None, at: int | None, parameters: Mapping[str, Any]) -> _Job:
        """Check what is asked, and show it; with the lock held."""
        desk, opened = self.desk, self.desk.need()
        operation = operation_named(name)
        checked = operation.checked(name, parameters)
        every = bool(checked.get("all"))
        label = next((one.name for one in desk.labels if one.value == value), None)
        if label is None:
            raise EditError(f"no label has the value {value}; the labels are {desk.values}")
        if not every:
            desk.rules.check_unlocked(value)
        desk.asking.cancel()
        target = Target(opened.draft.mask, opened.image, value, axis, at)
        job = _Job(name, "all labels" if every else label, checked, opened, target)
        self._jobs.append(job)
        desk.notice = None
        desk.show_busy(job.text)
        return job

    def _quietly(self, job: _Job) -> None:
        try:
            self._carry_out(job)
        except Cancelled as error:
            if job.opened is self.desk.opened:
                self.desk.say(str(error))

    def _carry_out(self, job: _Job) -> int:
        """Work it out and put it into the draft; returns how many voxels changed."""
        try:
            for _ in range(_MOST_TRIES):
                changed = self._try(job)
                if changed is not None:
                    return changed
        except EditError as error:
            raise EditError(f"{job.label}: {error}") from error
        finally:
            self._end(job)
        raise JlabelError(f"{job.text} was given up: the labels were changed again and again meanwhile")

    def _try(self, job: _Job) -> int | None:
        """As :meth:`_carry_out`; None where the draft was changed meanwhile."""
        desk, draft = self.desk, job.opened.draft
        with desk.lock:
            began = self._revision, draft.history.position
            draft.make_room(job.target.value)
            target = replace(job.target, mask=draft.mask)
        try:
            edit = operate(job.name, target, job.parameters, self._watch(job, began[0]))
            change = draft.prepare(edit.region, edit.after)
            parts = list(voxel_parts(change.after, change.region))
        except Cancelled:
            raise
        except Exception:
            # Half of a stroke may have been read.
            if self._revision != began[0]:
                return None
            raise
        with desk.lock:
            job.check()
            if job.target.value not in desk.values.values():
                raise EditError("the label was deleted meanwhile")
            now = self._revision, draft.history.position
            if now != began or draft.mask is not target.mask or draft.guard != change.guard:
                return None
            if change.voxels:
                draft.commit(change)
                desk.labeler.show_parts(job.opened, parts)
                desk.draft_changed()
            desk.say(_said(job, change.voxels, change.kept))
        return change.voxels

    def _end(self, job: _Job) -> None:
        with self.desk.lock:
            self._jobs.remove(job)
            if self.desk.busy == job.text:
                self.desk.show_busy(self._jobs[0].text if self._jobs else None)

    def _watch(self, job: _Job, revision: int) -> Watch:
        def check() -> None:
            job.check()
            if self._revision != revision:
                raise _Overtaken

        def progress(fraction: float) -> None:
            now = time.monotonic()
            if now - job.reported >= _SECONDS_BETWEEN_REPORTS:
                job.reported = now
                content = {"type": "progress", "epoch": job.opened.epoch, "text": job.text, "fraction": fraction}
                with self.desk.lock:
                    self.desk.labeler.tell(content)

        return Watch(progress, check)


def _said(job: _Job, voxels: int, kept: int) -> str:
    done = operation_named(job.name).done
    stayed = f"; {kept:,} stayed, for they are locked or have another label" if kept else ""
    if voxels == 0:
        return f"{job.label}: nothing changed{stayed}"
    return f"{job.label}: {done}, {voxels:,} {'voxel' if voxels == 1 else 'voxels'} changed{stayed}"
