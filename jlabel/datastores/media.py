"""What the directory of a medium (DICOMDIR) adds to the images that lie below it.

Images are found by their bytes, whatever a directory lists: it may be out of date, and files that it does not list are
images all the same. From it come the names of patients, studies and series, and which files were not copied along.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from jlabel.datastores.listing import Listing
from jlabel.datastores.spelling import folded
from jlabel.imaging.formats.dicom_directory import SeriesNames

#: The reason under which files are listed that a directory names and that are not there.
NOT_THERE = "that a DICOMDIR lists and that are not there"


def leave_out_missing(top: Path, listing: Listing) -> None:
    """Note the files that directories in this folder list and that are not there.

    A name may be there in other letters' case, or with the number of a version (``;1``), as media are copied.
    """
    names = _Names(top / listing.folder)
    for directory in listing.contents.directories():
        for path in directory.files:
            if not names.has(path):
                listing.leave_out(NOT_THERE, path)


def series_names(listings: Iterable[Listing]) -> dict[str, dict[str, SeriesNames]]:
    """The names of series that directories give, by the folder of the directory, then by SeriesInstanceUID."""
    found: dict[str, dict[str, SeriesNames]] = {}
    for listing in listings:
        for directory in listing.contents.directories():
            found.setdefault(listing.folder, {}).update(directory.series)
    return found


def names_of(series: str, folder: str, found: Mapping[str, Mapping[str, SeriesNames]]) -> SeriesNames | None:
    """What the directory that is nearest above a folder calls a series; None where there is none.

    Args:
        series: SeriesInstanceUID.
        folder: Where its files lie.
        found: From :func:`series_names`.
    """
    while True:
        names = found[folder].get(series) if folder in found else None
        if names is not None or not folder:
            return names
        folder = folder.rpartition("/")[0]


class _Names:
    """What lies below a folder, each of its folders listed once."""

    def __init__(self, top: Path) -> None:
        self._top = top
        self._listed: dict[str, dict[str, str]] = {}

    def has(self, path: str) -> bool:
        """Whether there is something of that name."""
        folder = ""
        for part in path.split("/"):
            found = self._entries(folder).get(folded(part))
            if found is None:
                return False
            folder = f"{folder}/{found}" if folder else found
        return True

    def _entries(self, folder: str) -> dict[str, str]:
        known = self._listed.get(folder)
        if known is None:
            try:
                names = os.listdir(self._top / folder)  # noqa: PTH208 - names are all that is wanted
            except OSError:
                names = []
            known = self._listed[folder] = {folded(name.partition(";")[0]): name for name in names}
        return known
