"""Finding the images in a folder tree without listing the folders that have not changed."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jlabel.datastores.names import problem_with_id
from jlabel.imaging.dicom_sniff import is_dicom_folder
from jlabel.imaging.names import is_image_name

# A folder that changed this short a time before it was listed may change again without its time changing.
_SETTLED_NS = 2_000_000_000


@dataclass(frozen=True)
class Listing:
    """One folder that was new or had changed.

    Attributes:
        folder: Its path relative to the tree's top, with ``/``; "" for the top.
        mtime_ns: Its time; None where that cannot be relied on yet.
        files: Names of the image files in it, sorted.
        series: Whether the folder itself is one image, a DICOM series.
    """

    folder: str
    mtime_ns: int | None
    files: list[str]
    series: bool = False


@dataclass
class Scan:
    """What a scan found: the changed folders' contents, and all folders that exist."""

    listings: list[Listing] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    unusable: list[str] = field(default_factory=list)


def scan_tree(
    top: Path, known: Mapping[str, int | None], *, leave_out: Collection[Path] = (), series: bool = True
) -> Scan:
    """List the new and changed folders of a tree; symbolic links to folders are followed, hidden names are not looked
    at.

    Args:
        top: The tree.
        known: The time at which each folder was listed, from an earlier scan.
        leave_out: Folders that do not belong to the tree.
        series: Whether a folder of DICOM files is one image.

    Raises:
        OSError: ``top`` cannot be read. Folders below it that cannot be read are listed in ``unusable``.
    """
    scan = Scan()
    children = _children(known)
    seen: set[tuple[int, int]] = set()
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        path = top / folder
        try:
            state = path.stat()
            if (state.st_dev, state.st_ino) in seen:
                continue
            seen.add((state.st_dev, state.st_ino))
            if known.get(folder) == state.st_mtime_ns:
                below = children.get(folder, [])
            else:
                below = _list_folder(scan, top, folder, state.st_mtime_ns, series)
        except OSError as error:
            if not folder:
                raise
            if not isinstance(error, FileNotFoundError):
                scan.unusable.append(f"{folder} ({error.strerror})")
                scan.folders.add(folder)
            continue
        scan.folders.add(folder)
        waiting.extend(sub for sub in below if top / sub not in leave_out)
    scan.listings.sort(key=lambda listing: listing.folder)
    return scan


def _list_folder(scan: Scan, top: Path, folder: str, mtime_ns: int, series: bool) -> list[str]:
    prefix = f"{folder}/" if folder else ""
    names, below, others = [], [], False
    with os.scandir(top / folder) as entries:
        for entry in entries:
            name = entry.name
            if name.startswith("."):
                continue
            if entry.is_dir():
                below.append(prefix + name)
            elif is_image_name(name) and entry.is_file():
                names.append(name)
            else:
                others = True
    good = [name for name in names if problem_with_id(name) is None]
    scan.unusable.extend(repr(prefix + name) for name in names if problem_with_id(name) is not None)
    dicom_only = all(name.lower().endswith(".dcm") for name in good)
    one_image = series and dicom_only and (others or bool(good)) and is_dicom_folder(top / folder)
    trusted = mtime_ns if time.time_ns() - mtime_ns > _SETTLED_NS else None
    scan.listings.append(Listing(folder, trusted, [] if one_image else sorted(good), one_image))
    usable = [sub for sub in below if problem_with_id(sub) is None]
    scan.unusable.extend(repr(sub) for sub in below if sub not in usable)
    return [] if one_image else sorted(usable, reverse=True)


def _children(known: Mapping[str, int | None]) -> dict[str, list[str]]:
    children: dict[str, list[str]] = {}
    for folder in known:
        if folder:
            children.setdefault(folder.rpartition("/")[0], []).append(folder)
    return children
