"""Operations on whole labels: worked out beside the labeler, and put into the draft as one step of undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray

from jlabel.annotation.mask_change import MaskChange
from jlabel.editing import Target, operate, operation_named
from jlabel.errors import Cancelled, EditError
from jlabel.imaging import Region
from jlabel.labeler.actions import OperationDone
from jlabel.labeler.background.optimistic_edit import Work, apply_optimistically
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.background.tasks import BackgroundTask
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.objects import Objects
from jlabel.labeler.features.paint_settings import PaintSettings
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import draft_messages
from jlabel.progress import Progress


@dataclass(eq=False)
class _Job:
    """One thing to be put into the draft of the opened image.

    Attributes:
        opened: The image.
        doing: As it is shown.
        work: Works it out.
        then: Called with the lock held once it is done.
    """

    opened: OpenImage
    task: BackgroundTask
    work: Work
    then: Callable[[MaskChange], None]


class LabelOperations(Feature):
    """Carries operations out one after the other. Strokes go on meanwhile; what they overtake begins again."""

    def __init__(self, context: LabelerContext, paint_settings: PaintSettings, objects: Objects) -> None:
        super().__init__(context)
        self._paint_settings = paint_settings
        self._objects = objects
        self._worker = SerialWorker("jlabel-operations")
        self._jobs: list[_Job] = []

    def message_handlers(self) -> Handlers:
        """Applying an operation."""
        return {draft_messages.ApplyOperation: self._on_operate}

    def on_image_opened(self, opened: OpenImage) -> None:
        """What was asked for the former image is given up."""
        self.cancel()

    def close(self) -> None:
        """Give up what is asked."""
        self.cancel()
        self._worker.close()

    def cancel(self) -> bool:
        """Give up all operations that are not done; returns whether there was one."""
        with self.context.lock:
            for job in self._jobs:
                job.task.cancel()
            return bool(self._jobs)

    def edit(
        self, name: str, label: str | None, axis: int | None, at: int | None, parameters: Mapping[str, Any]
    ) -> int:
        """See :meth:`jlabel.Labeler.edit`."""
        with self.context.lock:
            label = label if label is not None else self.context.label
            if label not in self.context.values:
                raise EditError(f"no label {label!r}; there is {', '.join(self.context.values)}")
            job = self._operation(name, self._objects.value_of(label), axis, at, parameters)
        return self._carry_out(job).voxels

    def later(self, opened: OpenImage, text: str, work: Work, then: Callable[[MaskChange], None]) -> None:
        """Put something into the draft as soon as it is worked out; with the lock held.

        Args:
            opened: The image whose draft it is for.
            text: What is being done.
            work: Works it out.
            then: Called with the lock held once it is done.
        """
        job = self._begin(opened, text, work, then)
        self._worker.do(lambda: self.context.reporting_errors(lambda: self._quietly(job)))

    def _on_operate(self, ask: draft_messages.ApplyOperation, _: Sequence[Any]) -> None:
        context = self.context
        with context.lock:
            opened = context.require_image()
            if opened.epoch != ask.epoch:
                return
            value = ask.value or self._objects.value_of(context.label)
            job = self._operation(ask.operation, value, ask.axis, ask.slice, ask.parameters)
        self._worker.do(lambda: context.reporting_errors(lambda: self._quietly(job)))

    def _operation(
        self, name: str, value: int, axis: int | None, at: int | None, parameters: Mapping[str, Any]
    ) -> _Job:
        """Check what is asked, and show it; with the lock held."""
        context, opened = self.context, self.context.require_image()
        operation = operation_named(name)
        checked = operation.checked(name, parameters)
        every = bool(checked.get("all"))
        if context.label_of(value) is None:
            raise EditError(f"no label has the value {value}; the labels are {context.values}")
        label = context.title_of(value, "")
        if not every:
            self._paint_settings.check_unlocked(value)
        context.cancel_prompts()
        target = Target(opened.draft.mask, opened.image, value, axis, at)
        shown = "all labels" if every else label

        def work(mask: NDArray[Any], progress: Progress) -> tuple[Region, NDArray[Any]]:
            try:
                edit = operate(name, replace(target, mask=mask), checked, progress)
                # What was deleted while it was worked on is not put in again.
                if context.label_of(value) is None:
                    raise EditError("the label was deleted meanwhile")
            except EditError as error:
                raise EditError(f"{shown}: {error}") from error
            return edit.region, edit.after

        def then(change: MaskChange) -> None:
            context.notify(_said(shown, operation.done, change))
            context.did(OperationDone())

        return self._begin(opened, f"{operation.doing} {shown}", work, then)

    def _begin(self, opened: OpenImage, text: str, work: Work, then: Callable[[MaskChange], None]) -> _Job:
        self.context.clear_notice()
        job = _Job(opened, self.context.tasks.begin(text), work, then)
        self._jobs.append(job)
        return job

    def _quietly(self, job: _Job) -> None:
        try:
            self._carry_out(job)
        except Cancelled as error:
            if job.opened is self.context.open_image:
                self.context.notify(str(error))

    def _carry_out(self, job: _Job) -> MaskChange:
        """Work it out and put it into the draft."""
        try:
            return apply_optimistically(self.context, job.opened, job.task, job.work, job.then)
        finally:
            with self.context.lock:
                self._jobs.remove(job)
                self.context.tasks.end(job.task)


def _said(label: str, done: str, change: MaskChange) -> str:
    kept, voxels = change.kept, change.voxels
    stayed = f"; {kept:,} stayed, for they are locked or have another label" if kept else ""
    if voxels == 0:
        return f"{label}: nothing changed{stayed}"
    return f"{label}: {done}, {voxels:,} {'voxel' if voxels == 1 else 'voxels'} changed{stayed}"
