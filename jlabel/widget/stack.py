"""The prompt sessions of one draft: those that are settled, and those whose answer is still to come."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import PromptError
from jlabel.imaging.region import Region
from jlabel.tasks.prompts import Prompt
from jlabel.widget.session import Key, PromptSession, Sessions


class SessionStack:
    """Sessions in the order of their last use. A session is told from others by its key: its value and scope.

    Attributes:
        settled: As the last step of the history left them.
    """

    def __init__(self) -> None:
        self.settled: Sessions = ()
        self._pending: list[PromptSession] = []

    @property
    def sessions(self) -> Sessions:
        """All of them, each as it was changed last, whether or not that is settled."""
        newest: dict[Key, PromptSession] = {}
        for session in self._pending:
            newest.pop(session.key, None)
            newest[session.key] = session
        return (*(session for session in self.settled if session.key not in newest), *newest.values())

    @property
    def last(self) -> PromptSession | None:
        """The one that was used last."""
        sessions = self.sessions
        return sessions[-1] if sessions else None

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """Those of the last session: what the next answer for that structure comes from."""
        return self.last.prompts if self.last is not None else ()

    def find(self, key: Key) -> PromptSession | None:
        """The session of that key."""
        return next((session for session in self.sessions if session.key == key), None)

    def with_prompt(self, name: str) -> PromptSession:
        """The session that has the prompt of that name.

        Raises:
            PromptError: None has.
        """
        for session in self.sessions:
            if any(given.id == name for given in session.given):
                return session
        raise PromptError("this prompt is gone: what it made was changed since")

    def put(self, session: PromptSession) -> PromptSession:
        """A session with other prompts than before; not settled until it is answered."""
        self._pending.append(session)
        return session

    def replace(self, old: PromptSession, new: PromptSession) -> None:
        """Call a settled session by another key."""
        self.settled = tuple(new if one is old else one for one in self.settled)
        self._pending = [new if one is old else one for one in self._pending]

    def take_back(self) -> PromptSession | None:
        """Take the newest change that is not settled back, and return it."""
        return self._pending.pop() if self._pending else None

    def discard(self, session: PromptSession) -> None:
        """Take one change that is not settled back."""
        self._pending = [one for one in self._pending if one is not session]

    def revert(self, key: Key) -> None:
        """Take back what is not settled of one session."""
        self._pending = [session for session in self._pending if session.key != key]

    def revert_all(self) -> bool:
        """Take back all that is not settled; returns whether there was something."""
        reverted = bool(self._pending)
        self._pending = []
        return reverted

    def end(self, values: Container[int]) -> Sessions:
        """What stays settled when voxels of labels with those values are changed by other means than prompts."""
        self._pending = [session for session in self._pending if session.value not in values]
        return tuple(session for session in self.settled if session.value not in values)

    def settle(self, sessions: Sessions) -> None:
        """Those are settled now; what waits for an answer goes on from them."""
        self.settled = sessions
        by_key = {session.key: session for session in sessions}
        self._pending = [session.over(by_key.get(session.key)) for session in self._pending]

    def settled_with(self, session: PromptSession, others: Sessions | None = None) -> Sessions:
        """The settled sessions (or ``others``) with one as it is given, used last; without it if it has no prompts."""
        kept = tuple(one for one in (self.settled if others is None else others) if one.key != session.key)
        return (*kept, session) if session.given else kept

    @property
    def top(self) -> int:
        """The number of the layer that lies over all others."""
        return max((session.layer for session in self.settled), default=0)


def without(mask: NDArray[Any], sessions: Sessions, session: PromptSession) -> tuple[NDArray[Any], Sessions]:
    """The draft without what one session made, and the other sessions as they are without it.

    Where a later answer lies over this one, the draft stays as it is, and that answer goes over what was there before
    this one. What was changed by other means stays too.

    Args:
        mask: The draft now.
        sessions: All that are settled.
        session: One of them that was answered.

    Returns:
        The voxels in the session's region, and the sessions.
    """
    region = session.region
    assert region is not None
    voxels = mask[region.slices].copy(order="F")
    base, after = session.voxels(mask.dtype)
    mine = base != after
    others = {one: one for one in sessions}
    for other in sorted(sessions, key=lambda one: one.layer):
        if other.layer > session.layer and other.region is not None and common_region(region, other.region) is not None:
            others[other] = _lowered(other, region, base, mine)
    np.copyto(voxels, base, where=mine & (voxels == after))
    return voxels, tuple(others.values())


def _lowered(other: PromptSession, region: Region, base: NDArray[Any], mine: NDArray[np.bool_]) -> PromptSession:
    """An upper session over ``base`` where a lower one was (``mine``, which loses what this one covers)."""
    assert other.region is not None
    common = common_region(region, other.region)
    assert common is not None
    lower, upper = (voxels.copy(order="F") for voxels in other.voxels(base.dtype))
    here, there = common.inside(region).slices, common.inside(other.region).slices
    below, above, live, new = lower[there], upper[there], mine[here], base[here]
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
