"""How much of a solution made anew after a click may change the answer before it.

One click may have left the structure badly wrong, so the next ones are worth solving it anew for. But a solution of all
clicks at once can also be worse than the answer before: only its change on the newest click's side counts, near that
click, as one part, and of limited volume. The limit is wide where the mask is a speck beside the click's distance from
it, and there is none where the click says that the mask is far too large.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.interactive.scale import far_too_large
from jlabel.prompts.prompt import Click

Mask = NDArray[np.bool_]

# Times the click's distance from the border of the mask: further where a leak is taken back, and from a speck, that is
# a mask smaller than the ball around the click that just reaches it; what a speck missed is mostly within _BALL.
_REACH, _REACH_BACK, _REACH_OF_SPECK, _BALL = 2.0, 5.0, 2.5, 1.5
# Of the mask's volume.
_MOST, _MOST_BACK, _MOST_OF_SPECK = 0.25, 0.75, 8
_LEFT = 0.01  # of the mask's volume, as what a new start leaves: less is no structure


def revision(before: Mask, anew: Mask, clicks: Sequence[Click], spacing: Sequence[float]) -> Mask:
    """The voxels of a mask that change for the last click by a solution made anew.

    Args:
        before: The mask, which contradicts the last click.
        anew: Another mask of the same shape, which agrees with all clicks.
        clicks: In voxel indices of the masks.
        spacing: mm along each axis.
    """
    newest = clicks[-1]
    away = _distances(newest.position, before.shape, spacing)
    other = before if newest.positive else ~before
    depth = float(away[other].min()) - 0.5 * min(spacing) if other.any() else float(away.max())
    change = anew & ~before if newest.positive else before & ~anew
    volume, ball = int(np.count_nonzero(before)), int(np.count_nonzero(away <= depth))
    speck = newest.positive and volume < ball
    change &= away <= (_REACH_OF_SPECK if speck else _REACH if newest.positive else _REACH_BACK) * depth
    for click in clicks[:-1]:
        if click.positive != newest.positive:
            change &= away < _distances(click.position, before.shape, spacing)
    most = int(_MOST_BACK * volume) if not newest.positive else max(int(_MOST * volume), ball)
    if speck:
        most = min(_MOST_OF_SPECK * volume, int(np.count_nonzero(away <= _BALL * depth)))
    if np.count_nonzero(change) > most:
        change &= away <= np.partition(away[change], most)[most]
    parts, _ = ndimage.label(change)
    part = parts[newest.position]
    return np.asarray((parts == part) & (part > 0))


def starts_over(before: Mask, anew: Mask, clicks: Sequence[Click], spacing: Sequence[float]) -> bool:
    """Whether the answer so far was far too large, so that a negative click in its middle leaves nothing to correct.

    Args:
        before: The mask, which contradicts the last click.
        anew: Another mask of the same shape, which agrees with all clicks.
        clicks: In voxel indices of the masks.
        spacing: mm along each axis.
    """
    if clicks[-1].positive or np.count_nonzero(anew & before) < _LEFT * np.count_nonzero(before):
        return False
    negative, positives = np.zeros(before.shape, dtype=bool), np.zeros(before.shape, dtype=bool)
    negative[clicks[-1].position] = True
    for click in clicks:
        if click.positive:
            positives[click.position] = True
    return far_too_large(before, negative, positives, spacing)


def _distances(position: Sequence[int], shape: Sequence[int], spacing: Sequence[float]) -> NDArray[np.float32]:
    """mm from a voxel to every voxel."""
    squares = np.zeros((), np.float32)
    for axis, (at, n, step) in enumerate(zip(position, shape, spacing, strict=True)):
        line = ((np.arange(n, dtype=np.float32) - at) * np.float32(step)) ** 2
        squares = squares + line.reshape([-1 if a == axis else 1 for a in range(len(shape))])
    return np.asarray(np.sqrt(squares))
