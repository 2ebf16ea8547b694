"""The still picture beside the live labeler: what a notebook shows where no kernel runs."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from numpy.typing import NDArray
from PIL import Image as Pictures

from jlabel.imaging import Image
from jlabel.imaging.intensity import display_window
from jlabel.imaging.montage import Look, montage, png_bytes
from jlabel.widget.draft import Draft
from jlabel.widget.opened import OpenedImage
from jlabel.widget.part import Handler, Part
from jlabel.widget.worker import SerialWorker

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk

Bundle = dict[str, Any]

# A widget view of no model: JupyterLab hides the output, every other reader takes the picture beside it.
NO_VIEW = {"version_major": 2, "version_minor": 0, "model_id": ""}


class Picture(Part):
    """Shows the widget and, as an output of its own that live pages hide, a picture of what it shows.

    The picture is an output of its own because JupyterLab builds a widget's view anew when the output with the view is
    updated. It is drawn again when an image is opened or a label is saved.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._worker = SerialWorker("jlabel-picture")
        self._seen: Look | None = None
        self._shown = False

    def asks(self) -> Mapping[str, Handler]:
        """``seen``: how a page looks at the image."""
        return {"seen": self._on_seen}

    def opened(self, opened: OpenedImage) -> None:
        """Another image has another picture."""
        self._seen = None
        self.renew()

    def saved(self) -> None:
        """The picture is that of the saved label."""
        self.renew()

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def draw(self) -> Pictures.Image:
        """The planes with the draft over them, as the last page that looked at them did.

        Raises:
            JlabelError: No image is open.
        """
        with self.desk.lock:
            opened, seen = self.desk.need(), self._seen
            colors = {label.value: label.color for label in self.desk.labels}
        look = seen or Look(_place(opened.image, opened.draft), display_window(opened.statistics))
        return montage(opened.image, opened.draft.mask, replace(look, colors=colors))

    def show(self, view: Bundle, metadata: Bundle) -> None:
        """Show the widget in the cell that runs, and the picture with it."""
        publisher = InteractiveShell.instance().display_pub
        publisher.publish(view, metadata)
        publisher.publish(self._bundle(), {}, transient={"display_id": self._display_id})
        self._shown = True

    def renew(self) -> None:
        """Draw it again, soon and elsewhere, in every cell that shows it."""
        if self._shown:
            self._worker.do(lambda: self.desk.labeler.in_words(self._publish))

    def _publish(self) -> None:
        publisher = InteractiveShell.instance().display_pub
        publisher.publish(self._bundle(), {}, transient={"display_id": self._display_id}, update=True)

    @property
    def _display_id(self) -> str:
        return f"jlabel-picture-{self.desk.labeler.model_id}"

    def _bundle(self) -> Bundle:
        bundle: Bundle = {"application/vnd.jupyter.widget-view+json": NO_VIEW, "text/plain": repr(self.desk.labeler)}
        if self.desk.opened is not None:
            bundle["image/png"] = base64.b64encode(png_bytes(self.draw())).decode()
        return bundle

    def _on_seen(self, ask: dict[str, Any], _: Any) -> None:
        i, j, k = (int(v) for v in ask["cursor"])
        black, white = (float(v) for v in ask["window"])
        hidden = frozenset(int(v) for v in ask["hidden"])
        look = Look((i, j, k), (black, white), hidden=hidden, opacity=float(ask["opacity"]))
        with self.desk.lock:
            if self.desk.opened is not None and self.desk.opened.epoch == ask["epoch"]:
                self._seen = look


def _place(image: Image, draft: Draft) -> tuple[int, int, int]:
    """The voxel whose slices hold most of the labels; the middle where nothing is labelled."""
    region = draft.occupied()
    if region is None:
        place = [n // 2 for n in image.shape]
    else:
        labelled = draft.mask[region.slices] != 0
        place = [low + _fullest(labelled, axis) for axis, low in enumerate(region.lower)]
    i, j, k = (*place, 0)[:3]
    return i, j, k


def _fullest(labelled: NDArray[np.bool_], axis: int) -> int:
    others = tuple(other for other in range(labelled.ndim) if other != axis)
    counts = np.count_nonzero(labelled, axis=others)
    fullest = np.flatnonzero(counts == counts.max())
    return int(fullest[len(fullest) // 2])
