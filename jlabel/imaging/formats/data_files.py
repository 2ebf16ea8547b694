"""Voxels that lie in several files, as the headers of NRRD and MetaImage name them: each holds a part of the last axes.

What decides, by Teem's "Definition of NRRD File Format" (http://teem.sourceforge.net/nrrd/format.html) and MetaIO's
documentation (https://itk.org/Wiki/ITK/MetaIO/Documentation), which agree: ``LIST`` with the names in the lines below
it, or a pattern of C's printf with the first number, the last one and the step; a number behind it says how many axes
one file has, all but the last where there is none. In NRRD it may be all of them: then each file has a part of the last
axis.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.formats.byte_source import Packing
from jlabel.imaging.formats.file_opening import named_beside, open_bytes

_MOST_FILES = 100_000
_LONGEST = 1000
_PATTERN = re.compile(r"(?P<before>[^%]*)%(?P<zero>0?)(?P<width>[0-9]{0,2})[diu](?P<after>[^%]*)")
_NUMBERED = re.compile(
    r"(?P<pattern>.*%.*?)\s+(?P<first>-?[0-9]+)\s+(?P<last>-?[0-9]+)\s+(?P<step>-?[0-9]+)(\s+(?P<axes>-?[0-9]+))?"
)
_LIST = "LIST"


def names_several(name: str) -> bool:
    """Whether the name of a data file stands for several."""
    return name.split(" ")[0].upper() == _LIST or "%" in name


def data_files(path: Path, name: str, below: Sequence[str], sizes: tuple[int, ...]) -> list[Path]:
    """The files, in the order of their voxels.

    Args:
        path: The header's file.
        name: What it says in the place of a name: ``"LIST"``, ``"LIST 2"``, ``"slice%03d.raw 1 60 1"``.
        below: The lines below it.
        sizes: Of the axes, the fastest first.

    Raises:
        ImageError: That names no files, or not as many as the axes need, or one that does not lie beside the header.
    """
    words = name.split()
    if words[0].upper() == _LIST:
        names = [line.strip() for line in below if line.strip()]
        axes = words[1:]
    else:
        names, axes = _numbered(path, name)
    each = _whole(path, axes[0], name) if axes else len(sizes) - 1
    if not 1 <= each <= len(sizes) or len(axes) > 1:
        raise ImageError(path, f"has a damaged header: its data files ({name[:60]}) have no part of {len(sizes)} axes")
    if each < len(sizes) and len(names) != math.prod(sizes[each:]):
        needed = math.prod(sizes[each:])
        raise ImageError(path, f"names {len(names)} data files, where its {len(sizes)} axes need {needed}")
    if not names or (each == len(sizes) and sizes[-1] % len(names) != 0):
        raise ImageError(path, f"names {len(names)} data files, which do not share its last axis of {sizes[-1]}")
    return [named_beside(path, one) for one in names]


def joined_voxels(
    path: Path,
    files: Sequence[Path],
    size: int,
    packing: Packing,
    start: Callable[[Path, int], tuple[int, int]],
    notes: dict[str, str],
) -> NDArray[np.uint8]:
    """The bytes of all files, one behind the other, as a flat, writable array.

    Args:
        path: The image, named in errors.
        files: The files; all have as many voxels.
        size: Bytes of all voxels.
        packing: How each file is compressed.
        start: Where the voxels of a file with so many bytes of them begin: before it is unpacked, and in what is
            unpacked.
        notes: Gets a note of what else there is in the files.

    Raises:
        ImageError: A file is not there, is damaged, or holds more or fewer voxels.
    """
    each = size // len(files)
    found = sum(file.stat().st_size for file in files if file.is_file())
    if packing == "none" and found < size:
        missing = next((file for file in files if not file.is_file()), None)
        why = f"names the file {missing.name!r}, which does not exist" if missing is not None else "is truncated"
        raise ImageError(path, f"{why}: {size} bytes of voxels are promised and {found} are there")
    raw: NDArray[np.uint8] | None = None
    for number, file in enumerate(files):
        packed, unpacked = start(file, each)
        with open_bytes(file, path, packed, packing) as source:
            source.skip(unpacked)
            part = source.voxels(each)
            source.finish()
            notes |= source.notes
        if raw is None:
            raw = np.empty(size, np.uint8)
        raw[number * each : (number + 1) * each] = part
    assert raw is not None
    return raw


def _numbered(path: Path, name: str) -> tuple[list[str], list[str]]:
    """The names that a pattern makes, and what follows its numbers."""
    found, numbered = None, _NUMBERED.fullmatch(name) if len(name) <= _LONGEST else None
    if numbered is not None:
        found = _PATTERN.fullmatch(numbered["pattern"])
    if found is None or numbered is None:
        raise ImageError(
            path, f"names its data files by {name[:60]!r}; a pattern such as 'slice%03d.raw 1 60 1' is known"
        )
    first, last, step = (_whole(path, numbered[part], name) for part in ("first", "last", "step"))
    if step == 0 or (last - first) * step < 0 or (last - first) // step >= _MOST_FILES:
        raise ImageError(path, f"has a damaged header: its data files ({name[:60]}) are none, or without end")
    width, fill = int(found["width"] or 0), "0" if found["zero"] else " "
    numbers = range(first, last + (1 if step > 0 else -1), step)
    names = [f"{found['before']}{str(number).rjust(width, fill)}{found['after']}" for number in numbers]
    return names, [numbered["axes"]] if numbered["axes"] else []


def _whole(path: Path, word: str, name: str) -> int:
    if re.fullmatch(r"-?[0-9]{1,9}", word) is None:
        raise ImageError(
            path, f"has a damaged header: {word[:20]!r} in its data files ({name[:60]}) is no whole number"
        )
    return int(word)
