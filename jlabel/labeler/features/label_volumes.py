"""How many voxels each label has: counted where the draft changes, beside the person's work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.annotation.undo_history import Patch
from jlabel.imaging.codec.voxels import decode_labels
from jlabel.imaging.voxel_size import voxel_ml
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.feature import Feature
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import label_messages

_VALUES = 65_536
# Voxels that are counted in one go.
_SLAB = 2_000_000
_WAIT_S = 0.3


class LabelVolumes(Feature):
    """Counts on a thread of its own, from what each step of the history holds, and tells the pages a little later."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._worker = SerialWorker("jlabel-volumes")
        self._counts: NDArray[np.int64] = np.zeros(_VALUES, np.int64)
        self._of: OpenImage | None = None
        self._turn = threading.Lock()
        self._due: threading.Timer | None = None
        #: Called with the image and its values that have a voxel, without the lock, whenever they were counted.
        self.on_counted: Callable[[OpenImage, set[int]], None] = lambda opened, values: None

    def on_image_opened(self, opened: OpenImage) -> None:
        """Begin anew with what the draft began with."""
        start, opened.draft.start = opened.draft.start, None
        opened.draft.history.on_change = lambda patches, forwards: self._worker.do(
            lambda: self._add(opened, patches, forwards)
        )
        self._worker.do(lambda: self._begin(opened, start))

    def on_page_connected(self, page: str) -> None:
        """A page wants to know too."""
        self._tell_later()

    def close(self) -> None:
        """End the thread."""
        self._worker.close()
        if self._due is not None:
            self._due.cancel()

    def counts(self) -> dict[int, int]:
        """Voxels by value, of all that was done before; values without a voxel are left out. Waits for the count."""
        self._worker.flush()
        return self._known()

    def seen(self) -> set[int]:
        """Values that had a voxel when they were counted last."""
        return set(self._known())

    def _begin(self, opened: OpenImage, start: NDArray[Any] | None) -> None:
        counts = count_values(start) if start is not None else np.zeros(_VALUES, np.int64)
        with self._turn:
            self._of, self._counts = opened, counts
        self.on_counted(opened, self.seen())
        self._tell_later()

    def _add(self, opened: OpenImage, patches: Sequence[Patch], forwards: bool) -> None:
        for patch in patches:
            before, after = (decode_labels(voxels, patch.region) for voxels in (patch.before, patch.after))
            changed = before != after
            difference = count_values(after[changed]) - count_values(before[changed])
            with self._turn:
                if self._of is opened:
                    self._counts += difference if forwards else -difference
        self._tell_later()

    def _known(self) -> dict[int, int]:
        with self._turn:
            return {int(value): int(self._counts[value]) for value in np.flatnonzero(self._counts) if value != 0}

    def _tell_later(self) -> None:
        with self._turn:
            if self._due is None:
                self._due = threading.Timer(_WAIT_S, self._tell)
                self._due.daemon = True
                self._due.start()

    def _tell(self) -> None:
        with self._turn:
            self._due = None
        with self.context.lock:
            of = self._of
            here = of is not None and of is self.context.open_image
            if of is not None and here:
                counts = sorted(self._known().items())
                message = label_messages.LabelVolumes(epoch=of.epoch, counts=counts, voxel_ml=voxel_ml(of.image))
                self.context.publish(message)
        if of is not None and here:
            self.on_counted(of, self.seen())


def count_values(values: NDArray[Any]) -> NDArray[np.int64]:
    """How often each value from 0 to 65,535 comes, in label values of any shape."""
    flat = values.reshape(-1, order="F" if values.flags.f_contiguous else "C")
    counts: NDArray[np.int64] = np.zeros(_VALUES, np.int64)
    for start in range(0, flat.size, _SLAB):
        found = np.bincount(flat[start : start + _SLAB])
        # A label file may hold larger values than a draft; such a one is not opened.
        counts[: found.size] += found[:_VALUES]
    return counts
