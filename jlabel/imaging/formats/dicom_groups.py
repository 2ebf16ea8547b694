"""Which DICOM files of a folder make one image: by what their headers say, whatever their names are.

What decides: files with one frame and a place in the patient make one image where SeriesInstanceUID, SOPClassUID, Rows
and Columns are the same, and ImageOrientationPatient and PixelSpacing are alike. Objects with functional groups make
one image, a moment each, where the frames of all lie in the same places as well (``dicom_time_points``); those that one
object was cut into (a concatenation, PS3.3 C.7.6.16.2.2.4) make that object again, where ConcatenationUID is the same.
Every other image (many frames, no place) is an image of its own.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from jlabel.imaging.formats.dicom_header import DicomHeader
from jlabel.imaging.formats.dicom_time_points import UNKNOWN

_UID = re.compile(r"[0-9][0-9.]{0,63}")
_MARK = "series="
_NO_NAME = re.compile(r"[^A-Za-z0-9]+")
_LONGEST_NAME = 40


@dataclass
class Group:
    """The files of one image.

    Attributes:
        header: That of the first file.
        files: Their names, by InstanceNumber, then by name.
        key: What tells it from the other images of the folder: letters, digits and dots.
        stack: Whether its files are slices of a volume, moments of a 4D image, or parts of one object; if not, it has
            one file.
    """

    header: DicomHeader
    files: list[str] = field(default_factory=list)
    key: str = ""
    stack: bool = False


def grouped(files: Iterable[tuple[str, DicomHeader]]) -> list[Group]:
    """The images that some files of one folder make, ordered by their keys, whatever the order of the files."""
    alone: list[Group] = []
    series: dict[tuple[str, str, int, int], list[Group]] = {}
    moments: dict[tuple[object, ...], Group] = {}
    for name, header in sorted(files, key=lambda file: (file[1].instance, file[0])):
        if header.concatenation:
            parts = (header.series, header.sop_class, header.rows, header.columns, header.concatenation)
            moments.setdefault(parts, Group(header, stack=True)).files.append(name)
            continue
        if header.geometry not in ("", UNKNOWN):
            kind = (header.series, header.sop_class, header.rows, header.columns, header.frames, header.geometry)
            moments.setdefault(kind, Group(header, stack=True)).files.append(name)
            continue
        if not header.placed or header.frames > 1:
            alone.append(Group(header, [name]))
            continue
        same = series.setdefault((header.series, header.sop_class, header.rows, header.columns), [])
        group = next((group for group in same if is_alike(group.header, header)), None)
        if group is None:
            group = Group(header, stack=True)
            same.append(group)
        group.files.append(name)
    alone += [Group(group.header, group.files) for group in moments.values() if len(group.files) == 1]
    stacks = [group for groups in series.values() for group in groups]
    stacks += [group for group in moments.values() if len(group.files) > 1]
    for group in stacks:
        several = sum(other.header.series == group.header.series for other in stacks) > 1
        group.key = _key(group.header, several)
    for group in alone:
        group.key = _digest(group.files[0])
    return sorted((*stacks, *alone), key=lambda group: (group.key, group.files[0]))


def main_group(groups: list[Group], *, beside: bool = False) -> Group | None:
    """The one that a folder as a whole stands for: its only image, or the only one that has several files.

    Args:
        groups: The images that its DICOM files make.
        beside: Whether other images lie in the folder: then a single file stands for itself.
    """
    several = [group for group in groups if group.stack and len(group.files) > 1]
    if len(several) == 1:
        return several[0]
    return groups[0] if len(groups) == 1 and groups[0].stack and not beside else None


def series_path(folder: str, group: Group) -> str:
    """The path of one series among several in a folder: ``folder/series=1.2.3``, which is no file."""
    return f"{folder}/{_MARK}{group.key}" if folder not in ("", ".") else f"{_MARK}{group.key}"


def joined_path(key: str, folders: Sequence[str]) -> str | None:
    """The path of a series whose files lie in several folders: ``top/series=1.2.3/a/series=/b`` for ``top/a`` and
    ``top/b``, which is no file either. None where a folder's name is one that such a path is made of.

    Args:
        key: Of the image.
        folders: Relative to one folder, with ``/``; "" for that folder.
    """
    if any(part.startswith(_MARK) for folder in folders for part in folder.split("/")):
        return None
    top = common_folder(folders)
    inner = [folder[len(top) :].strip("/") for folder in folders]
    first, *others = [f"/{one}" if one else "" for one in inner]
    return f"{top}/{_MARK}{key}{first}".lstrip("/") + "".join(f"/{_MARK}{one}" for one in others)


def common_folder(folders: Sequence[str]) -> str:
    """The folder that all of them are in, or are; "" for the top."""
    return os.path.commonpath(folders) if all(folders) else ""


class SeriesPath(NamedTuple):
    """What a path says that :func:`series_path` or :func:`joined_path` made.

    Attributes:
        folder: In which the series lies.
        key: That of its image.
        parts: Below the folder, where its files are, with ``/``; one that is "" where they are in the folder itself.
    """

    folder: Path
    key: str
    parts: tuple[str, ...] = ("",)


def split_series_path(path: Path) -> SeriesPath | None:
    """What such a path says; None for any other, and where there is a file of that name."""
    found = parse_series_path(path)
    return None if found is None or os.path.lexists(found.folder / f"{_MARK}{found.key}") else found


def parse_series_path(path: Path) -> SeriesPath | None:
    """As :func:`split_series_path`, whatever files there are."""
    names = path.parts
    at = next((at for at, name in enumerate(names) if name.startswith(_MARK) and name != _MARK), None)
    if at is None or ".." in names[at:]:
        return None
    parts: list[list[str]] = [[]]
    for name in names[at + 1 :]:
        if name == _MARK:
            parts.append([])
        else:
            parts[-1].append(name)
    return SeriesPath(Path(*names[:at]), names[at].removeprefix(_MARK), tuple("/".join(part) for part in parts))


def path_on_disk(path: Path) -> Path:
    """The file or folder that holds an image: the path itself, or the first folder in which the series lies."""
    found = split_series_path(path)
    return path if found is None else found.folder / found.parts[0]


def series_name(group: Group) -> str:
    """A short name for a series, of letters, digits and ``_`` alone: its number and its description."""
    words = _NO_NAME.sub("_", f"{group.header.number}_{group.header.description}").strip("_")[:_LONGEST_NAME]
    return words.rstrip("_") or f"series_{_digest(group.key)[:6]}"


def series_mark(group: Group) -> str:
    """A few digits that tell series of one name apart."""
    return _digest(group.key)[:6]


def title(group: Group) -> str:
    """What a person calls it: number and description of the series, else its UID."""
    return f"{group.header.number} {group.header.description}".strip() or group.header.series or group.files[0]


def is_alike(one: DicomHeader, other: DicomHeader) -> bool:
    """Whether slices with those headers can be of one volume, if they are of one series."""
    if (one.sop_class, one.rows, one.columns) != (other.sop_class, other.rows, other.columns):
        return False
    turned = max(abs(a - b) for a, b in zip(one.orientation, other.orientation, strict=True))
    stretched = max(abs(a - b) for a, b in zip(one.spacing, other.spacing, strict=True))
    return turned <= 1e-3 and stretched <= 1e-3 * max(map(abs, one.spacing))


def _key(header: DicomHeader, several: bool) -> str:
    uid = header.series if _UID.fullmatch(header.series) else _digest(header.series)
    if not several:
        return uid
    turn = [round(value, 1) + 0.0 for value in header.orientation]
    pixels = [float(f"{value:.2g}") for value in header.spacing]
    kind: tuple[object, ...] = (header.sop_class, header.rows, header.columns, turn, pixels)
    kind += (header.frames, header.geometry) if header.geometry and not header.concatenation else ()
    kind += (header.concatenation,) if header.concatenation else ()
    return f"{uid}.{_digest(repr(kind))[:8]}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
