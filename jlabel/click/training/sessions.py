"""A click network asked click by click, the way the tool asks it: what a training is judged by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jlabel.annotators import next_click
from jlabel.click.answer import ClickNetwork, marked_parts
from jlabel.click.plane import ROOM
from jlabel.click.view import View
from jlabel.imaging.region import Region, bounding_region
from jlabel.prompts.prompt import Click

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ClickSession:
    """A click network, an image, and how large the structure that is meant may be.

    Attributes:
        network: With its weights.
        array: The image, ``(...)`` or ``(..., colours)``.
        spacing: mm along each axis.
        extent: The median extent of such structures in mm.
    """

    network: ClickNetwork
    array: NDArray[np.generic]
    spacing: Sequence[float]
    extent: float

    def answer(self, clicks: Sequence[Click], before: Mask) -> Mask:
        """The mask after the clicks, the newest last; ``before`` is the mask that they correct, of the image's shape.

        Of the answer those connected parts are taken that hold a positive click.
        """
        view = self.view(clicks, before)
        had = before[view.region.slices]
        logits = self.network.logits(self.array, view, clicks, had, None)
        mask = np.zeros_like(before)
        mask[view.region.slices] = marked_parts(logits > 0, clicks, view.region)
        return mask

    def view(self, clicks: Sequence[Click], before: Mask) -> View:
        """The cube to look at: about the mask so far and the clicks; as large as is to be expected without a mask."""
        clicked, found = Region.around([click.position for click in clicks]), bounding_region(before)
        box = clicked if found is None else clicked.union(found)
        extent = max(self._extent(box), self.extent if found is None else 0.0)
        centre = [(low + high) / 2 for low, high in zip(box.lower, box.upper, strict=True)]
        return View.around(centre, ROOM * extent, self.spacing, before.shape, self.network.design.size)

    def masks(self, truth: Mask, clicks: int) -> Iterator[Mask]:
        """The mask after each of so many clicks into the middle of the largest error."""
        mask, made = np.zeros_like(truth), list[Click]()
        for _ in range(clicks):
            click = next_click(truth, mask, self.spacing)
            if click is not None:
                made.append(click)
                mask = self.answer(made, mask)
            yield mask

    def _extent(self, box: Region) -> float:
        return max(n * step for n, step in zip(box.shape, self.spacing, strict=True))
