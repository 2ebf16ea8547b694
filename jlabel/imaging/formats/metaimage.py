"""MetaImage (.mha, .mhd): a strict reader, since the light libraries accept files that are cut short.

What decides (https://itk.org/Wiki/ITK/MetaIO/Documentation), as ITK reads it:

- ``DimSize`` the shape, ``ElementNumberOfChannels`` values in each voxel (3 or 4 bytes are colours, else refused), a
  fourth axis frames.
- ``ElementType``, ``BinaryDataByteOrderMSB`` or ``ElementByteOrderMSB``, ``BinaryData``, ``CompressedData``,
  ``HeaderSize`` (from the start of the file that holds them; -1 counts from its end) and ``ElementDataFile`` the
  voxels, which may lie in several files (:mod:`jlabel.imaging.formats.data_files`).
- ``ElementToIntensityFunctionSlope`` and ``-Offset`` the rescaling, which the format defines and ITK leaves out.
- ``ElementSpacing``, else ``ElementSize``, the voxel size; ``TransformMatrix`` (a row of it is the direction of one
  array axis; also called ``Rotation`` and ``Orientation``) and ``Offset`` (``Position``, ``Origin``) the position, in
  LPS.
- ``AnatomicalOrientation``, ``CenterOfRotation`` and ``DistanceUnits`` change nothing; a note tells where they say
  something else.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.formats.byte_source import Packing
from jlabel.imaging.formats.data_files import data_files, joined_voxels, names_several
from jlabel.imaging.formats.file_opening import named_beside, open_bytes
from jlabel.imaging.formats.nifti_affine import Affine, is_usable
from jlabel.imaging.formats.text_voxels import text_voxels
from jlabel.imaging.formats.voxel_types import plain_type, rgb_from_rgba, scaled, shaped, voxel_bytes
from jlabel.imaging.image import Image

_TYPES = {
    "MET_CHAR": "i1",
    "MET_UCHAR": "u1",
    "MET_SHORT": "i2",
    "MET_USHORT": "u2",
    "MET_INT": "i4",
    "MET_UINT": "u4",
    "MET_LONG": "i4",
    "MET_ULONG": "u4",
    "MET_LONG_LONG": "i8",
    "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
_HEADER_MOST = 1 << 20
_SEPARATOR = re.compile(r"[=:]")
_OPPOSITE = str.maketrans("LRPAIS", "RLAPSI")
_FIRST_LINE = re.compile(rb"\s*(ObjectType|NDims|Comment|ObjectSubType)\s*[=:]")
_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0])

Fields = dict[str, str]


def is_metaimage(head: bytes) -> bool:
    """Whether bytes from the start of a file look like a MetaImage header."""
    return _FIRST_LINE.match(head) is not None


def read_metaimage(path: Path, frame: int = 0) -> Image:
    """Read one frame of a MetaImage, in the file's own axis order (x first).

    Three channels of uint8 are RGB. A fourth dimension is frames.

    Raises:
        ImageError: The file is damaged, does not hold what its header promises, or is of a kind that is not supported
            (vectors).
    """
    notes: dict[str, str] = {}
    fields, at = _header(path)
    sizes = tuple(int(n) for n in _numbers(path, fields, "DimSize"))
    if not 2 <= len(sizes) <= 4 or len(sizes) != int(fields.get("NDims", len(sizes))) or any(n < 1 for n in sizes):
        raise ImageError(path, f"has DimSize {sizes} and NDims {fields.get('NDims')}; 2 to 4 axes are supported")
    frames = sizes[3] if len(sizes) == 4 else 1
    if not 0 <= frame < frames:
        raise ImageError(path, f"has {frames} frame{'s' * (frames > 1)}, so there is no frame {frame}")
    channels = int(fields.get("ElementNumberOfChannels", "1"))
    array = _voxels(path, fields, sizes, channels, at, notes)
    if frames > 1 or len(sizes) == 4:
        array = array[..., frame].copy(order="F")
    affine = _affine(path, fields, min(len(sizes), 3))
    _note_fields(fields, affine, notes)
    if channels > 1:
        notes["colour"] = f"{channels} bytes in each voxel are taken for colours"
        array = np.moveaxis(array, 0, -1)
        array = rgb_from_rgba(array, notes) if channels == 4 else array
    else:
        slope = float(fields.get("ElementToIntensityFunctionSlope", "1"))
        array = plain_type(scaled(array, slope, float(fields.get("ElementToIntensityFunctionOffset", "0"))), notes)
    return Image(array, affine, "rgb" if channels > 1 else "scalar", frame, frames, notes=notes, path=path)


def _header(path: Path) -> tuple[Fields, int]:
    """The fields, and where the header ends: ElementDataFile is its last line."""
    fields: Fields = {}
    with path.open("rb") as file:
        while line := file.readline(_HEADER_MOST):
            key, *values = _SEPARATOR.split(line.decode("utf-8", "replace"), maxsplit=1)
            if not values:
                if line.strip():
                    raise ImageError(path, f"has a damaged header: no '=' in the line {line[:60]!r}")
                continue
            value = values[0]
            fields[key.strip()] = value.strip()
            if key.strip() == "ElementDataFile":
                if fields.get("ObjectType", "Image").lower() != "image":
                    raise ImageError(path, f"holds a {fields['ObjectType']}, not an image")
                return fields, file.tell()
            if file.tell() > _HEADER_MOST:
                break
    raise ImageError(path, "is truncated: its header has no ElementDataFile line")


def _voxels(
    path: Path, fields: Fields, sizes: tuple[int, ...], channels: int, at: int, notes: dict[str, str]
) -> NDArray[Any]:
    kind = fields.get("ElementType", "").upper().removesuffix("_ARRAY")
    if kind not in _TYPES:
        raise ImageError(path, f"has the ElementType {fields.get('ElementType')!r}, which is not supported")
    if channels != 1 and not (channels in (3, 4) and kind == "MET_UCHAR"):
        raise ImageError(path, f"has {channels} values of {kind} in each voxel; save one of them as an image")
    dtype = np.dtype(_TYPES[kind])
    if _yes(fields, "BinaryDataByteOrderMSB") or _yes(fields, "ElementByteOrderMSB"):
        dtype = dtype.newbyteorder(">")
    stored = (channels, *sizes) if channels > 1 else sizes
    size = voxel_bytes(stored, dtype.itemsize)
    name = fields["ElementDataFile"]
    if names_several(name):
        return _several(path, fields, dtype, stored, at, notes)
    local = name.upper() == "LOCAL"
    file = path if local else named_beside(path, name)
    packing: Packing = "zlib" if _yes(fields, "CompressedData") else "none"
    skip = int(fields.get("HeaderSize", "0"))
    if local and 0 < skip < at:
        raise ImageError(
            path, f"has a damaged header: HeaderSize says that the voxels begin at byte {skip}, inside of it"
        )
    start = -size if skip == -1 else max(skip, at if local else 0)
    with open_bytes(file, path, start, packing) as source:
        if fields.get("BinaryData", "True").lower() in ("false", "0"):
            array = text_voxels(source, dtype, stored)
        else:
            array = shaped(source.voxels(size), dtype, stored)
            source.finish()
        notes |= source.notes
    return array


def _several(
    path: Path, fields: Fields, dtype: np.dtype[Any], stored: tuple[int, ...], at: int, notes: dict[str, str]
) -> NDArray[Any]:
    """The voxels, where several files hold them."""
    if not _yes(fields | {"BinaryData": fields.get("BinaryData", "True")}, "BinaryData"):
        raise ImageError(path, "spreads voxels that are text over several data files; save it as one .mha file")
    with path.open("rb") as file:
        file.seek(at)
        below = file.read(_HEADER_MOST).decode("utf-8", "replace").splitlines()
    sizes = tuple(int(n) for n in _numbers(path, fields, "DimSize"))
    files = data_files(path, fields["ElementDataFile"], below, sizes)
    packing: Packing = "zlib" if _yes(fields, "CompressedData") else "none"
    skip = int(fields.get("HeaderSize", "0"))
    raw = joined_voxels(
        path,
        files,
        voxel_bytes(stored, dtype.itemsize),
        packing,
        lambda _, size: (-size if skip == -1 else skip, 0),
        notes,
    )
    return shaped(raw, dtype, stored)


def _affine(path: Path, fields: Fields, axes: int) -> Affine:
    spacing = _first(path, fields, ("ElementSpacing", "ElementSize"), [1.0] * axes)[:axes]
    offset = _first(path, fields, ("Offset", "Position", "Origin"), [0.0] * axes)[:axes]
    matrix = np.array(_first(path, fields, ("TransformMatrix", "Rotation", "Orientation"), []))
    rank = round(len(matrix) ** 0.5)
    if len(matrix) == 0:
        matrix, rank = np.eye(axes).ravel(), axes
    if rank * rank != len(matrix) or rank < axes or len(spacing) < axes or len(offset) < axes:
        raise ImageError(path, f"has a damaged header: spacing, offset or matrix do not have {axes} axes")
    affine = np.eye(4)
    rows = matrix.reshape(rank, rank)[:axes, :axes] * np.array(spacing)[:, None]
    affine[:axes, :axes] = rows.T
    affine[:axes, 3] = offset
    affine[:3] = _LPS_TO_RAS @ affine[:3]
    if not is_usable(affine):
        raise ImageError(path, "has a damaged header: its spacing or TransformMatrix cannot be used")
    return affine


def _note_fields(fields: Fields, affine: Affine, notes: dict[str, str]) -> None:
    """What the header leaves out, and what it says beside the fields that decide."""
    if not any(key in fields for key in ("TransformMatrix", "Rotation", "Orientation")):
        notes["position"] = "the file does not say how its axes lie; left, posterior, superior are assumed"
    if not any(key in fields for key in ("ElementSpacing", "ElementSize")):
        notes["voxel size"] = "the file gives no voxel size; 1 mm is assumed"
    # The letters name where an axis comes from: RAI runs to the left, to posterior and to superior.
    stated = fields.get("AnatomicalOrientation", "").upper()
    axes = "".join(str(code) for code in nib.orientations.aff2axcodes(affine))[: len(stated)]
    if stated and set(stated) <= set("LRPAIS") and stated.translate(_OPPOSITE) != axes:
        notes["orientation"] = (
            f"AnatomicalOrientation says {stated}, the matrix {axes.translate(_OPPOSITE)}; the matrix is used"
        )
    if any(word not in ("0", "-0", "0.0", "0.") for word in fields.get("CenterOfRotation", "").split()):
        notes["CenterOfRotation"] = (
            f"the centre of rotation ({fields['CenterOfRotation'][:60]}) moves nothing, as in ITK"
        )
    unit = fields.get("DistanceUnits", "mm")
    if unit not in ("mm", "?", ""):
        notes["units"] = (
            f"the header gives sizes in {unit[:20]}; they are kept as they are and shown as if they were mm"
        )


def _first(path: Path, fields: Fields, keys: tuple[str, ...], default: list[float]) -> list[float]:
    key = next((key for key in keys if key in fields), None)
    return _numbers(path, fields, key) if key else default


def _numbers(path: Path, fields: Fields, key: str) -> list[float]:
    if key not in fields:
        raise ImageError(path, f"has a header without {key}")
    try:
        return [float(word) for word in fields[key].split()]
    except ValueError as error:
        raise ImageError(path, f"has a damaged header: {key} = {fields[key][:60]!r}") from error


def _yes(fields: Fields, key: str) -> bool:
    return fields.get(key, "False").lower() in ("true", "1")
