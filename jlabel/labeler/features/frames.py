"""The frames of a 4D image: one is on the screen, and the draft is one mask for all of them."""

from __future__ import annotations

from typing import Any

from jlabel.errors import JlabelError
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.protocol import image_messages


class Frames(Feature):
    """Reads the frame that is asked for, on a thread of its own; who drags the slider gets the last one."""

    def __init__(self, context: LabelerContext) -> None:
        super().__init__(context)
        self._worker = SerialWorker("jlabel-frames")
        self._asked: tuple[int, int] | None = None

    def message_handlers(self) -> Handlers:
        """Showing another frame."""
        return {image_messages.ShowFrame: self._on_frame}

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def show(self, frame: int, epoch: int | None = None) -> None:
        """Show another frame; the draft stays, and models run on this frame from now on.

        Args:
            frame: Which, from 0.
            epoch: Do it only where this image is still open.

        Raises:
            JlabelError: No image is open, or it has no such frame.
            ImageError: The frame cannot be read.
            Cancelled: It was given up; the present frame stays.
        """
        context = self.context
        with context.lock:
            opened = context.require_image()
        if (epoch is not None and epoch != opened.epoch) or frame == opened.image.frame:
            return
        if not 0 <= frame < opened.image.frames:
            raise JlabelError(f"{opened.image_id} has the frames 0 to {opened.image.frames - 1}, and not {frame}")
        with context.tasks.running(f"Reading frame {frame}") as task:
            image = task.wait_for(lambda: context.manager.image(opened.image_id, frame))
        if image.shape != opened.image.shape:
            raise JlabelError(f"frame {frame} of {opened.image_id} has shape {image.shape}, unlike the one before")
        with context.lock:
            if opened is context.open_image:
                opened.show_frame(image)
                context.pages.show_frame(opened)

    def _on_frame(self, ask: image_messages.ShowFrame, _: Any) -> None:
        self._asked = (ask.epoch, ask.frame)
        self._worker.do(lambda: self.context.reporting_errors(self._show_asked))

    def _show_asked(self) -> None:
        asked, self._asked = self._asked, None
        if asked is not None:
            self.show(asked[1], asked[0])
