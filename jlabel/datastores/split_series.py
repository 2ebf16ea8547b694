"""DICOM series whose files lie in several folders, as some media have them: a folder for each hundred slices.

Their slices are one image where all of them together make one regular grid, no two in one place. Where they do not, as
with a copy of the series or with a folder for each moment, every folder stays an image of its own, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from jlabel.datastores.listing import Listing, Series
from jlabel.errors import ImageError
from jlabel.imaging.formats.dicom_groups import Group, common_folder, grouped, is_alike, joined_path, title
from jlabel.imaging.formats.dicom_header import DicomHeader
from jlabel.imaging.formats.dicom_slices import Slice, check_alike, check_gaps

SAME_PLACE = "some of their slices lie in the same places: copies, or moments of a 4D image"
NO_GRID = "their slices make no regular grid together"
#: The reason under which such series are listed, with one of the two above behind it.
SPLIT = "series in several folders"
#: The reason for files of one series with many frames each, which are no moments of one image.
APART = "series of objects whose frames lie in different places"

_Part = tuple[Listing, Series]


def join_series(listings: Iterable[Listing]) -> None:
    """Make one image of series that lie in several of these folders, where that is safe."""
    found: dict[str, list[_Part]] = {}
    for listing in sorted(listings, key=lambda one: one.folder):
        for series in listing.series:
            header = series.group.header
            if series.group.stack and not header.geometry and not header.concatenation and header.series:
                found.setdefault(header.series, []).append((listing, series))
    for members in found.values():
        for parts in _alike(members) if len(members) > 1 else ():
            if len(parts) > 1:
                _join(parts)


def _alike(members: Iterable[_Part]) -> Iterator[list[_Part]]:
    """Those of one series whose slices could be one image."""
    kinds: list[list[_Part]] = []
    for part in members:
        header = part[1].group.header
        kind = next((kind for kind in kinds if _is_alike(kind[0][1].group.header, header)), None)
        if kind is None:
            kinds.append([part])
        else:
            kind.append(part)
    yield from kinds


def _is_alike(one: DicomHeader, other: DicomHeader) -> bool:
    # What was made anonymous may give one UID to the series of several patients.
    return one.study == other.study and is_alike(one, other)


def _join(parts: list[_Part]) -> None:
    folders = [listing.folder for listing, _ in parts]
    home = common_folder(folders)
    problem = _problem(parts)
    group = None if problem else _common_group(parts, home)
    path = None if group is None else joined_path(group.key, folders)
    if group is None or path is None:
        said = f"{title(parts[0][1].group)!r} in {', '.join(folder or '.' for folder in folders)}"
        parts[0][0].leave_out(f"{SPLIT}: {problem or NO_GRID}", said)
        return
    for listing, series in parts:
        listing.series = [one for one in listing.series if one is not series]
    parts[0][0].series.append(Series(path, group, whole=False, home=home, folders=tuple(folders)))


def _problem(parts: Sequence[_Part]) -> str:
    """Why the slices of all folders make no volume; "" where they do."""
    slices = [
        _slice(listing, series.group, name.rpartition("/")[2])
        for listing, series in parts
        for name in series.group.files
    ]
    known = [one for one in slices if one is not None]
    if len(known) < len(slices):
        return NO_GRID
    positions = {tuple(np.round(one.position, 2).tolist()) for one in known}
    if len(positions) < len(known):
        return SAME_PLACE
    normal = known[0].normal
    known.sort(key=lambda one: float(one.position @ normal))
    try:
        check_alike(Path(), known)
        check_gaps(Path(), known)
    except ImageError:
        return NO_GRID
    return ""


def _slice(listing: Listing, group: Group, name: str) -> Slice | None:
    position = listing.contents.files[name].position
    header = group.header
    turn = np.array(header.orientation, float)
    if len(position) != 3 or not np.isfinite([*position, *turn, *header.spacing]).all():
        return None
    return Slice(name, np.array(position), turn[:3], turn[3:], (header.spacing[1], header.spacing[0]))


def _common_group(parts: Sequence[_Part], home: str) -> Group | None:
    """The image as its reader finds it among all files of these folders; None where that has other files."""
    headers = [
        (_from(home, listing.folder, name), seen.header)
        for listing, _ in parts
        for name, seen in listing.contents.files.items()
        if seen.header is not None
    ]
    wanted = {
        _from(home, listing.folder, name.rpartition("/")[2]) for listing, series in parts for name in series.group.files
    }
    return next((group for group in grouped(headers) if {*group.files} == wanted), None)


def _from(home: str, folder: str, name: str) -> str:
    return f"{folder}/{name}"[len(home) :].lstrip("/")
