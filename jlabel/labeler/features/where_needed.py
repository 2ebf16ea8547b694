"""Where in the open image a person is needed: the places at which a model is least sure, one after the other."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import numpy as np

from jlabel.errors import Cancelled
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.background.tasks import BackgroundTask
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.uncertainty_maps import UncertaintyMap, UncertaintyMaps
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import uncertainty_messages
from jlabel.labeler.protocol.uncertainty_messages import GoTo
from jlabel.selection.uncertain_places import SMOOTHING_MM, UncertainPlace, uncertain_places

# A picture's pixels are no millimetres: a place is so large a part of its longer side.
_PART_OF_PICTURE = 1 / 60
# A request that was given up for a person's is asked again by then.
_SECONDS_BETWEEN_LOOKS = 0.5


class WhereNeeded(Feature):
    """Works the places out once for an image and a version, and goes from one to the next, round and round.

    Args:
        context: The labeler.
        maps: Say how unsure the model is.
    """

    def __init__(self, context: LabelerContext, maps: UncertaintyMaps) -> None:
        super().__init__(context)
        self._maps = maps
        self._worker = SerialWorker("jlabel-places")
        self._places: tuple[UncertaintyMap, list[UncertainPlace]] | None = None
        self._at = -1
        self._looking = False
        self._news = threading.Event()
        maps.listen(lambda: self._looking, self._news.set)

    def message_handlers(self) -> Handlers:
        """Going to the next place."""
        return {uncertainty_messages.WhereNeeded: self._on_asked}

    def on_image_opened(self, opened: OpenImage) -> None:
        """The places belong to the former image."""
        self._places, self._at = None, -1
        self._news.set()

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def _on_asked(self, ask: uncertainty_messages.WhereNeeded, _: Any) -> None:
        with self.context.lock:
            opened = self.context.require_image()
            if ask.epoch != opened.epoch or self._looking:
                return
            if self._maps.hint:
                self.context.notify(self._maps.hint)
            elif self._places is not None and self._places[0] is self._maps.found:
                self._step(ask.client)
            else:
                self._looking = True
                self._worker.do(partial(self._look, opened, ask.client))

    def _look(self, opened: OpenImage, client: str) -> None:
        try:
            with self.context.tasks.running("Looking where you are needed") as task:
                self.context.reporting_errors(partial(self._find, opened, client, task))
        finally:
            self._looking = False

    def _find(self, opened: OpenImage, client: str, task: BackgroundTask) -> None:
        found = task.wait_for(partial(self._wait, opened, task))
        if found is None:
            if opened is self.context.open_image:
                self.context.notify(self._maps.hint)
            return

        def check() -> None:
            task.check()
            if opened is not self.context.open_image:
                raise Cancelled("You are needed elsewhere now: another image was opened")

        spacing, smoothing = _sizes(opened)
        # Not copied: what is painted meanwhile moves a weight at most.
        draft = opened.draft.mask
        uncertainty = found.uncertainty / np.float32(255)
        places = uncertain_places(uncertainty, found.answer, draft, spacing, smoothing, check=check)
        with self.context.lock:
            check()
            self._places, self._at = (found, places), -1
            self._step(client)

    def _wait(self, opened: OpenImage, task: BackgroundTask) -> UncertaintyMap | None:
        """The map, once it is there; None where it cannot be, or nobody waits any more."""
        while opened is self.context.open_image and not task.cancelled:
            with self.context.lock:
                self._news.clear()
                self._maps.ask()
                if self._maps.found is not None or self._maps.hint:
                    return self._maps.found
            self._news.wait(_SECONDS_BETWEEN_LOOKS)
        return None

    def _step(self, client: str) -> None:
        """Go to the next place; with the lock held."""
        opened, kept = self.context.open_image, self._places
        if opened is None or kept is None:
            return
        found, places = kept
        if not places:
            self.context.notify(f"{found.model} is sure of this image everywhere")
            return
        self._at = (self._at + 1) % len(places)
        place = places[self._at]
        x, y, z = (*place.position, 0)[:3]
        self.context.publish(GoTo(client=client, epoch=opened.epoch, position=(x, y, z)))
        border = f"the border of {self.context.name_of(place.value, 'a label')}" if place.value else "no label is near"
        self.context.notify(f"{self._at + 1} of {len(places)}: {border}")


def _sizes(opened: OpenImage) -> tuple[list[float], float]:
    """Size of a voxel, and over how much the uncertainty is smoothed, in the same unit."""
    image = opened.image
    if not image.oriented:
        return [1.0] * image.ndim, max(SMOOTHING_MM, max(image.shape) * _PART_OF_PICTURE)
    return list(image.spacing), SMOOTHING_MM
