"""The open image sent back to who annotated it elsewhere, with a comment at a voxel."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from jlabel.errors import JlabelError
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.static_picture import StaticPicture
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import version_messages
from jlabel.labeler.protocol.state import State
from jlabel.labeler.protocol.version_messages import SendBackInfo


class SendingBack(Feature):
    """Sends comments on a thread of its own, one after the other.

    Args:
        context: The labeler.
        static_picture: Knows where the crosshair is.
    """

    def __init__(self, context: LabelerContext, static_picture: StaticPicture) -> None:
        super().__init__(context)
        self._static_picture = static_picture
        self._worker = SerialWorker("jlabel-sending-back")
        self._looked = False
        self._origin = ""
        self._sent = 0
        self._waiting = 0

    def message_handlers(self) -> Handlers:
        """Sending the open image back."""
        return {version_messages.SendBack: self._on_send_back}

    def state(self) -> State:
        """``sendBack``: whether the open image can be sent back, and to whom."""
        if not self._origin:
            return {"sendBack": None}
        return {"sendBack": SendBackInfo(origin=self._origin, sending=self._waiting > 0, sent=self._sent)}

    def on_image_opened(self, opened: OpenImage) -> None:
        """Another image was annotated by somebody else; that is looked up once a label of it is compared."""
        self._looked, self._origin, self._sent = False, "", 0

    def on_studies_changed(self) -> None:
        """Its label may have come back, or somebody works on it again."""
        opened = self.context.open_image
        if opened is not None and self._looked:
            self._worker.do(lambda: self.context.reporting_errors(partial(self.look, opened)))

    def close(self) -> None:
        """End the thread, once what is to be sent is sent."""
        self._worker.close()

    def look(self, opened: OpenImage) -> None:
        """Find out who annotated an image, and tell the pages; called without the lock.

        Raises:
            DatastoreError: The catalogue cannot be read.
        """
        server = self.context.manager.annotation_server
        origin = "" if server is None else server.sent(opened.image_id)
        with self.context.lock:
            if opened is self.context.open_image:
                self._looked, self._origin = True, origin
                self.publish_state()

    def send(self, message: str, position: Sequence[int] | None = None) -> None:
        """Send the open image back.

        Args:
            message: What is to be changed.
            position: The voxel that the comment is put at; the one under the crosshair if not given.

        Raises:
            JlabelError: Nothing is said, there is no such voxel or nobody to send it to, or the server refuses.
            Cancelled: It was given up.
        """
        with self.context.lock:
            opened = self.context.require_image()
        self._send(opened, message, self._static_picture.crosshair() if position is None else position)

    def _on_send_back(self, ask: version_messages.SendBack, _: Any) -> None:
        with self.context.lock:
            opened = self.context.require_image()
            if ask.epoch != opened.epoch:
                return
            self._waiting += 1
            self.publish_state()

        def work() -> None:
            try:
                self.context.reporting_errors(lambda: self._send(opened, ask.message, ask.position))
            finally:
                with self.context.lock:
                    self._waiting -= 1
                    self.publish_state()

        self._worker.do(work)

    def _send(self, opened: OpenImage, message: str, position: Sequence[int]) -> None:
        server, text = self.context.manager.annotation_server, message.strip()
        if server is None:
            raise JlabelError(f"{opened.image_id} was not sent to be annotated elsewhere: nobody can be asked again")
        if not text:
            raise JlabelError("say what should be changed")
        index = _voxel(opened, position)
        with self.context.tasks.running("Sending it back") as task:
            who = server.send_back_at(opened.image_id, text, index, task.progress)
        with self.context.lock:
            if opened is self.context.open_image:
                self._sent += 1
        self.context.notify(f"Sent back to {who}" if who else "Sent back")
        self.look(opened)


def _voxel(opened: OpenImage, position: Sequence[int]) -> tuple[int, ...]:
    """A position in the image; a picture's may have a third index, which means nothing.

    Raises:
        JlabelError: It lies outside of the image.
    """
    shape = opened.image.shape
    index = tuple(int(one) for one in position)[: len(shape)]
    if len(index) < len(shape) or not all(0 <= one < size for one, size in zip(index, shape, strict=True)):
        raise JlabelError(f"{tuple(position)} is no voxel of {opened.image_id}, which has {shape}")
    return index
