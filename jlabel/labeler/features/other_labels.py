"""Voxels of other labels: what a model is told of them when it is asked for one label."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.annotation.draft import Draft
from jlabel.annotation.prompt_group import PromptGroup
from jlabel.annotation.prompt_layers import common_region, without
from jlabel.imaging import Region
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import prompt_messages
from jlabel.labeler.protocol.state import State
from jlabel.tasks.request import OtherLabels


class OthersAsBackground(Feature):
    """Whether models are told which voxels hold another label; they take those as background."""

    on = True

    def message_handlers(self) -> Handlers:
        """Telling models of other labels, or not."""
        return {prompt_messages.OthersAsBackground: lambda ask, _: self.switch(ask.on)}

    def state(self) -> State:
        """``othersAsBackground``."""
        return {"othersAsBackground": self.on}

    def switch(self, on: bool) -> None:
        """Tell models of other labels from the next request on, or not."""
        with self.context.lock:
            self.on = on
            self.publish_state()

    def given_with(self, opened: OpenImage, group: PromptGroup) -> OtherLabels | None:
        """For a request: see :attr:`jlabel.tasks.InferRequest.other_labels`. None where models are not told.

        Models call it on threads of their own. Each call sees the draft at that moment; the lock is held for a copy of
        the region and no longer.
        """
        if not self.on:
            return None
        draft, lock = opened.draft, self.context.lock

        def other_labels(region: Region) -> NDArray[np.bool_]:
            with lock:
                voxels = without_answer(draft, group, region)
            others: NDArray[np.bool_] = (voxels != 0) & (voxels != group.value)
            return others

        return other_labels


def without_answer(draft: Draft, group: PromptGroup, region: Region) -> NDArray[Any]:
    """A copy of the draft in a region, without the answer that the next one of that group replaces.

    What that answer took from another label belongs to the other label again.
    """
    voxels: NDArray[Any] = draft.mask[region.slices].copy(order="F")
    answered = draft.layers.find(group.key)
    if answered is None or answered.region is None:
        return voxels
    common = common_region(region, answered.region)
    if common is not None:
        before, _ = without(draft.mask, (), answered)
        voxels[common.inside(region).slices] = before[common.inside(answered.region).slices]
    return voxels
