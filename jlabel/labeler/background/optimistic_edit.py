"""Large changes of a draft, worked out without the labeler's lock and put in at once, as one step of undo."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

from numpy.typing import NDArray

from jlabel.annotation.mask_change import MaskChange, prepare_change
from jlabel.annotation.paint_rules import PaintRules
from jlabel.errors import Cancelled, JlabelError
from jlabel.imaging import Region
from jlabel.labeler.background.tasks import BackgroundTask
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.pages import Pages
from jlabel.progress import Progress

# How often it begins again because the draft was changed while it was worked out.
_MOST_TRIES = 5

Work = Callable[[NDArray[Any], Progress], tuple[Region, NDArray[Any]]]
"""Gives a region of the mask and the values wanted there, of the mask's type, in an array of its own."""


class _Overtaken(Exception):
    """The draft was changed meanwhile."""


class EditableLabeler(Protocol):
    """The labeler as far as a change of its draft concerns it."""

    lock: threading.RLock
    pages: Pages
    open_image: OpenImage | None
    revision: int

    def cancel_prompts(self) -> bool:
        """Give up what models are asked."""

    def draft_changed(self) -> None:
        """The draft was changed; called with the lock held."""


def _nothing(*_: Any) -> None:
    return None


def apply_optimistically(
    labeler: EditableLabeler,
    opened: OpenImage,
    task: BackgroundTask,
    work: Work,
    then: Callable[[MaskChange], None] = _nothing,
    guard: PaintRules | None = None,
) -> MaskChange:
    """Work a change out and put it into the draft. Strokes go on meanwhile; what they overtake begins again.

    Args:
        labeler: Whose draft it is.
        opened: The image.
        task: What is being done.
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
        change = _try(labeler, opened, task, work, then, guard)
        if change is not None:
            return change
    raise JlabelError(f"{task.text} was given up: the labels were changed again and again meanwhile")


def _try(
    labeler: EditableLabeler,
    opened: OpenImage,
    task: BackgroundTask,
    work: Work,
    then: Callable[[MaskChange], None],
    guard: PaintRules | None,
) -> MaskChange | None:
    """As :func:`apply_optimistically`; None where the draft was changed meanwhile."""
    draft = opened.draft
    with labeler.lock:
        mask, revision, position = draft.mask, labeler.revision, draft.history.position

    def check() -> None:
        task.check()
        if labeler.revision != revision:
            raise _Overtaken

    try:
        progress = Progress(task.report, check)
        change = prepare_change(mask, guard or draft.guard, *work(mask, progress), progress)
    except Cancelled:
        raise
    except Exception:
        # Half of a stroke may have been read.
        if labeler.revision != revision:
            return None
        raise
    with labeler.lock:
        task.check()
        if labeler.open_image is not opened:
            raise Cancelled(f"{task.text} was cancelled: another image was opened")
        same = labeler.revision == revision and draft.history.position == position and draft.mask is mask
        if not same or (guard is None and draft.guard != change.guard):
            return None
        if change.voxels:
            labeler.cancel_prompts()
            draft.commit(change)
            labeler.pages.show_patches(opened, [(patch, patch.after) for patch in change.patches])
            labeler.draft_changed()
        then(change)
    return change
