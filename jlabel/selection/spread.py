"""Images for one batch that are not alike: no two of one patient while another waits, no neighbouring slices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jlabel.selection.distances import KCenter
from jlabel.selection.patients import slice_place


class Spread:
    """Which images may come next into a batch.

    Args:
        ids: The images that wait.
        patients: The patient of each.
    """

    def __init__(self, ids: Sequence[str], patients: Sequence[str]) -> None:
        _, self._patient = np.unique(np.asarray(patients, object).astype(str), return_inverse=True)
        self._patient = self._patient.reshape(len(ids))
        self._times = np.zeros(int(self._patient.max(initial=-1)) + 1, int)
        self._free = np.ones(len(ids), bool)
        self._places = [slice_place(image_id) for image_id in ids]
        self._slices: dict[tuple[str, int], list[int]] = defaultdict(list)
        for number, place in enumerate(self._places):
            if place is not None:
                self._slices[place].append(number)

    def open(self) -> NDArray[np.bool_]:
        """The images that may be taken next, of shape ``(image,)``; none where all that are left are taken or lie
        beside one that is."""
        times = self._times[self._patient]
        least = times[self._free].min(initial=np.iinfo(int).max)
        may: NDArray[np.bool_] = self._free & (times == least)
        return may

    def take(self, number: int) -> None:
        """Take an image into the batch."""
        self._free[number] = False
        self._times[self._patient[number]] += 1
        place = self._places[number]
        if place is not None:
            for beside in (place[1] - 1, place[1], place[1] + 1):
                self._free[self._slices.get((place[0], beside), [])] = False


def spread_out(
    ids: Sequence[str], patients: Sequence[str], count: int, features: NDArray[np.float32] | None = None
) -> list[int]:
    """Images for a batch, from some that are in the order of their scores.

    The first is taken, and then, time and again, the one that is least like those taken. Without features they are
    taken in their order.

    Args:
        ids: The images, the best first.
        patients: The patient of each.
        count: How many at most.
        features: Of each image, of shape ``(image, feature)``; NaN where an image has none.

    Returns:
        Their numbers, in the order in which they were taken.
    """
    spread = Spread(ids, patients)
    centers = None if features is None or not features.size else KCenter(features)
    taken: list[int] = []
    while len(taken) < count:
        may = np.flatnonzero(spread.open())
        if not may.size:
            break
        number = int(may[0] if centers is None or not taken else may[np.argmax(centers.distance[may])])
        taken.append(number)
        spread.take(number)
        if centers is not None:
            centers.add(features[number])  # type: ignore[index]
    return taken
