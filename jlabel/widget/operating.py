"""Operations on whole labels: worked out beside the labeler, and put into the draft as one step of undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from jlabel.editing import Target, operate, operation_named
from jlabel.errors import Cancelled, EditError
from jlabel.imaging import Region
from jlabel.imaging.watch import Watch
from jlabel.widget.beside import Work, change_beside
from jlabel.widget.change import Change
from jlabel.widget.doing import Doing
from jlabel.widget.opened import OpenedImage
from jlabel.widget.part import Handler, Part
from jlabel.widget.worker import SerialWorker

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk


@dataclass(eq=False)
class _Job:
    """One thing to be put into the draft of the opened image.

    Attributes:
        opened: The image.
        doing: As it is shown.
        work: Works it out.
        then: Called with the lock held once it is done.
    """

    opened: OpenedImage
    doing: Doing
    work: Work
    then: Callable[[Change], None]


class Operating(Part):
    """Carries operations out one after the other. Strokes go on meanwhile; what they overtake begins again."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._worker = SerialWorker("jlabel-operations")
        self._jobs: list[_Job] = []

    def asks(self) -> Mapping[str, Handler]:
        """``operate``."""
        return {"operate": self._on_operate}

    def opened(self, opened: OpenedImage) -> None:
        """What was asked for the former image is given up."""
        self.cancel()

    def close(self) -> None:
        """Give up what is asked."""
        self.cancel()
        self._worker.close()

    def cancel(self) -> bool:
        """Give up all operations that are not done; returns whether there was one."""
        with self.desk.lock:
            for job in self._jobs:
                job.doing.cancel()
            return bool(self._jobs)

    def edit(
        self, name: str, label: str | None, axis: int | None, at: int | None, parameters: Mapping[str, Any]
    ) -> int:
        """See :meth:`jlabel.Labeler.edit`."""
        with self.desk.lock:
            label = label if label is not None else self.desk.label
            if label not in self.desk.values:
                raise EditError(f"no label {label!r}; there is {', '.join(self.desk.values)}")
            job = self._operation(name, self.desk.values[label], axis, at, parameters)
        return self._carry_out(job).voxels

    def later(self, opened: OpenedImage, text: str, work: Work, then: Callable[[Change], None]) -> None:
        """Put something into the draft as soon as it is worked out; with the lock held.

        Args:
            opened: The image whose draft it is for.
            text: What is being done.
            work: Works it out.
            then: Called with the lock held once it is done.
        """
        job = self._begin(opened, text, work, then)
        self._worker.do(lambda: self.desk.labeler.in_words(lambda: self._quietly(job)))

    def _on_operate(self, ask: dict[str, Any], _: Sequence[Any]) -> None:
        desk = self.desk
        with desk.lock:
            opened = desk.need()
            if opened.epoch != ask["epoch"]:
                return
            value = int(ask.get("value") or desk.values[desk.label])
            parameters = dict(ask.get("parameters") or {})
            job = self._operation(str(ask["operation"]), value, int(ask["axis"]), int(ask["slice"]), parameters)
        self._worker.do(lambda: desk.labeler.in_words(lambda: self._quietly(job)))

    def _operation(
        self, name: str, value: int, axis: int | None, at: int | None, parameters: Mapping[str, Any]
    ) -> _Job:
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
        shown = "all labels" if every else label

        def work(mask: NDArray[Any], watch: Watch) -> tuple[Region, NDArray[Any]]:
            try:
                edit = operate(name, replace(target, mask=mask), checked, watch)
                # What was deleted while it was worked on is not put in again.
                if value not in desk.values.values():
                    raise EditError("the label was deleted meanwhile")
            except EditError as error:
                raise EditError(f"{shown}: {error}") from error
            return edit.region, edit.after

        text = f"{operation.doing} {shown}"
        return self._begin(opened, text, work, lambda change: desk.say(_said(shown, operation.done, change)))

    def _begin(self, opened: OpenedImage, text: str, work: Work, then: Callable[[Change], None]) -> _Job:
        self.desk.notice = None
        job = _Job(opened, self.desk.under_way.begin(text), work, then)
        self._jobs.append(job)
        return job

    def _quietly(self, job: _Job) -> None:
        try:
            self._carry_out(job)
        except Cancelled as error:
            if job.opened is self.desk.opened:
                self.desk.say(str(error))

    def _carry_out(self, job: _Job) -> Change:
        """Work it out and put it into the draft."""
        try:
            return change_beside(self.desk, job.opened, job.doing, job.work, job.then)
        finally:
            with self.desk.lock:
                self._jobs.remove(job)
                self.desk.under_way.end(job.doing)


def _said(label: str, done: str, change: Change) -> str:
    kept, voxels = change.kept, change.voxels
    stayed = f"; {kept:,} stayed, for they are locked or have another label" if kept else ""
    if voxels == 0:
        return f"{label}: nothing changed{stayed}"
    return f"{label}: {done}, {voxels:,} {'voxel' if voxels == 1 else 'voxels'} changed{stayed}"
