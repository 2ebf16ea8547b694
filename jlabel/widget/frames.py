"""The frames of a 4D image: one is on the screen, and the draft is one mask for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jlabel.errors import JlabelError
from jlabel.widget.part import Handler, Part
from jlabel.widget.worker import SerialWorker

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk


class Frames(Part):
    """Reads the frame that is asked for, on a thread of its own; who drags the slider gets the last one."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._worker = SerialWorker("jlabel-frames")
        self._asked: tuple[int, int] | None = None

    def asks(self) -> Mapping[str, Handler]:
        """``frame``."""
        return {"frame": self._on_frame}

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
        desk = self.desk
        with desk.lock:
            opened = desk.need()
        if (epoch is not None and epoch != opened.epoch) or frame == opened.image.frame:
            return
        if not 0 <= frame < opened.image.frames:
            raise JlabelError(f"{opened.image_id} has the frames 0 to {opened.image.frames - 1}, and not {frame}")
        with desk.under_way.doing(f"Reading frame {frame}") as doing:
            image = doing.wait_for(lambda: desk.manager.image(opened.image_id, frame))
        if image.shape != opened.image.shape:
            raise JlabelError(f"frame {frame} of {opened.image_id} has shape {image.shape}, unlike the one before")
        with desk.lock:
            if opened is desk.opened:
                opened.show_frame(image)
                desk.labeler.show_frame(opened)
                desk.show_state()

    def _on_frame(self, ask: dict[str, Any], _: Any) -> None:
        self._asked = (int(ask["epoch"]), int(ask["frame"]))
        self._worker.do(lambda: self.desk.labeler.in_words(self._show_asked))

    def _show_asked(self) -> None:
        asked, self._asked = self._asked, None
        if asked is not None:
            self.show(asked[1], asked[0])
