"""The draft: the mask that a person works on, with the prompts that models answer in it."""

from __future__ import annotations

import secrets
from collections.abc import Hashable
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.annotation.mask_draft import MaskDraft
from jlabel.annotation.prompt_group import GivenPrompt, PromptGroup, PromptGroups
from jlabel.annotation.prompt_layers import without
from jlabel.errors import PromptError
from jlabel.imaging.region import Region
from jlabel.prompts.prompt import InitialMask, Prompt
from jlabel.tasks.request import InferResult


class Draft(MaskDraft):
    """A mask with prompts, each of which is answered in the place of its last answer.

    What was painted by hand and what other prompts made stays under an answer.
    """

    def restore_prompts(self, groups: PromptGroups) -> None:
        """Prompts that were kept with what the draft began with."""
        self.layers.settle(groups)

    def add_prompt(
        self,
        prompt: Prompt | None,
        label: str,
        value: int,
        scope: Hashable = None,
        axis: int = 0,
        name: str | None = None,
    ) -> PromptGroup:
        """Add a prompt; one for another structure, or of another scope (model, slice), begins a new group.

        Args:
            prompt: None for the structure as it is now: this begins a new group too, on what the former one made.
            label: The structure.
            value: Its value.
            scope: The model, and the axis and slice where it works in one.
            axis: The array axis across the plane in which it was given.
            name: Unique in the draft; made up if not given.

        Raises:
            PromptError: There is a prompt of that name already.
        """
        name = name or secrets.token_hex(4)
        if any(given.id == name for group in self.groups for given in group.given):
            raise PromptError("this prompt was sent before")
        found = self.layers.find((value, scope)) if prompt is not None else None
        return self.layers.put((found or PromptGroup(label, value, scope, axis)).with_prompt(GivenPrompt(name, prompt)))

    @cached_property
    def _used(self) -> dict[str, tuple[str, Prompt]]:
        return {}

    @property
    def used_prompts(self) -> list[tuple[str, Prompt]]:
        """The label and prompt of all that were ever answered here, also of those that ended."""
        return list(self._used.values())

    def settle_prompts(self) -> None:
        """The prompts as they are now are a step of their own, which waits for an answer."""
        groups = tuple(group for group in self.layers.groups if group.given or group.region is not None)
        self.layers.revert_all()
        self._record_prompts(groups)

    def clear_prompts(self) -> None:
        """Forget the prompts; what they made stays."""
        self.layers.revert_all()
        self._record_prompts(())

    def initial_mask(self, group: PromptGroup) -> InitialMask | None:
        """Where the structure was before the prompts, for a model that can cut from it; None where it was not."""
        if not (group.has_negative or group.has_mask):
            return None
        before: NDArray[np.bool_] = self.mask == group.value
        if group.region is not None:
            voxels, _ = without(self.mask, self.layers.settled, group)
            before[group.region.slices] = voxels == group.value
        return InitialMask(before, group.label) if before.any() else None

    def answer(self, result: InferResult, asked: PromptGroup, replaces: bool) -> Region | None:
        """Put an interactive model's answer in the place of its last one, over what all other prompts made.

        Args:
            result: The structure's voxels.
            asked: What was asked; where it is gone by now, the answer is late and is dropped. Prompts that came since
                wait on.
            replaces: Whether the structure outside the answer goes, within the answer's region; else it is added to.

        Returns:
            The region that changed, or None.
        """
        group = self.layers.find(asked.key)
        if group is None:
            return None
        self.make_room(group.value)
        region = result.region if group.region is None else result.region.union(group.region)
        base, others = self._without(group, region)
        after = base.copy(order="F")
        part = after[result.region.inside(region).slices]
        if replaces:
            part[part == group.value] = 0
        np.copyto(part, group.value, where=result.values != 0)
        for given in asked.given:
            if given.prompt is not None:
                self._used[given.id] = (group.label, given.prompt)
        inside = np.zeros(region.shape, bool)
        inside[result.region.inside(region).slices] = result.values != 0
        return self._answered(region, (base, after, inside), replace(group, answered=asked.given), others)

    def unanswer(self, group: PromptGroup) -> Region | None:
        """Take a group's answer out of the mask: it has no prompts left that a model could answer."""
        if group.region is None:
            self.layers.revert(group.key)
            self._record_prompts(self.layers.settled_with(replace(group, answered=group.given)))
            return None
        base, others = self._without(group, group.region)
        voxels = (base, base.copy(order="F"), np.zeros(base.shape, bool))
        return self._answered(group.region, voxels, replace(group, answered=group.given), others)

    def _without(self, group: PromptGroup, region: Region) -> tuple[NDArray[Any], PromptGroups]:
        """A copy of the draft in a region, and the groups, as they would be without a group's answers."""
        copy, others = self.mask[region.slices].copy(order="F"), self.layers.settled
        if group.region is not None:
            copy[group.region.inside(region).slices], others = without(self.mask, others, group)
        return copy, others

    def _answered(
        self,
        region: Region,
        voxels: tuple[NDArray[Any], NDArray[Any], NDArray[np.bool_]],
        group: PromptGroup,
        others: PromptGroups,
    ) -> Region:
        """Put a group's answer in a region: the draft without and with it, and where it lies."""
        change = self.prepare(region, voxels[1])
        new = group.with_answer(region, *voxels, self.layers.top + 1)
        self.layers.revert(group.key)
        return self._apply(change, self.layers.settled_with(new, others))

    def _record_prompts(self, groups: PromptGroups) -> None:
        if groups != self.layers.settled:
            self.history.record((), (self.layers.settled, groups))
            self.layers.settle(groups)
            self._keep([])
