"""The prompt groups of one draft: those that are settled, and those whose answer is still to come."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.annotation.prompt_group import Key, PromptGroup, PromptGroups
from jlabel.errors import PromptError
from jlabel.imaging.region import Region
from jlabel.prompts.prompt import Prompt


class PromptLayers:
    """Sessions in the order of their last use. A group is told from others by its key: its value and scope.

    Attributes:
        settled: As the last step of the history left them.
    """

    def __init__(self) -> None:
        self.settled: PromptGroups = ()
        self._pending: list[PromptGroup] = []

    @property
    def groups(self) -> PromptGroups:
        """All of them, each as it was changed last, whether or not that is settled."""
        newest: dict[Key, PromptGroup] = {}
        for group in self._pending:
            newest.pop(group.key, None)
            newest[group.key] = group
        return (*(group for group in self.settled if group.key not in newest), *newest.values())

    @property
    def last(self) -> PromptGroup | None:
        """The one that was used last."""
        groups = self.groups
        return groups[-1] if groups else None

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """Those of the last group: what the next answer for that structure comes from."""
        return self.last.prompts if self.last is not None else ()

    def find(self, key: Key) -> PromptGroup | None:
        """The group of that key."""
        return next((group for group in self.groups if group.key == key), None)

    def with_prompt(self, name: str) -> PromptGroup:
        """The group that has the prompt of that name.

        Raises:
            PromptError: None has.
        """
        for group in self.groups:
            if any(given.id == name for given in group.given):
                return group
        raise PromptError("this prompt is gone: what it made was changed since")

    def put(self, group: PromptGroup) -> PromptGroup:
        """A group with other prompts than before; not settled until it is answered."""
        self._pending.append(group)
        return group

    def replace(self, old: PromptGroup, new: PromptGroup) -> None:
        """Call a settled group by another key."""
        self.settled = tuple(new if one is old else one for one in self.settled)
        self._pending = [new if one is old else one for one in self._pending]

    def take_back(self) -> PromptGroup | None:
        """Take the newest change that is not settled back, and return it."""
        return self._pending.pop() if self._pending else None

    def discard(self, group: PromptGroup) -> None:
        """Take one change that is not settled back."""
        self._pending = [one for one in self._pending if one is not group]

    def revert(self, key: Key) -> None:
        """Take back what is not settled of one group."""
        self._pending = [group for group in self._pending if group.key != key]

    def revert_all(self) -> bool:
        """Take back all that is not settled; returns whether there was something."""
        reverted = bool(self._pending)
        self._pending = []
        return reverted

    def end(self, values: Container[int]) -> PromptGroups:
        """What stays settled when voxels of labels with those values are changed by other means than prompts."""
        self._pending = [group for group in self._pending if group.value not in values]
        return tuple(group for group in self.settled if group.value not in values)

    def settle(self, groups: PromptGroups) -> None:
        """Those are settled now; what waits for an answer goes on from them."""
        self.settled = groups
        by_key = {group.key: group for group in groups}
        self._pending = [group.over(by_key.get(group.key)) for group in self._pending]

    def settled_with(self, group: PromptGroup, others: PromptGroups | None = None) -> PromptGroups:
        """The settled groups (or ``others``) with one as it is given, used last; without it if it has no prompts."""
        kept = tuple(one for one in (self.settled if others is None else others) if one.key != group.key)
        return (*kept, group) if group.given else kept

    @property
    def top(self) -> int:
        """The number of the layer that lies over all others."""
        return max((group.layer for group in self.settled), default=0)


def without(mask: NDArray[Any], groups: PromptGroups, group: PromptGroup) -> tuple[NDArray[Any], PromptGroups]:
    """The draft without what one group made, and the other groups as they are without it.

    Where a later answer lies over this one, the draft stays as it is, and that answer goes over what was there before
    this one. What was changed by other means stays too.

    Args:
        mask: The draft now.
        groups: All that are settled.
        group: One of them that was answered.

    Returns:
        The voxels in the group's region, and the groups.
    """
    region = group.region
    assert region is not None
    voxels = mask[region.slices].copy(order="F")
    base, after = group.voxels(mask.dtype)
    mine = base != after
    others = {one: one for one in groups}
    for other in sorted(groups, key=lambda one: one.layer):
        if other.layer > group.layer and other.region is not None and common_region(region, other.region) is not None:
            others[other] = _lowered(other, region, (base, after), mine)
    np.copyto(voxels, base, where=mine & (voxels == after))
    return voxels, tuple(others.values())


def _lowered(
    other: PromptGroup, region: Region, lower_voxels: tuple[NDArray[Any], NDArray[Any]], mine: NDArray[np.bool_]
) -> PromptGroup:
    """An upper group over what was there before a lower one, where the lower one lies right under it.

    Args:
        other: The upper group.
        region: Of the lower one.
        lower_voxels: The draft there before the lower one, and with it.
        mine: Where the lower one shows; loses what the upper one covers.
    """
    assert other.region is not None
    common = common_region(region, other.region)
    assert common is not None
    base, after = lower_voxels
    lower, upper = (voxels.copy(order="F") for voxels in other.voxels(base.dtype))
    here, there = common.inside(region).slices, common.inside(other.region).slices
    below, above, live, new = lower[there], upper[there], mine[here], base[here]
    # What was painted between the two stays under the upper one.
    np.copyto(live, False, where=below != after[here])
    if not live.any():
        return other
    own = other.own(lower, upper)
    covered = live & own[there]
    np.copyto(below, new, where=live)
    np.copyto(above, new, where=live & ~covered)
    live &= ~covered
    return other.over_voxels(lower, upper, own)


def common_region(a: Region, b: Region) -> Region | None:
    """The voxels that lie in both; None where there are none."""
    common = a.intersection(b)
    return common if common.size else None
