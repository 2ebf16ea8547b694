"""Undo and redo; the steps themselves are in :mod:`jlabel.annotation.undo_history`."""

from __future__ import annotations

from jlabel.labeler.actions import StepUndone
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.label_operations import LabelOperations
from jlabel.labeler.features.prompting import PromptController
from jlabel.labeler.protocol import draft_messages
from jlabel.labeler.protocol.draft_messages import Reveal
from jlabel.labeler.protocol.encoding import region_to_wire
from jlabel.labeler.protocol.state import State


class Undo(Feature):
    """Takes back the newest thing done: an operation or a prompt that has no result yet, else the draft's last step.

    Args:
        context: The labeler.
        prompting: What models are asked.
        operations: What is worked out.
    """

    def __init__(self, context: LabelerContext, prompting: PromptController, operations: LabelOperations) -> None:
        super().__init__(context)
        self._prompting = prompting
        self._operations = operations

    def message_handlers(self) -> Handlers:
        """Undo and redo."""
        return {draft_messages.Undo: lambda _, __: self.undo(), draft_messages.Redo: lambda _, __: self.redo()}

    def state(self) -> State:
        """``canUndo``, ``canRedo``, and ``dirty``: whether the draft has changes that are not saved."""
        opened = self.context.open_image
        if opened is None:
            return {"canUndo": False, "canRedo": False, "dirty": False}
        history = opened.draft.history
        can_undo, can_redo = history.next_undo is not None, history.next_redo is not None
        return {"canUndo": can_undo, "canRedo": can_redo, "dirty": opened.draft.dirty}

    def on_draft_changed(self) -> None:
        """There is another step."""
        self.publish_state()

    def on_saved(self) -> None:
        """The draft is not dirty any more."""
        self.publish_state()

    def undo(self) -> None:
        """Take the newest thing back."""
        with self.context.lock:
            self.context.require_image()
            stopped = self._operations.cancel()
            if self._prompting.take_back() or stopped or self._step(back=True):
                self.context.did(StepUndone())

    def redo(self) -> None:
        """Do the last undone step again."""
        with self.context.lock:
            self.context.require_image()
            self._operations.cancel()
            self._step(back=False)

    def _step(self, back: bool) -> bool:
        """Go one step back or forward; returns whether there was one."""
        context, opened = self.context, self.context.require_image()
        self._prompting.cancel()
        draft = opened.draft
        step = draft.history.next_undo if back else draft.history.next_redo
        region = draft.undo() if back else draft.redo()
        patches = step.patches if step is not None else ()
        context.pages.show_patches(opened, [(one, one.before if back else one.after) for one in patches])
        if region is not None and region.size > 0:
            context.publish(Reveal(epoch=opened.epoch, region=region_to_wire(region)))
        context.draft_changed()
        return step is not None
