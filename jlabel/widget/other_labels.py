"""Voxels of other labels: what a model is told of them when it is asked for one label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging import Region
from jlabel.widget.part import Handler, Part
from jlabel.widget.stack import common_region, without

if TYPE_CHECKING:
    from jlabel.tasks.request import OtherLabels
    from jlabel.widget.draft import Draft
    from jlabel.widget.opened import OpenedImage
    from jlabel.widget.session import PromptSession


class OthersAsBackground(Part):
    """Whether models are told which voxels hold another label; they take those as background."""

    on = True

    def asks(self) -> Mapping[str, Handler]:
        """``others_as_background``."""
        return {"others_as_background": lambda ask, _: self.switch(bool(ask["on"]))}

    def state(self) -> dict[str, Any]:
        """``othersAsBackground``."""
        return {"othersAsBackground": self.on}

    def switch(self, on: bool) -> None:
        """Tell models of other labels from the next request on, or not."""
        with self.desk.lock:
            self.on = on
            self.desk.show_state()

    def given_with(self, opened: OpenedImage, session: PromptSession) -> OtherLabels | None:
        """For a request: see :attr:`jlabel.tasks.InferRequest.other_labels`. None where models are not told.

        Models call it on threads of their own. Each call sees the draft at that moment; the lock is held for a copy of
        the region and no longer.
        """
        if not self.on:
            return None
        draft, lock = opened.draft, self.desk.lock

        def other_labels(region: Region) -> NDArray[np.bool_]:
            with lock:
                voxels = without_answer(draft, session, region)
            others: NDArray[np.bool_] = (voxels != 0) & (voxels != session.value)
            return others

        return other_labels


def without_answer(draft: Draft, session: PromptSession, region: Region) -> NDArray[Any]:
    """A copy of the draft in a region, without the answer that the next one of that session replaces.

    What that answer took from another label belongs to the other label again.
    """
    voxels: NDArray[Any] = draft.mask[region.slices].copy(order="F")
    answered = draft.stack.find(session.key)
    if answered is None or answered.region is None:
        return voxels
    common = common_region(region, answered.region)
    if common is not None:
        before, _ = without(draft.mask, (), answered)
        voxels[common.inside(region).slices] = before[common.inside(answered.region).slices]
    return voxels
