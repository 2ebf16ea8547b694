"""What labeling costs: counted while an image is open, kept with its draft, and saved with its label."""

from __future__ import annotations

import time
from collections.abc import Callable

from jlabel.annotation.provenance import model_and_version
from jlabel.effort.effort_counter import EffortCounter, Slice
from jlabel.effort.effort_record import KEY, MOST_LETTERS, EffortRecord, FirstMask
from jlabel.files.json_values import finite
from jlabel.labeler.actions import (
    Action,
    ModelAsked,
    ModelRan,
    OperationDone,
    PromptGiven,
    StepUndone,
    StrokeMade,
)
from jlabel.labeler.background.ticker import TICKER
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import page_messages
from jlabel.labeler.protocol.state import State

Clock = Callable[[], float]

# A killed kernel loses what was counted in so many seconds.
_SECONDS_BETWEEN_NOTES = 4.0
# A page tells its spans every few seconds: what is said to be longer ago is no span of a working page.
_LONGEST_AGO = 3600.0
_MOST_SPANS = 1000
_MOST_SLICES = 10_000


class Effort(Feature):
    """Counts what is done to the open image, unless that is switched off for these studies.

    Whatever is done under the labeler's lock costs a few additions. What was counted is written to the draft's file
    every few seconds, on the thread that writes there.

    Args:
        context: The labeler.
        clock: Seconds on a clock that only goes forward.
    """

    def __init__(self, context: LabelerContext, clock: Clock = time.monotonic) -> None:
        super().__init__(context)
        self.clock = clock
        self._switch = context.manager.effort_switch
        self._counter: EffortCounter | None = None
        self._began = self._noted = 0.0
        self._changed = False
        self._saving: tuple[EffortRecord, frozenset[Slice]] | None = None
        self._end = TICKER.add(self._beat)

    @property
    def record(self) -> EffortRecord | None:
        """What the open image has cost so far; None where nothing is open, or nothing is logged."""
        with self.context.lock:
            counter = self._counting()
            return None if counter is None else counter.record()

    def message_handlers(self) -> Handlers:
        """What was done on a page."""
        return {page_messages.WorkDone: lambda ask, _: self._on_work(ask)}

    def state(self) -> State:
        """``logEffort``: whether pages shall tell what is done on them."""
        return {"logEffort": self._switch.on}

    def on_image_opened(self, opened: OpenImage) -> None:
        """Begin to count, or go on where a draft was left unsaved."""
        self._begin(opened, EffortCounter.resumed(opened.notes.get(KEY), _unit(opened)))

    def on_action(self, action: Action) -> None:
        """One thing more; with the lock held."""
        counter = self._counting()
        if counter is None:
            return
        match action:
            case StrokeMade():
                counter.stroke(action.length)
            case PromptGiven():
                counter.prompt(action.kind)
            case StepUndone():
                counter.count("undos")
            case OperationDone():
                counter.count("operations")
            case ModelAsked():
                counter.count("model_runs")
            case ModelRan():
                counter.model_ran(action.seconds)
        if not isinstance(action, ModelRan):
            # An answer that comes late is nothing that the person does.
            counter.time.add(self.clock())
        self._changed = True

    def label_info(self) -> dict[str, object]:
        """``effort``: what the label has cost up to this moment; with the lock held."""
        counter, opened = self._counting(), self.context.open_image
        self._saving = None
        if counter is None or opened is None:
            return {}
        counter.time.add(self.clock())
        self._take_first_mask(counter, opened)
        self._saving = (counter.record(), frozenset(counter.seen))
        return {KEY: self._saving[0].to_json()}

    def on_saved(self) -> None:
        """What comes from now on belongs to the next version; with the lock held."""
        opened, saved = self.context.open_image, self._saving
        if self._counter is not None and saved is not None and opened is not None:
            self._counter.saved(*saved)
            opened.first_mask, self._saving = None, None
            self._changed = True

    def on_studies_changed(self) -> None:
        """Somebody may have switched it, here or in another kernel."""
        self._switch.look()
        with self.context.lock:
            self._counting()
            self.publish_state()

    def close(self) -> None:
        """Write down what was counted last."""
        self._end()
        with self.context.lock:
            self._note()

    def _counting(self) -> EffortCounter | None:
        """The counter; None where nothing is to be counted."""
        opened = self.context.open_image
        if not self._switch.on:
            self._changed = self._changed or self._counter is not None
            self._counter = None
        elif self._counter is None and opened is not None:
            # It was switched on while the image was open.
            self._begin(opened)
        return self._counter

    def _begin(self, opened: OpenImage, counter: EffortCounter | None = None) -> None:
        self._counter = counter or EffortCounter(_unit(opened))
        self._began = self._noted = self.clock()
        self._counter.time.add(self._began)
        self._changed, self._saving = False, None

    def _take_first_mask(self, counter: EffortCounter, opened: OpenImage) -> None:
        if opened.first_mask is not None:
            model, version = model_and_version(opened.first_mask)
            counter.first_mask = FirstMask(model[:MOST_LETTERS], version)

    def _on_work(self, ask: page_messages.WorkDone) -> None:
        with self.context.lock:
            opened, counter = self.context.open_image, self._counting()
            if counter is None or opened is None or ask.epoch != opened.epoch:
                return
            now = self.clock()
            for first, last in ask.spans[:_MOST_SPANS]:
                began, ended = (finite(ago, 0, _LONGEST_AGO) for ago in (first, last))
                if began is not None and ended is not None and ended <= began:
                    counter.time.add(max(self._began, now - began), max(self._began, now - ended))
            shape = (*opened.image.shape, 1)[:3]
            seen = {(axis, at) for axis, at in ask.slices[:_MOST_SLICES] if 0 <= axis < 3 and 0 <= at < shape[axis]}
            counter.seen |= seen
            self._changed = True

    def _beat(self) -> None:
        """Every now and then, on the kernel's ticker."""
        if self._changed and self.clock() - self._noted >= _SECONDS_BETWEEN_NOTES:
            with self.context.lock:
                self._note()

    def _note(self) -> None:
        """Keep what was counted with the draft; with the lock held."""
        counter, opened = self._counting(), self.context.open_image
        if opened is not None and self._changed:
            self._changed, self._noted = False, self.clock()
            if counter is not None:
                self._take_first_mask(counter, opened)
            opened.draft.note({} if counter is None else {KEY: counter.to_json()})


def _unit(opened: OpenImage) -> str:
    """Of the length of strokes: a picture's pixels have no size."""
    return "mm" if opened.image.oriented else "px"
