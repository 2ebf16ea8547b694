"""Which objects make one image: its file, the files that a header names, or the slices of a DICOM series."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from jlabel.errors import DatastoreError
from jlabel.files.temporary import is_temporary
from jlabel.imaging.file_names import is_companion_name, is_image_name
from jlabel.imaging.formats.dicom_folder import DicomFolder, chosen_group, look_into
from jlabel.imaging.formats.dicom_groups import split_series_path

_MOST_HEADER = 256 * 1024
# A pattern of C's printf, as a header names many data files by it.
_PATTERN = re.compile(r"([^\s%/\\]*)%0?[0-9]{0,2}[diu]([^\s%/\\]*)")

ReadStart = Callable[[str, int], bytes]
"""Gives the first bytes of an object."""


def files_of_image(top: Path, path: str, read_start: ReadStart) -> list[str]:
    """The objects of an image, relative to the top of the images.

    Args:
        top: The folder of placeholders.
        path: Of the image in the catalogue.
        read_start: Reads the header of an image whose voxels lie in other files.

    Raises:
        DatastoreError: The image is not listed any more.
    """
    place = top / path
    series = split_series_path(place)
    try:
        if series is not None:
            return _slices(top, place, series.folder, look_into(series.folder, series.parts), series.key)
        if place.is_dir():
            return _slices(top, place, place, look_into(place), None)
    except OSError as error:
        raise DatastoreError(f"{path}: the image is not listed any more") from error
    return [path, *_data_files(top, path, read_start)]


def _slices(top: Path, place: Path, folder: Path, found: DicomFolder, key: str | None) -> list[str]:
    # A damaged file may be a slice that lacks: whoever reads the series has to meet it.
    names = [*chosen_group(place, found, key).files, *found.damaged]
    return [(folder / name).relative_to(top).as_posix() for name in names]


def _data_files(top: Path, path: str, read_start: ReadStart) -> list[str]:
    ending = path.lower().rpartition(".")[2]
    if ending == "hdr" or path.lower().endswith(".hdr.gz"):
        stem = path[: path.lower().rindex(".hdr")]
        return [name for end in (".img", ".img.gz", ".IMG") if (top / (name := stem + end)).is_file()]
    if ending not in ("mhd", "nhdr"):
        return []
    folder = path.rpartition("/")[0]
    header = read_start(path, _MOST_HEADER).decode("latin-1")
    patterns = [(found[1], found[2]) for found in _PATTERN.finditer(header)]

    def is_named(file: Path) -> bool:
        inside = file.relative_to(top / folder).as_posix()
        return inside in header or any(
            file.name.startswith(before) and file.name.endswith(after) for before, after in patterns
        )

    return [file.relative_to(top).as_posix() for file in sorted((top / folder).rglob("*")) if _is_data(file, is_named)]


def _is_data(file: Path, is_named: Callable[[Path], bool]) -> bool:
    if is_temporary(file.name) or is_companion_name(file.name) or not file.is_file():
        return False
    return not (is_image_name(file.name) and file.suffix.lower() in (".mhd", ".nhdr")) and is_named(file)
