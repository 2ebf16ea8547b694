"""Slices that lie in the same places, as the time points, echoes or directions of a 4D image.

What decides: slices in one place are moments of a 4D image where every place has one for each moment. Which of them
belong together is told by the tags of ``dicom_marks``; where none tells, by their order in the file or by
InstanceNumber, which a note says.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from jlabel.errors import ImageError
from jlabel.imaging.formats.dicom_slices import UNEVEN, Slice, check_alike, check_gaps

_SAME_PLACE_MM, _SAME_PLACE_PIXELS = 1e-3, 0.02

Marks = Mapping[str, Hashable]


@dataclass(frozen=True)
class Part:
    """One slice of an image: where its pixels are, where it lies, and what tells it from others in the same place.

    Attributes:
        file: Which of the files.
        frame: Which frame of the file.
        place: Where it lies.
        marks: What the tags say about the moment, by name.
        tile: Its row and column among the tiles of a mosaic, and how many there are to a side.
    """

    file: int
    frame: int
    place: Slice
    marks: Marks = field(default_factory=dict)
    tile: tuple[int, int, int] | None = None


def stacks(path: Path, parts: Sequence[Part], notes: dict[str, str], one_file: bool) -> list[list[Part]]:
    """The frames of an image, each a list of slices in their order along the normal.

    Args:
        path: The image, named in errors.
        parts: Its slices, in the order of the file or by InstanceNumber.
        notes: Gets a note where there are several frames.
        one_file: Whether they are all in one file: what a person can do about them differs.

    Raises:
        ImageError: They make no regular grid, or those in one place cannot be told apart.
    """
    check_alike(path, [part.place for part in parts])
    places = _places(path, parts)
    counts = {len(place) for place in places}
    if counts == {1}:
        frames = [[parts[place[0]] for place in places]]
    else:
        frames = _moments(path, parts, places, notes, one_file)
    for frame in frames:
        check_gaps(path, [part.place for part in frame])
    return frames


def _places(path: Path, parts: Sequence[Part]) -> list[list[int]]:
    """The indices of the slices in each place, along the normal."""
    normal = parts[0].place.normal
    heights = np.array([float(part.place.position @ normal) for part in parts])
    order = [int(index) for index in np.argsort(heights, kind="stable")]
    gaps = np.diff(heights[order])
    # The same slice again may lie a few micrometres beside itself; what is apart says what is too near.
    least = max(_SAME_PLACE_MM, _SAME_PLACE_PIXELS * min(parts[0].place.spacing))
    apart = gaps[gaps > least]
    if apart.size:
        least = max(least, UNEVEN * float(np.median(apart)))
    places = [[order[0]]]
    for gap, index in zip(gaps, order[1:], strict=True):
        if gap > least:
            places.append([])
        places[-1].append(index)
    for place in places:
        _check_same_place(path, [parts[index].place for index in place])
    return [sorted(place) for place in places]


def _check_same_place(path: Path, slices: Sequence[Slice]) -> None:
    first = slices[0]
    for other in slices[1:]:
        if np.abs(other.position - first.position).max() > max(0.02, 0.2 * min(first.spacing)):
            raise ImageError(path, f"has slices side by side ({first.name} and {other.name}), which make no one grid")


def _moments(
    path: Path, parts: Sequence[Part], places: list[list[int]], notes: dict[str, str], one_file: bool
) -> list[list[Part]]:
    for name in _names(parts):
        found = _told_apart(parts, places, name)
        if found is not None:
            frames, left_out = found
            notes["frames"] = f"{len(frames)} frames of a 4D image, told apart by {name}"
            if left_out:
                notes["frames"] += f"; {left_out} slices that make no whole volume were left out"
            return frames
    counts = {len(place) for place in places}
    if len(counts) == 1:
        count = counts.pop()
        by = "their order in the file" if one_file else "InstanceNumber"
        notes["frames"] = f"{count} frames of a 4D image; no tag tells them apart, so {by} did"
        return [[parts[place[moment]] for place in places] for moment in range(count)]
    first = next(place for place in places if len(place) > 1)
    pair = f"{parts[first[0]].place.name} and {parts[first[1]].place.name}"
    pairs = sum(len(place) - 1 for place in places)
    advice = (
        "no tag tells which belong together: convert the file to NIfTI, for instance with dcm2niix"
        if one_file
        else "no tag tells which belong together: put each time point or echo in its own folder"
    )
    raise ImageError(path, f"has slices in one place ({pair}; {pairs} such pairs), and not as many in each; {advice}")


def _names(parts: Sequence[Part]) -> list[str]:
    """The marks by which slices may be told apart, those that differ among them, and all together at last."""
    names = [name for name in parts[0].marks if len({part.marks.get(name) for part in parts}) > 1]
    return [*names, " and ".join(names)] if len(names) > 1 else names


def _told_apart(parts: Sequence[Part], places: list[list[int]], name: str) -> tuple[list[list[Part]], int] | None:
    """The frames by a mark, in the order in which they appear, and how many slices are left over; None if it does not
    tell them."""
    members: dict[Hashable, dict[int, int]] = {}
    for at, place in enumerate(places):
        for index in place:
            moment = members.setdefault(tuple(parts[index].marks.get(one) for one in name.split(" and ")), {})
            if at in moment:
                return None
            moment[at] = index
    whole = [moment for moment in members.values() if len(moment) == len(places)]
    left_out = len(parts) - len(whole) * len(places)
    # With more than a few left over, the mark is one of slices and not of moments.
    if not whole or left_out >= max(len(places), 1) * min(len(whole), 2):
        return None
    whole.sort(key=lambda moment: min(moment.values()))
    return [[parts[moment[at]] for at in range(len(places))] for moment in whole], left_out
