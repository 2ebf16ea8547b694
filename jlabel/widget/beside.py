"""Large changes of a draft, worked out without the labeler's lock and put in at once, as one step of undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from jlabel.errors import Cancelled, JlabelError
from jlabel.imaging import Region
from jlabel.imaging.watch import Watch
from jlabel.widget.change import Change, prepared
from jlabel.widget.doing import Doing
from jlabel.widget.guard import Guard
from jlabel.widget.opened import OpenedImage

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk

# How often it begins again because the draft was changed while it was worked out.
_MOST_TRIES = 5

Work = Callable[[NDArray[Any], Watch], tuple[Region, NDArray[Any]]]
"""Gives a region of the mask and the values wanted there, of the mask's type, in an array of its own."""


class _Overtaken(Exception):
    """The draft was changed meanwhile."""


def _nothing(*_: Any) -> None:
    return None


def change_beside(
    desk: Desk,
    opened: OpenedImage,
    doing: Doing,
    work: Work,
    then: Callable[[Change], None] = _nothing,
    guard: Guard | None = None,
) -> Change:
    """Work a change out and put it into the draft. Strokes go on meanwhile; what they overtake begins again.

    Args:
        desk: Whose draft it is.
        opened: The image.
        doing: What is being done.
        work: Works it out.
        then: Called with the lock held when the change is in the draft.
        guard: The rules, where they are others than the draft's.

    Returns:
        The change; one of no voxel is not a step.

    Raises:
        Cancelled: It was given up, or another image was opened.
        JlabelError: The draft was changed again and again meanwhile.
    """
    for _ in range(_MOST_TRIES):
        change = _try(desk, opened, doing, work, then, guard)
        if change is not None:
            return change
    raise JlabelError(f"{doing.text} was given up: the labels were changed again and again meanwhile")


def _try(
    desk: Desk, opened: OpenedImage, doing: Doing, work: Work, then: Callable[[Change], None], guard: Guard | None
) -> Change | None:
    """As :func:`change_beside`; None where the draft was changed meanwhile."""
    draft = opened.draft
    with desk.lock:
        mask, revision, position = draft.mask, desk.revision, draft.history.position

    def check() -> None:
        doing.check()
        if desk.revision != revision:
            raise _Overtaken

    try:
        watch = Watch(doing.progress, check)
        change = prepared(mask, guard or draft.guard, *work(mask, watch), watch)
    except Cancelled:
        raise
    except Exception:
        # Half of a stroke may have been read.
        if desk.revision != revision:
            return None
        raise
    with desk.lock:
        doing.check()
        if desk.opened is not opened:
            raise Cancelled(f"{doing.text} was cancelled: another image was opened")
        same = desk.revision == revision and draft.history.position == position and draft.mask is mask
        if not same or (guard is None and draft.guard != change.guard):
            return None
        if change.voxels:
            desk.asking.cancel()
            draft.commit(change)
            desk.show_patches(opened, [(patch, patch.after) for patch in change.patches])
            desk.draft_changed()
        then(change)
    return change
