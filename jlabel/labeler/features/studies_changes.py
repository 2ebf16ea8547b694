"""What others change in the studies: labels that are saved from Python, by jobs and in other kernels."""

from __future__ import annotations

from collections.abc import Hashable

from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.background.ticker import TICKER
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature
from jlabel.labeler.features.image_lease import ImageLease
from jlabel.labeler.protocol.image_list_messages import ImagesChanged

_BEATS_BETWEEN_LOOKS = 2


class StudiesChanges(Feature):
    """Looks once a second whether anything was written to the catalogue, and counts again only where it was.

    Args:
        context: The labeler.
        lease: Writes leases, which are none of it.
    """

    def __init__(self, context: LabelerContext, lease: ImageLease) -> None:
        super().__init__(context)
        self._worker = SerialWorker("jlabel-studies")
        self._stamp: Hashable = context.manager.datastore.change_stamp()
        self._beats = 0
        self._looking = False
        lease.listener = self._on_lease
        self._end = TICKER.add(self._beat)

    def close(self) -> None:
        """End the thread."""
        self._end()
        self._worker.close()

    def _on_lease(self, before: Hashable, after: Hashable) -> None:
        if self._stamp == before:
            self._stamp = after

    def _beat(self) -> None:
        self._beats += 1
        if self._looking or self._beats % _BEATS_BETWEEN_LOOKS:
            return
        # Not by the ticker's thread: a server may be long in answering.
        self._looking = True
        self._worker.do(self._look)

    def _look(self) -> None:
        try:
            stamp = self.context.manager.datastore.change_stamp()
            if stamp != self._stamp:
                self._stamp = stamp
                self.context.reporting_errors(self._tell)
        finally:
            self._looking = False

    def _tell(self) -> None:
        context = self.context
        counts = context.counted_images()
        with context.lock:
            context.publish_counts(*counts)
            context.publish(ImagesChanged())
        context.studies_changed()
