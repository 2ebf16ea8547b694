"""People's notes on the open image."""

from __future__ import annotations

from collections.abc import Callable

from jlabel.datastores import ImageNote
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import team_messages
from jlabel.labeler.protocol.state import State
from jlabel.labeler.protocol.team_messages import ImageNoteInfo

# The newest are shown: the state is sent with every image.
_MOST_SHOWN = 50


class ImageNotes(Feature):
    """Reads and writes notes on a thread of its own."""

    def __init__(self, context: LabelerContext) -> None:
        super().__init__(context)
        self._worker = SerialWorker("jlabel-notes")
        self._notes: list[ImageNote] = []

    def message_handlers(self) -> Handlers:
        """Adding a note."""
        return {team_messages.NoteImage: lambda ask, _: self._later(lambda: self.add(ask.text))}

    def state(self) -> State:
        """``imageNotes``: the notes on the open image."""
        return {
            "imageNotes": [
                ImageNoteInfo(text=one.text, author=one.author, time=one.time.isoformat(timespec="seconds"))
                for one in self._notes[-_MOST_SHOWN:]
            ]
        }

    def on_image_opened(self, opened: OpenImage) -> None:
        """Another image has other notes."""
        self._notes = []
        self._later(lambda: self._look(opened))

    def on_studies_changed(self) -> None:
        """Somebody may have written one."""
        opened = self.context.open_image
        if opened is not None:
            self._later(lambda: self._look(opened))

    def close(self) -> None:
        """Write what is to be written, and end the thread."""
        self._worker.close()

    def add(self, text: str) -> ImageNote:
        """Add a note to the open image.

        Raises:
            DatastoreError: It is empty, or cannot be written.
            JlabelError: No image is open.
        """
        with self.context.lock:
            opened = self.context.require_image()
        note = self.context.manager.note_image(opened.image_id, text)
        self._look(opened)
        return note

    def _look(self, opened: OpenImage) -> None:
        found = self.context.manager.datastore.image_notes.of_image(opened.image_id)
        with self.context.lock:
            if opened is self.context.open_image:
                self._notes = found
                self.publish_state()

    def _later(self, work: Callable[[], object]) -> None:
        self._worker.do(lambda: self.context.reporting_errors(work))
