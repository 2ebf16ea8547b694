"""The DICOM files of a folder: which there are, and which images they make."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jlabel.errors import ImageError
from jlabel.imaging.file_names import is_image_name, may_be_dicom_name
from jlabel.imaging.formats.dicom_elements import HEAD_BYTES
from jlabel.imaging.formats.dicom_groups import Group, grouped, main_group, split_series_path, title
from jlabel.imaging.formats.dicom_header import DicomHeader, read_header
from jlabel.imaging.formats.dicom_objects import MEDIA_DIRECTORY, no_image
from jlabel.imaging.formats.dicom_sniff import is_dicom_head
from jlabel.imaging.formats.dicom_time_points import frame_geometry, with_geometry

_Seen = dict[str, tuple[int, int, DicomHeader | None]]
# A series may lie in some dozens of folders.
_MOST_FOLDERS, _MOST_FILES = 64, 50_000


class _RecentFolders:
    """The headers of the folders that were read last, by size and time: a folder of many series is opened again and
    again."""

    def __init__(self) -> None:
        self._folders: dict[Path, _Seen] = {}
        self._lock = threading.Lock()

    def get(self, folder: Path) -> _Seen:
        with self._lock:
            return self._folders.get(folder, {})

    def put(self, folder: Path, seen: _Seen) -> None:
        with self._lock:
            self._folders.pop(folder, None)
            self._folders[folder] = seen
            while len(self._folders) > _MOST_FOLDERS or (len(self._folders) > 1 and self._files() > _MOST_FILES):
                del self._folders[next(iter(self._folders))]

    def _files(self) -> int:
        return sum(map(len, self._folders.values()))


_recent = _RecentFolders()


@dataclass
class DicomFolder:
    """What lies in a folder.

    Attributes:
        groups: The images.
        others: How many files are no DICOM image.
        damaged: Names of files that should be DICOM and are not, or whose header cannot be read, and why.
        pictures: Whether files of other image formats lie there, by their names.
    """

    groups: list[Group] = field(default_factory=list)
    others: int = 0
    damaged: dict[str, str] = field(default_factory=dict)
    pictures: bool = False


def dicom_header(path: Path, head: bytes = b"") -> DicomHeader | None:
    """The header of a file that is DICOM, None for any other.

    Raises:
        ValueError: It is damaged.
        OSError: It cannot be read.
    """
    if not head:
        with path.open("rb", buffering=0) as file:
            head = file.read(HEAD_BYTES)
    return read_header(path, head) if is_dicom_head(head) else None


def look_into(folder: Path, parts: Sequence[str] = ("",)) -> DicomFolder:
    """Look at every file of a folder, not at those below it.

    Args:
        folder: The folder.
        parts: Look into these below it instead, with ``/``; the groups have their files by the paths from ``folder``.

    Raises:
        OSError: A folder cannot be listed.
    """
    found = DicomFolder()
    headers: dict[str, DicomHeader] = {}
    for part in parts:
        prefix = f"{part}/" if part else ""
        headers |= {prefix + name: header for name, header in _headers_in(folder / part, found).items()}
    found.groups = grouped(headers.items())
    return found


def _headers_in(folder: Path, found: DicomFolder) -> dict[str, DicomHeader]:
    """The headers of the images in a folder, by name; what else is there is noted in ``found``."""
    headers: dict[str, DicomHeader] = {}
    known, seen = _recent.get(folder), _Seen()
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if _is_file(entry))
    for name in names:
        path = folder / name
        try:
            state = path.stat()
            before = known.get(name)
            if before is None or before[:2] != (state.st_size, state.st_mtime_ns):
                before = (state.st_size, state.st_mtime_ns, dicom_header(path))
            seen[name] = before
            header = before[2]
        except (OSError, ValueError) as error:
            found.damaged[name] = f"is damaged: {error}"
            continue
        if header is None:
            found.pictures |= is_image_name(path.name) and not path.name.lower().endswith(".dcm")
            if may_be_dicom_name(path.name) and (path.name.lower().endswith(".dcm") or state.st_size == 0):
                found.damaged[path.name] = f"is no DICOM file ({state.st_size} bytes)"
            else:
                found.others += 1
        elif not header.rows or no_image(header.sop_class) is not None:
            found.others += header.sop_class != MEDIA_DIRECTORY
        else:
            headers[name] = header
    headers = with_geometry(headers, lambda name: frame_geometry(folder / name))
    for name, header in headers.items():
        seen[name] = (*seen[name][:2], header)
    _recent.put(folder, seen)
    return headers


def chosen_group(path: Path, folder: DicomFolder, key: str | None) -> Group:
    """The image of that key, or the one that the folder as a whole stands for.

    Raises:
        ImageError: There is none of that key, or it cannot be told which of several is meant.
    """
    if key is not None:
        group = next((group for group in folder.groups if group.key == key), None)
        if group is None:
            raise ImageError(path, "does not hold that series any more")
        return group
    if not folder.groups:
        if folder.damaged:
            name, why = next(iter(folder.damaged.items()))
            raise ImageError(path, f"its file {name!r} {why}")
        raise ImageError(path, "holds no DICOM image")
    group = main_group(folder.groups)
    if group is None and len(folder.groups) == 1:
        group = folder.groups[0]
    if group is None:
        _refuse_several(path, folder.groups)
    assert group is not None
    return group


def files_of(path: Path) -> list[Path]:
    """The files of the series that a path names; of any other folder all its files."""
    series = split_series_path(path)
    if series is None:
        return [path / entry.name for entry in os.scandir(path) if _is_file(entry)]
    groups = look_into(series.folder, series.parts).groups
    return [series.folder / name for group in groups if group.key == series.key for name in group.files]


def is_dicom_folder(path: Path | str) -> bool:
    """Whether a folder is one image: a DICOM series, whatever else lies beside it."""
    try:
        found = look_into(Path(path))
    except OSError:
        return False
    return main_group(found.groups, beside=found.pictures) is not None


def _refuse_several(path: Path, groups: list[Group]) -> None:
    sizes = {(group.header.columns, group.header.rows): group.files[0] for group in groups}
    if len({group.header.series for group in groups}) > 1:
        listed = "; ".join(f"{title(group)!r} ({len(group.files)} files)" for group in groups[:6])
        raise ImageError(path, f"holds {len(groups)} series: {listed}. Open each of them by itself")
    if len(sizes) > 1:
        (one, first), (other, second) = list(sizes.items())[:2]
        raise ImageError(
            path,
            f"has slices of different sizes: {first!r} has {one[0]} × {one[1]} pixels, {second!r} has "
            f"{other[0]} × {other[1]}",
        )
    names = f"{groups[0].files[0]!r} and {groups[1].files[0]!r}"
    if not any(group.stack for group in groups):
        raise ImageError(path, f"holds {len(groups)} images that are no slices of one ({names}): open each by itself")
    raise ImageError(
        path, f"has slices that differ in orientation or pixel spacing ({names}): open each group by itself"
    )


def _is_file(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and entry.is_file()
