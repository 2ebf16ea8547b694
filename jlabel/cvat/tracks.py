"""Tracks of CVAT: shapes that were drawn at some frames, the keyframes, as the shapes of every frame.

Between two keyframes a shape is where CVAT's page shows it. A keyframe that is ``outside`` ends what is seen, up to the
next one that is not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.cvat.shapes import AREA_TYPES, coordinates_of, rotation_of
from jlabel.errors import CvatError

# From how much of the way between two keyframes is gone, 0 to 1, to what has changed since the earlier one.
_Motion = Callable[[float], dict[str, Any]]
# Shape (n, 2): x and y.
_Corners = NDArray[np.float64]
_OF_TRACK = ("label_id", "group", "source")


def shapes_of_track(
    track: Mapping[str, Any], frames: Sequence[int], deleted: Collection[int] = ()
) -> dict[int, dict[str, Any]]:
    """The shape of a track at each frame at which it is seen.

    Rectangles and ellipses move evenly between their keyframes, and turn the shorter way. Corners of polygons move
    evenly too, each to a corner at about the same share of the way around. Masks stay until the next keyframe, and
    every shape stays after the last one.

    Args:
        track: As in an answer of the server, with ``shapes``.
        frames: The frames that are asked for, such as ``range(start, stop + 1)`` of a job.
        deleted: Frames that were deleted: they have no shape, and what was drawn at them does not count.

    Returns:
        Shapes by their frames: each as the keyframe before, with ``points`` and ``rotation`` of its own, ``label_id``,
        ``group`` and ``source`` of the track, and the track's id as ``track_id``.

    Raises:
        CvatError: Its shapes are of a type without an area, or of several types, or their points make no sense.
    """
    keyframes = _keyframes(track, deleted)
    common = {key: track[key] for key in _OF_TRACK if key in track} | {"track_id": track.get("id")}
    numbers = list(keyframes)
    motions: dict[int, _Motion] = {}
    found = {}
    for frame in frames:
        index = bisect_right(numbers, frame) - 1
        if index < 0 or frame in deleted or keyframes[numbers[index]].get("outside"):
            continue
        start, before, moved = numbers[index], keyframes[numbers[index]], {}
        if frame > start and index + 1 < len(numbers):
            end = numbers[index + 1]
            if index not in motions:
                motions[index] = _motion(before, keyframes[end], _named(track, start))
            moved = motions[index]((frame - start) / (end - start))
        found[frame] = {**before, **common, **moved, "frame": frame}
    return found


def _keyframes(track: Mapping[str, Any], deleted: Collection[int]) -> dict[int, Mapping[str, Any]]:
    """By their frames, in order; of several at one frame the last counts."""
    found: dict[int, Mapping[str, Any]] = {}
    kinds = set()
    for shape in track.get("shapes") or ():
        if not isinstance(shape, Mapping) or not isinstance(shape.get("frame"), int):
            raise CvatError(f"{_named(track)}: one of its shapes has no frame")
        frame, kind = shape["frame"], shape.get("type")
        if kind not in AREA_TYPES:
            raise CvatError(f"{_named(track, frame)}: a {kind} has no area; {', '.join(AREA_TYPES)} have one")
        kinds.add(kind)
        if frame not in deleted:
            found[frame] = shape
    if len(kinds) > 1:
        raise CvatError(f"{_named(track)}: its shapes are of several types: {', '.join(sorted(kinds))}")
    return dict(sorted(found.items()))


def _motion(before: Mapping[str, Any], after: Mapping[str, Any], name: str) -> _Motion:
    if before["type"] == "mask":
        return lambda gone: {}
    try:
        start, end = coordinates_of(before), coordinates_of(after)
        if before["type"] == "polygon":
            return _polygon_motion(start, end)
        return _even_motion(start, end, rotation_of(before), rotation_of(after))
    except CvatError as error:
        raise CvatError(f"{name}: {error}") from error


def _even_motion(start: _Corners, end: _Corners, rotation: float, aim: float) -> _Motion:
    shorter_way = (aim - rotation + 180) % 360 - 180

    def at(gone: float) -> dict[str, Any]:
        points = start + (end - start) * gone
        return {"points": points.ravel().tolist(), "rotation": (rotation + shorter_way * gone) % 360}

    return at


def _polygon_motion(start: _Corners, end: _Corners) -> _Motion:
    """Each corner moves evenly to its partners of the other polygon, and each of those comes from one at least.

    Where a corner has several partners, or several corners have one, some of them are left out again as long as they
    lie close together: else a corner would be added for each corner of the other polygon.
    """
    # Both are closed: their first corner is their last one too.
    start, end = np.vstack([start, start[:1]]), np.vstack([end, end[:1]])
    gone_start, gone_end = _way_around(start), _way_around(end)
    groups = [
        (np.array(pairs).T, _closest(pairs, gone_start, gone_end)) for pairs in _groups(_partners(gone_start, gone_end))
    ]

    def at(gone: float) -> dict[str, Any]:
        corners = [
            corner
            for (here, there), closest in groups
            for corner in _thinned(start[here] + (end[there] - start[here]) * gone, closest)
        ][:-1]
        # Of two polygons that are hardly more than a line there may be too little left.
        return {"points": np.ravel(corners).tolist(), "rotation": 0.0} if len(corners) >= 3 else {}

    return at


def _way_around(corners: _Corners) -> NDArray[np.float64]:
    """The length of the outline up to each corner, in pixels."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])


def _partners(gone_start: NDArray[np.float64], gone_end: NDArray[np.float64]) -> list[list[int]]:
    """For each corner of the first polygon those of the second that are at about the same share of the way around."""
    shares, others = (gone / (gone[-1] or 1.0) for gone in (gone_start, gone_end))
    partners = [[int(np.argmin(np.abs(others - share)))] for share in shares]
    met = {one for [one] in partners}
    for other, share in enumerate(others):
        if other not in met:
            partners[int(np.argmin(np.abs(shares - share)))].append(other)
    return [sorted(ones) for ones in partners]


def _groups(partners: Sequence[Sequence[int]]) -> list[list[tuple[int, int]]]:
    """Pairs of corners, those together that are of one corner and several others, or of several corners and one."""
    groups: list[list[tuple[int, int]]] = []
    open_for = None
    for corner, others in enumerate(partners):
        pairs = [(corner, other) for other in others]
        if len(others) == 1 and others[0] == open_for:
            groups[-1] += pairs
        else:
            groups.append(pairs)
        open_for = others[0] if len(others) == 1 else None
    return groups


def _closest(pairs: Sequence[tuple[int, int]], gone_start: NDArray[np.float64], gone_end: NDArray[np.float64]) -> float:
    """Half of the mean way between the corners of a group: how close to each other they may lie."""
    (first, first_other), (last, last_other) = pairs[0], pairs[-1]
    if first == last:
        first, last, gone_start = first_other, last_other, gone_end
    return float(gone_start[last] - gone_start[first]) / (2 * (last - first + 1))


def _thinned(corners: _Corners, closest: float) -> list[NDArray[np.float64]]:
    """Corners of a group without those that lie closer to the one before; the first and the last one stay."""
    first, *between = corners
    if not between:
        return [first]
    *between, last = between
    kept = [first]
    for corner in between:
        if np.hypot(*(corner - kept[-1])) >= closest:
            kept.append(corner)
    if len(kept) == 1 and np.hypot(*(last - first)) < closest:
        return [(first + last) / 2]
    return [*kept, last]


def _named(track: Mapping[str, Any], frame: int | None = None) -> str:
    """For people, such as ``track 5 from frame 3 on``."""
    number = "" if track.get("id") is None else f" {track['id']}"
    return f"track{number}" + ("" if frame is None else f" from frame {frame} on")
