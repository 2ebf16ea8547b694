"""NRRD with its voxels attached or detached: pynrrd reads the header, the voxels are read and checked here.

What decides, by Teem's "Definition of NRRD File Format" (http://teem.sourceforge.net/nrrd/format.html):

- ``type``, ``endian`` (needed where a voxel has several bytes), ``encoding``, ``line skip`` (before unpacking),
  ``byte skip`` (after it; -1 counts from the end of raw data) and ``data file`` the voxels, which may lie in several
  files (:mod:`jlabel.imaging.formats.data_files`). ``old min`` and ``old max`` only tell what the values once were, and
  change nothing. Names of fields may be in capitals, and vectors may have spaces.
- ``sizes`` the shape, first axis fastest. ``kinds`` and a ``none`` among the ``space directions`` tell which axis is
  not in space: colours, frames (``list``, ``time``), one value that is nothing more (``stub``, ``scalar``); vectors,
  matrices and complex numbers are refused.
- The fields that give the position: see :mod:`jlabel.imaging.formats.nrrd_affine`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.formats.byte_source import ByteSource, Packing
from jlabel.imaging.formats.data_files import data_files, joined_voxels, names_several
from jlabel.imaging.formats.file_opening import named_beside, open_bytes
from jlabel.imaging.formats.nrrd_affine import axis_steps, grid_affine
from jlabel.imaging.formats.text_voxels import hex_bytes, text_voxels
from jlabel.imaging.formats.voxel_types import plain_type, rgb_from_rgba, shaped, voxel_bytes
from jlabel.imaging.image import Image

_TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": ("longlong", "long long", "long long int", "signed long long", "signed long long int", "int64", "int64_t"),
    "u8": ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}
_CODES = {name: code for code, names in _TYPES.items() for name in names}
_PACKINGS: dict[str, Packing] = {"raw": "none", "gz": "gzip", "gzip": "gzip", "bz2": "bzip2", "bzip2": "bzip2"}
_TEXTS = ("ascii", "text", "txt")
_HEX = "hex"
_VECTORS = ("space directions", "space origin", "measurement frame")
_VECTOR = re.compile(r"\([^()]*\)")
_FRAME_KINDS = ("list", "time", "domain", "space", "none", "point", "???", "")
_SINGLE_KINDS = ("stub", "scalar")
_COLOUR_KINDS = ("rgb-color", "rgba-color", "3-color", "4-color")
_HEADER_MOST = 1 << 20


def read_nrrd(path: Path, frame: int = 0) -> Image:
    """Read one frame of an NRRD file (``.nrrd``, or ``.nhdr`` with one data file beside it).

    Spatial axes keep the file's order; from an axis of frames (kind ``list`` or ``time``) one frame is taken.

    Raises:
        ImageError: The file is damaged, does not hold what its header promises, or is of a kind that is no image of 2
            or 3 axes in frames.
    """
    notes: dict[str, str] = {}
    header, at = _header(path)
    sizes = [int(n) for n in header["sizes"]]
    if len(sizes) != header["dimension"] or any(n < 1 for n in sizes):
        raise ImageError(path, f"has a damaged header: {header['dimension']} dimensions of sizes {sizes}")
    array = _voxels(path, header, tuple(sizes), at, notes)
    _note_fields(header, notes)
    directions = axis_steps(path, header, sizes, notes)
    other = [axis for axis in range(len(sizes)) if not np.isfinite(directions[axis]).all()]
    if not other and len(sizes) == 4:
        other = [3]
    if len(sizes) - len(other) not in (2, 3) or len(other) > 1:
        raise ImageError(path, f"has axes of sizes {sizes}, of which {len(other)} are not in space; that is no image")
    spatial = [axis for axis in range(len(sizes)) if axis not in other]
    affine, oriented = grid_affine(path, header, directions[spatial], notes)
    if not other:
        return Image(plain_type(array, notes), affine, oriented=oriented, notes=notes, path=path)
    array = np.moveaxis(array, other[0], -1)
    if _is_colour(path, header, other[0], array, notes):
        array = rgb_from_rgba(array, notes) if array.shape[-1] == 4 else array
        return Image(array, affine, "rgb", oriented=oriented, notes=notes, path=path)
    frames = array.shape[-1]
    if not 0 <= frame < frames:
        raise ImageError(path, f"has {frames} frames, so there is no frame {frame}")
    one = plain_type(array[..., frame].copy(order="F"), notes)
    return Image(one, affine, "scalar", frame, frames, oriented, notes, path)


def _header(path: Path) -> tuple[dict[str, Any], int]:
    """The parsed header, and where attached voxels begin."""
    import nrrd

    with path.open("rb") as file:
        head = file.read(_HEADER_MOST)
    ends = [at + len(mark) for mark in (b"\n\n", b"\r\n\r\n") if (at := head.find(mark)) >= 0]
    end = min(ends, default=len(head))
    lines = [_plain_line(line) for line in head[:end].decode("latin-1").splitlines()]
    detached = next((at for at, line in enumerate(lines) if line.startswith(("data file:", "datafile:"))), None)
    if not ends and detached is None:
        raise ImageError(path, "is truncated: its NRRD header does not end")
    # The names of a list of files are no fields; whatever else there is stands before.
    lists = detached is not None and lines[detached].partition(":")[2].split()[:1] == ["LIST"]
    try:
        header = dict(nrrd.read_header(lines[: detached + 1] if lists and detached is not None else lines))
    except Exception as error:
        raise ImageError(path, f"has a damaged NRRD header: {error}") from error
    if lists and detached is not None:
        header["names of data files"] = lines[detached + 1 :]
    missing = [key for key in ("dimension", "sizes", "type", "encoding") if key not in header]
    if missing:
        raise ImageError(path, f"has an NRRD header without {' and '.join(missing)}")
    return header, end


def _plain_line(line: str) -> str:
    """A line of the header as pynrrd reads it: the name of its field in small letters, its vectors without spaces."""
    field, mark, value = line.partition(":")
    if not mark or value.startswith("=") or line.startswith("#"):
        return line
    field = field.strip().lower()
    if field in _VECTORS:
        value = _VECTOR.sub(lambda found: "".join(found[0].split()), value)
    return f"{field}:{value}"


def _voxels(path: Path, header: dict[str, Any], sizes: tuple[int, ...], at: int, notes: dict[str, str]) -> NDArray[Any]:
    kind, encoding = str(header["type"]).lower(), str(header["encoding"]).lower()
    if kind not in _CODES:
        raise ImageError(path, f"has voxels of type {kind!r}, which are not numbers")
    if encoding not in (*_PACKINGS, *_TEXTS, _HEX):
        raise ImageError(path, f"has the encoding {encoding!r}; raw, gzip, bzip2, hex and ascii are supported")
    dtype = np.dtype(_CODES[kind])
    endian = str(header.get("endian", "")).lower()
    if endian not in ("little", "big") and dtype.itemsize > 1 and encoding not in _TEXTS:
        raise ImageError(path, f"has an NRRD header without endian, which voxels of {dtype.itemsize} bytes need")
    if endian == "big":
        dtype = dtype.newbyteorder(">")
    name = header.get("data file", header.get("datafile"))
    packing = _PACKINGS.get(encoding, "none")
    lines = int(header.get("line skip", header.get("lineskip", 0)))
    skip = int(header.get("byte skip", header.get("byteskip", 0)))
    size = voxel_bytes(sizes, dtype.itemsize)
    if name is not None and names_several(str(name)):
        if encoding not in _PACKINGS:
            raise ImageError(path, f"spreads voxels that are {encoding} over several data files; save it as one file")
        files = data_files(path, str(name), header.get("names of data files", ()), sizes)
        from_end = skip == -1 and packing == "none"

        def begin(one: Path, each: int) -> tuple[int, int]:
            return (-each, 0) if from_end else (_line_bytes(one, 0, lines) if lines else 0, max(0, skip))

        return shaped(joined_voxels(path, files, size, packing, begin, notes), dtype, sizes)
    file = path if name is None else named_beside(path, str(name))
    start = at if name is None else 0
    start += _line_bytes(file, start, lines) if lines else 0
    if skip == -1 and packing == "none":
        start, skip = -size, 0
    with open_bytes(file, path, start, packing) as source:
        source.skip(max(0, skip))
        if encoding in _TEXTS:
            array = text_voxels(source, dtype, sizes)
        else:
            raw = hex_bytes(source, size) if encoding == _HEX else _raw(source, size)
            array = shaped(raw, dtype, sizes)
        notes |= source.notes
    return array


def _raw(source: ByteSource, size: int) -> NDArray[np.uint8]:
    raw = source.voxels(size)
    source.finish()
    return raw


def _note_fields(header: dict[str, Any], notes: dict[str, str]) -> None:
    """Fields that change nothing here, but that a person may want to know of."""
    units = {str(unit).strip('" ') for unit in header.get("space units", header.get("units", [])) or []}
    if other := sorted(units - {"", "mm", "millimeter", "millimeters", "???", "none"}):
        notes["units"] = f"the header gives sizes in {', '.join(other)}; they are kept and shown as if they were mm"
    ends = [header.get(f"old {end}", header.get(f"old{end}")) for end in ("min", "max")]
    if any(end is not None for end in ends):
        notes["intensities"] = (
            f"the values were rescaled once (old min {ends[0]}, old max {ends[1]}); they are kept as stored"
        )


def _is_colour(path: Path, header: dict[str, Any], axis: int, array: NDArray[Any], notes: dict[str, str]) -> bool:
    """Whether the axis holds colours; False for frames, an error for anything else."""
    kinds = header.get("kinds")
    kind = str(kinds[axis]).lower() if kinds is not None else ""
    values = array.shape[-1]
    if kind in _SINGLE_KINDS and values == 1:
        return False
    if kind in (*_COLOUR_KINDS, "vector", "3-vector") and array.dtype == np.uint8 and values in (3, 4):
        if kind not in _COLOUR_KINDS:
            notes["colour"] = f"{values} bytes in each voxel ({kind}) are taken for colours"
        return True
    if kind not in _FRAME_KINDS:
        raise ImageError(
            path, f"has a {kind} of {values} {array.dtype} values in each voxel; save one component as an image"
        )
    return False


def _line_bytes(file: Path, start: int, lines: int) -> int:
    with file.open("rb") as stream:
        stream.seek(start)
        return sum(len(stream.readline(_HEADER_MOST)) for _ in range(min(lines, _HEADER_MOST)))
