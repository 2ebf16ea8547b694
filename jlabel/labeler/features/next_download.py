"""The image that comes next is downloaded while the person works on this one, where images lie elsewhere."""

from __future__ import annotations

import contextlib

from jlabel.errors import JlabelError
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature
from jlabel.labeler.features.navigation import Navigation
from jlabel.labeler.open_image import OpenImage


class NextDownload(Feature):
    """Has the files of the image that "next" would open now on this machine.

    Nobody is given it for that: should it be another one's when "next" is pressed, another image comes.

    Args:
        context: The labeler.
        navigation: Knows what comes next.
    """

    def __init__(self, context: LabelerContext, navigation: Navigation) -> None:
        super().__init__(context)
        self._navigation = navigation
        self._worker = SerialWorker("jlabel-download")

    def on_image_opened(self, opened: OpenImage) -> None:
        """Look what comes after it, unless the person has gone on by then."""
        if self.context.manager.datastore.lies_elsewhere:
            self._worker.do(lambda: self._download(opened))

    def close(self) -> None:
        """End once what is being downloaded is here."""
        self._worker.close()

    def _download(self, opened: OpenImage) -> None:
        datastore = self.context.manager.datastore
        with self.context.lock:
            if self.context.open_image is not opened:
                return
        # Whatever is wrong with it is told when the image is opened.
        with contextlib.suppress(JlabelError, OSError):
            image_id = self._navigation.expected()
            if image_id is None or datastore.is_fetched(image_id):
                return
            datastore.get_image_uri(image_id)
            tag = datastore.preferred_tag(image_id)
            if tag is not None:
                datastore.get_label_uri(image_id, tag)
