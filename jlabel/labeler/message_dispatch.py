"""Messages from the pages find the features that take them, unless they were meant for another image."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from jlabel.errors import JlabelError
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature
from jlabel.labeler.protocol import draft_messages, image_messages, navigation_messages, prompt_messages, team_messages
from jlabel.labeler.protocol.message import Incoming

_MOST_PIECES = 16
_FOR_ONE_IMAGE: dict[type[Incoming], str] = {
    draft_messages.Stroke: "a stroke",
    prompt_messages.AddPrompt: "a prompt",
    prompt_messages.ChangePrompt: "a moved prompt",
    prompt_messages.RemovePrompt: "a removed prompt",
    prompt_messages.ClearPrompts: "clearing the prompts",
    prompt_messages.Run: "run",
    draft_messages.Undo: "undo",
    draft_messages.Redo: "redo",
    draft_messages.Save: "save",
    draft_messages.FitLabel: "fitting the saved label",
    prompt_messages.LookFurther: "looking further",
    navigation_messages.Next: "next",
    navigation_messages.Previous: "previous",
    navigation_messages.Skip: "skip",
    navigation_messages.StartReview: "the review",
    navigation_messages.LooksRight: "“Looks right”",
    team_messages.TakeOverImage: "taking the image over",
    team_messages.ReleaseImage: "giving the image back",
    team_messages.AcceptLabel: "“Accept”",
    team_messages.SendLabelBack: "“Send back”",
    team_messages.NoteImage: "a note",
}


class MessageDispatch:
    """Takes the messages of the pages of one labeler. They come on the thread for widgets, and all returns at once.

    Args:
        context: The labeler.
        features: Those that take messages.
    """

    def __init__(self, context: LabelerContext, features: Iterable[Feature]) -> None:
        self._context = context
        self._handlers = {kind: take for one in features for kind, take in one.message_handlers().items()}

    def handle(self, message: Incoming, buffers: Sequence[Any]) -> None:
        """Do what a page asks; what goes wrong is shown there."""
        self._context.reporting_errors(lambda: self._handle(message, buffers))

    def pull(self, ask: image_messages.Pull) -> None:
        """Send a page the next pieces of the image."""
        opened = self._context.open_image
        if opened is None or opened.epoch != ask.epoch:
            return
        for message, *buffers in list(opened.pull(ask.client, ask.stream, min(_MOST_PIECES, ask.count))):
            self._context.publish(message, *buffers)

    def _handle(self, message: Incoming, buffers: Sequence[Any]) -> None:
        opened, kind = self._context.open_image, type(message)
        # What a page kept during a lost connection, and does for another image than it was meant for.
        epoch = getattr(message, "epoch", None)
        if kind in _FOR_ONE_IMAGE and opened is not None and epoch is not None and epoch != opened.epoch:
            raise JlabelError(f"{_FOR_ONE_IMAGE[kind]} came after another image was opened; it was not kept")
        self._handlers[kind](message, buffers)
