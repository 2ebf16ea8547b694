"""What looking into the files of a folder has shown, kept by their sizes and times so that nobody looks twice.

Files whose name says what they are, an image or something beside images, are not looked into. Of all others the first
bytes decide: a DICOM image, a DICOM object that is none, or neither.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jlabel.datastores.safe_names import problem_with_id
from jlabel.files.json_values import parse_json
from jlabel.imaging.file_names import (
    is_companion_name,
    is_data_of_header,
    is_unsupported_name,
    may_be_dicom_name,
)
from jlabel.imaging.formats.dicom_directory import MediaDirectory, SeriesNames, read_media_directory
from jlabel.imaging.formats.dicom_elements import HEAD_BYTES
from jlabel.imaging.formats.dicom_folder import dicom_header
from jlabel.imaging.formats.dicom_groups import Group, grouped, title
from jlabel.imaging.formats.dicom_header import DicomHeader
from jlabel.imaging.formats.dicom_objects import DOSE, MEDIA_DIRECTORY, no_image
from jlabel.imaging.formats.dicom_time_points import candidates, frame_geometry, with_geometry

_SHOWN = 8
UNSUPPORTED = "of a format that is not supported"
NO_IMAGE = "DICOM objects that hold no image"
BAD_DIRECTORY = "DICOMDIR passed by"
DAMAGED = "damaged, or no DICOM file in spite of the name"
NO_ID = "whose names cannot be image ids, or that cannot be read"
TWIN = "whose names are other spellings (unicode, letter case) of names beside them"
BUNDLE = "MONAI bundle"
MASKS = "masks by their names"
ANNOTATIONS = "annotations by their names"
NO_SUCH_IMAGE = "of images that are not there"
LOOSE = "beside the folders of the tags and not in one of them, such as labels/final"


@dataclass
class Seen:
    """One file.

    Attributes:
        size: When it was looked into.
        mtime_ns: Likewise.
        header: What it says, if it is a DICOM image; the same for all slices of a series.
        why: Why it is left out; "" where that is no matter.
        position: Where the slice lies, in mm.
        directory: What it lists, if it is the directory of a medium.
    """

    size: int
    mtime_ns: int
    header: DicomHeader | None
    why: str = ""
    position: tuple[float, ...] = ()
    directory: MediaDirectory | None = None


@dataclass
class LeftOut:
    """Files that were passed over for one reason: how many, and the names of some."""

    count: int = 0
    names: list[str] = field(default_factory=list)

    def add(self, name: str, count: int = 1) -> None:
        """One more."""
        self.count += count
        if len(self.names) < _SHOWN:
            self.names.append(name)


class FolderContents:
    """The files of one folder that were looked into, by name."""

    def __init__(self, files: Mapping[str, Seen] | None = None) -> None:
        self.files: dict[str, Seen] = dict(files or {})

    def look(self, folder: Path, others: Collection[str], known: FolderContents, extensions: Collection[str]) -> None:
        """Look into files that no image's name tells, but for those that are known and have not changed.

        Args:
            folder: Where they are.
            others: Their names.
            known: What was found before.
            extensions: Those of the image files beside them, in lower case.
        """
        for name in sorted(others):
            if is_companion_name(name):
                continue
            try:
                state = (folder / name).stat()
                before = known.files.get(name)
                if before is None or (before.size, before.mtime_ns) != (state.st_size, state.st_mtime_ns):
                    before = _looked_at(folder / name, state, extensions)
            except OSError as error:
                before = Seen(0, 0, None, f"{NO_ID}: {error.strerror}")
            self.files[name] = before
        headers = {name: seen.header for name, seen in self.files.items() if seen.header is not None}
        for name, header in with_geometry(headers, lambda name: frame_geometry(folder / name)).items():
            if header is not headers[name]:
                self.files[name] = replace(self.files[name], header=header)

    def groups(self) -> list[Group]:
        """The images that the DICOM files make."""
        return grouped((name, seen.header) for name, seen in self.files.items() if seen.header is not None)

    def apart(self) -> list[tuple[str, int]]:
        """Series of several objects with many frames that could be moments of one image, but for their places: what a
        person calls them, and how many files they have."""
        headers = {name: seen.header for name, seen in self.files.items() if seen.header is not None}
        found = []
        for names in candidates(headers):
            if len({headers[name].geometry for name in names}) > 1:
                found.append((title(Group(headers[names[0]], names)), len(names)))
        return found

    def dump(self) -> str:
        """As text: a line with what is asked of all folders at once (:func:`kept_in_short`), and one with the rest."""
        headers: dict[DicomHeader, int] = {}
        files = {}
        for name, seen in self.files.items():
            at = headers.setdefault(seen.header, len(headers)) if seen.header is not None else seen.why
            files[name] = (seen.size, seen.mtime_ns, at, *seen.position)
        found = {name: seen.directory for name, seen in self.files.items() if seen.directory is not None}
        directories = {name: {"files": one.files, "series": one.series} for name, one in found.items()}
        short = {"series": sorted(self.series()), "directory": bool(found)}
        rest = {"headers": list(headers), "directories": directories, "files": files}
        return f"{json.dumps(short)}\n{json.dumps(rest)}"

    def series(self) -> set[str]:
        """The UIDs of the series whose slices lie here."""
        headers = (seen.header for seen in self.files.values() if seen.header is not None)
        return {header.series for header in headers if header.placed and header.frames == 1 and header.series}

    def directories(self) -> list[MediaDirectory]:
        """What the directories of media list that lie here."""
        return [seen.directory for seen in self.files.values() if seen.directory is not None]

    @classmethod
    def load(cls, text: str | None) -> FolderContents:
        """From text; what cannot be understood counts as not known."""
        try:
            kept: dict[str, Any] = json.loads((text or "{}").rpartition("\n")[2])
            headers = [_header(values) for values in kept.get("headers", [])]
            directories = {name: _directory(values) for name, values in kept.get("directories", {}).items()}
            files = {}
            for name, (size, time, at, *position) in kept.get("files", {}).items():
                header, why = (headers[at], "") if isinstance(at, int) else (None, str(at))
                if header is not None and header.placed and len(position) != 3:
                    continue  # kept before places were: it is looked into again
                where = tuple(float(one) for one in position)
                files[name] = Seen(int(size), int(time), header, why, where, directories.get(name))
            return cls(files)
        except (ValueError, TypeError, IndexError, AttributeError, KeyError, OverflowError, RecursionError):
            return cls()


def kept_in_short(text: object) -> tuple[frozenset[str], bool]:
    """From the first line of :meth:`FolderContents.dump`: the UIDs of series, and whether a directory of a medium lies
    there."""
    try:
        kept = parse_json(text if isinstance(text, str) else "{}")
        return frozenset(str(uid) for uid in kept.get("series", ())), kept.get("directory") is True
    except (ValueError, TypeError, AttributeError):
        return frozenset(), False


def _looked_at(path: Path, state: os.stat_result, extensions: Collection[str]) -> Seen:
    with path.open("rb", buffering=0) as file:
        head = file.read(HEAD_BYTES)
    header, why = None, ""
    try:
        header = dicom_header(path, head) if head else None
    except ValueError:
        why = DAMAGED if may_be_dicom_name(path.name) else ""
        return Seen(state.st_size, state.st_mtime_ns, None, why)
    if header is None:
        why = _why_no_dicom(path.name, head, extensions)
    elif header.sop_class == MEDIA_DIRECTORY:
        return _directory_seen(path, state)
    else:
        what = no_image(header.sop_class)
        if what is None and header.sop_class == DOSE:
            what = "a radiotherapy dose"
        if what is None and not header.rows:
            what = "without pixels"
        if what is not None:
            header, why = None, f"{NO_IMAGE}: {what}"
    if header is None:
        return Seen(state.st_size, state.st_mtime_ns, None, why)
    # The reader sorts by the number in its series; here the files of a series share one header.
    shared = header._replace(instance=0, position=())
    return Seen(state.st_size, state.st_mtime_ns, shared, why, header.position if header.placed else ())


def _directory_seen(path: Path, state: os.stat_result) -> Seen:
    try:
        return Seen(state.st_size, state.st_mtime_ns, None, directory=read_media_directory(path))
    except ValueError as error:
        return Seen(state.st_size, state.st_mtime_ns, None, f"{BAD_DIRECTORY}: {error}")


def _why_no_dicom(name: str, head: bytes, extensions: Collection[str]) -> str:
    if name.lower().endswith(".dcm"):
        return DAMAGED
    if is_data_of_header(name, extensions) or not head:
        return ""
    if is_unsupported_name(name) or name.lower().endswith((".img", ".img.gz")):
        return UNSUPPORTED
    printable = sum(32 <= byte < 127 or byte in b"\t\r\n" or byte >= 128 for byte in head[:512])
    return "" if printable > 0.95 * len(head[:512]) and 0 not in head else UNSUPPORTED


def _header(values: Any) -> DicomHeader:
    kept = DicomHeader(*values)
    found = DicomHeader(
        sop_class=str(kept.sop_class),
        series=str(kept.series),
        number=str(kept.number),
        description=str(kept.description),
        instance=int(kept.instance),
        frames=int(kept.frames),
        rows=int(kept.rows),
        columns=int(kept.columns),
        placed=bool(kept.placed),
        orientation=tuple(float(one) for one in kept.orientation),
        spacing=tuple(float(one) for one in kept.spacing),
        geometry=str(kept.geometry),
        study=str(kept.study),
        concatenation=str(kept.concatenation),
    )
    if not all(map(math.isfinite, (*found.orientation, *found.spacing))):
        raise ValueError("a place is none")
    if found.placed and (len(found.orientation), len(found.spacing)) != (6, 2):
        raise ValueError("a place is none")
    return found


def _directory(values: Any) -> MediaDirectory:
    files = tuple(str(path) for path in values["files"])
    if any(problem_with_id(path) is not None for path in files):
        raise ValueError("a path leads elsewhere")
    names = {str(uid): SeriesNames(*map(str, three)) for uid, three in values["series"].items()}
    return MediaDirectory(files, names)
