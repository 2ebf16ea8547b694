"""The still picture beside the live labeler: what a notebook shows where no kernel runs."""

from __future__ import annotations

import base64
import secrets
from dataclasses import replace
from typing import Any

import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from numpy.typing import NDArray
from PIL import Image as Pictures

from jlabel.annotation.draft import Draft
from jlabel.imaging import Image
from jlabel.imaging.intensity import display_window
from jlabel.imaging.rendering.montage import Look, montage, png_bytes
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import page_messages

Bundle = dict[str, Any]

# A widget view of no model: JupyterLab hides the output, every other reader takes the picture beside it.
NO_VIEW = {"version_major": 2, "version_minor": 0, "model_id": ""}


class StaticPicture(Feature):
    """Shows, as an output of its own that live pages hide, a picture of what the widget beside it shows.

    The picture is an output of its own because JupyterLab builds a widget's view anew when the output with the view is
    updated. It is drawn again when an image is opened or a label is saved.
    """

    def __init__(self, context: LabelerContext) -> None:
        super().__init__(context)
        self._worker = SerialWorker("jlabel-picture")
        self._id = secrets.token_hex(16)
        self._seen: Look | None = None
        self._shown = False

    def message_handlers(self) -> Handlers:
        """How a page looks at the image."""
        return {page_messages.Viewport: self._on_viewport}

    def on_image_opened(self, opened: OpenImage) -> None:
        """Another image has another picture."""
        self._seen = None
        self.renew()

    def on_saved(self) -> None:
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
        with self.context.lock:
            opened, seen = self.context.require_image(), self._seen
            colors = {label.value: label.color for label in self.context.labels}
            objects = self.context.objects
        look = seen or Look(_place(opened.image, opened.draft), display_window(opened.statistics))
        if objects is not None:
            of_objects = objects.colors(int(opened.draft.mask.max(initial=0)))
            colors |= of_objects
            if objects.first in look.hidden:
                look = replace(look, hidden=look.hidden.union(of_objects))
        return montage(opened.image, opened.draft.mask, replace(look, colors=colors))

    def crosshair(self) -> tuple[int, int, int]:
        """The voxel under the crosshair of the page that has moved it last; the middle of an image as it opens.

        Raises:
            JlabelError: No image is open.
        """
        with self.context.lock:
            opened, seen = self.context.require_image(), self._seen
        i, j, k = (*(n // 2 for n in opened.image.shape), 0)[:3]
        return (i, j, k) if seen is None else seen.cursor

    def show(self) -> None:
        """Show the picture in the cell that runs, which has the widget."""
        publisher = InteractiveShell.instance().display_pub
        publisher.publish(self._bundle(), {}, transient={"display_id": self._display_id})
        self._shown = True

    def renew(self) -> None:
        """Draw it again, soon and elsewhere, in every cell that shows it."""
        if self._shown:
            self._worker.do(lambda: self.context.reporting_errors(self._publish))

    def _publish(self) -> None:
        publisher = InteractiveShell.instance().display_pub
        publisher.publish(self._bundle(), {}, transient={"display_id": self._display_id}, update=True)

    @property
    def _display_id(self) -> str:
        return f"jlabel-picture-{self._id}"

    def _bundle(self) -> Bundle:
        bundle: Bundle = {"application/vnd.jupyter.widget-view+json": NO_VIEW, "text/plain": self.context.describe()}
        if self.context.open_image is not None:
            bundle["image/png"] = base64.b64encode(png_bytes(self.draw())).decode()
        return bundle

    def _on_viewport(self, ask: page_messages.Viewport, _: Any) -> None:
        i, j, k = (int(v) for v in ask.cursor)
        black, white = (float(v) for v in ask.window)
        look = Look((i, j, k), (black, white), hidden=frozenset(ask.hidden), opacity=ask.opacity)
        with self.context.lock:
            if self.context.open_image is not None and self.context.open_image.epoch == ask.epoch:
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
