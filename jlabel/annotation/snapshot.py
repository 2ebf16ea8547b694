"""Copies of a draft's mask, made slab by slab, so that nobody who paints meanwhile waits for more than a moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.region import Region
from jlabel.progress import NO_PROGRESS, Progress

T = TypeVar("T")
# Copying so many voxels takes a millisecond or less; the labeler's lock is held no longer.
_SLAB_VOXELS = 1_000_000
# Between two slabs, for whoever waits for the lock.
_SECONDS_OF_PAUSE = 0.0005


class Copy:
    """A copy that grows along the last axis. What is changed in the mask meanwhile is changed in it too.

    Args:
        mask: What is copied.
        dtype: Of the copy; that of the mask if not given.
    """

    def __init__(self, mask: NDArray[Any], dtype: np.dtype[Any] | None = None) -> None:
        self._dtype = dtype
        self.begin(mask)

    def begin(self, mask: NDArray[Any]) -> None:
        """Begin again: the mask is another array now."""
        self._from = mask
        # Memory that is never written is never taken.
        self.mask: NDArray[Any] = np.zeros(mask.shape, self._dtype or mask.dtype, order="F")
        self._depth = max(1, _SLAB_VOXELS * mask.shape[-1] // max(1, mask.size))
        self._slices = int(mask.shape[-1])
        self._copied = 0

    @property
    def fraction(self) -> float:
        """How much is copied."""
        return self._copied / max(1, self._slices)

    @property
    def done(self) -> bool:
        """Whether it equals the mask."""
        return self._copied >= self._slices

    def advance(self) -> None:
        """Copy the next slab."""
        slab = (..., slice(self._copied, self._copied + self._depth))
        if self._from[slab].any():
            self.mask[slab] = self._from[slab]
        self._copied += self._depth

    def put(self, region: Region, values: NDArray[Any]) -> None:
        """The mask was changed there. What is not copied yet is copied later, so it does no harm to be early."""
        self.mask[region.slices] = values


class Snapshots:
    """The copies of one draft that are being made; the labeler's lock guards them."""

    def __init__(self) -> None:
        self._all: list[Copy] = []

    def begin(self, mask: NDArray[Any], dtype: np.dtype[Any] | None = None) -> Copy:
        """A new copy, which follows until :meth:`end`."""
        copy = Copy(mask, dtype)
        self._all.append(copy)
        return copy

    def end(self, copy: Copy) -> None:
        """Follow no longer."""
        self._all = [one for one in self._all if one is not copy]

    def put(self, region: Region, values: NDArray[Any]) -> None:
        """The mask was changed there."""
        for copy in self._all:
            copy.put(region, values)

    def begin_again(self, mask: NDArray[Any]) -> None:
        """The mask is another array now."""
        for copy in self._all:
            copy.begin(mask)


class Copied(Protocol):
    """A draft, as far as it is copied."""

    mask: NDArray[Any]
    copies: Snapshots


def with_snapshot(
    draft: Copied,
    lock: AbstractContextManager[Any],
    take: Callable[[NDArray[Any]], T],
    progress: Progress = NO_PROGRESS,
    dtype: np.dtype[Any] | None = None,
) -> T:
    """Copy a draft's mask, and do something at the moment when the copy equals it.

    Args:
        draft: The draft.
        lock: What guards it; held for a slab at a time.
        take: Takes the copy, with the lock held; returns what this returns.
        progress: Told how much is copied, and asked whether to go on.
        dtype: Of the copy; that of the mask if not given.

    Raises:
        Cancelled: ``progress`` gave it up.
    """
    with lock:
        copy = draft.copies.begin(draft.mask, dtype)
    try:
        while True:
            progress.check()
            progress.report(copy.fraction)
            with lock:
                copy.advance()
                if copy.done:
                    draft.copies.end(copy)
                    return take(copy.mask)
            time.sleep(_SECONDS_OF_PAUSE)
    finally:
        with lock:
            draft.copies.end(copy)
