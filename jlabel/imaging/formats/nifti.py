"""NIfTI-1, NIfTI-2 and Analyze 7.5, single files and pairs: nibabel reads and repairs the header, voxels are read here.

What decides, by nifti1.h (https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h):

- ``sizeof_hdr`` the byte order and the version; ``magic`` whether the voxels follow (``n+1``) or lie in the ``.img``
  file (``ni1``); ``vox_offset`` where they begin.
- ``dim`` the shape: what lies beyond ``dim[0]`` is not looked at, trailing axes of 1 are dropped beyond the third, a
  fourth axis is frames, and a fifth (vectors, matrices and what else ``intent_code`` names) is refused.
- ``datatype`` the type; ``bitpix`` follows from it. RGB24 and RGBA32 are colours, complex numbers are refused.
- ``scl_slope`` and ``scl_inter`` the rescaling, none where the slope is 0 or not finite, never one of colours.
- ``sform_code``, ``qform_code`` and ``pixdim`` the position: see :mod:`jlabel.imaging.formats.nifti_affine`.

What nibabel's own header check repairs when it loads a file is repaired here too, with a note: ``pixdim[0]`` (qfac)
that is neither 1 nor -1 counts as 1, negative voxel sizes as their magnitude, those of 0 as 1, form codes that do not
exist as 0.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.formats.analyze import analyze_affine, is_analyze, parse_analyze
from jlabel.imaging.formats.byte_source import ByteSource
from jlabel.imaging.formats.file_opening import open_bytes, sibling
from jlabel.imaging.formats.nifti_affine import grid_affine
from jlabel.imaging.formats.voxel_types import plain_type, rgb_from_rgba, scaled, shaped, voxel_bytes
from jlabel.imaging.image import Image

_COLOURS = {128: 3, 2304: 4}
_COMPLEX = {32, 1792, 2048}
_PAIR_MAGIC = (b"ni1\0", b"ni2\0")
_SINGLE_MAGIC = (b"n+1\0", b"n+2\0")


@dataclass(frozen=True)
class NiftiHeader:
    """A NIfTI header, repaired.

    Attributes:
        fields: nibabel's header.
        pair: Whether the voxels lie in a second file.
        notes: What was repaired, by topic.
        analyze: Whether it is one of Analyze 7.5, which has no forms (:mod:`jlabel.imaging.formats.analyze`).
    """

    fields: Any
    pair: bool
    notes: dict[str, str] = field(default_factory=dict)
    analyze: bool = False

    @property
    def size(self) -> int:
        """Bytes of the header itself: 348 or 540."""
        return int(self.fields.sizeof_hdr)


def is_nifti(head: bytes) -> bool:
    """Whether bytes from the start of a file are a NIfTI header's (of either version, byte order and kind)."""
    return _magic(head) in _PAIR_MAGIC + _SINGLE_MAGIC


def parse_header(head: bytes) -> NiftiHeader:
    """The header that ``head`` (at least 540 bytes, or 348 of NIfTI-1) starts with, repaired as nibabel does."""
    if is_analyze(head):
        return NiftiHeader(parse_analyze(head), pair=True, analyze=True)
    kind = nib.Nifti2Header if _sizeof(head) == 540 else nib.Nifti1Header
    fields = kind(head[: kind.sizeof_hdr], check=False)
    return NiftiHeader(fields, _magic(head) in _PAIR_MAGIC, _repair(fields))


def read_nifti(path: Path, frame: int = 0) -> Image:
    """Read one frame of a NIfTI file (``.nii``, ``.nii.gz``, or either half of a ``.hdr``/``.img`` pair).

    Args:
        path: The file. Whether it is compressed is seen from its bytes.
        frame: Which index of the fourth axis to load; only its bytes are read where the file is not compressed.

    Returns:
        The image with the file's own axis order. RGB voxels give a last axis of 3.

    Raises:
        ImageError: The file is damaged, does not hold what its header promises, or holds something that is no image of
            2 or 3 axes in frames (complex numbers, vectors).
    """
    notes: dict[str, str] = {}
    header_path = sibling(path, ".hdr") if path.name.lower().endswith((".img", ".img.gz")) else path
    with open_bytes(header_path, path) as source:
        start = source.take(348)
        if not is_nifti(start) and not is_analyze(start):
            raise source.error("is no NIfTI header, nor one of Analyze 7.5")
        header = parse_header(start + (source.take(192) if _sizeof(start) == 540 else b""))
        _check_promise(source, header)
        shape, frames = _shape(path, header)
        if not 0 <= frame < frames:
            raise ImageError(path, f"has {frames} frame{'s' * (frames > 1)}, so there is no frame {frame}")
        if header.pair:
            with open_bytes(sibling(header_path, ".img"), path) as data:
                array = _voxels(path, data, header, shape, frame, frames, 0)
                notes |= data.notes
        else:
            array = _voxels(path, source, header, shape, frame, frames, header.size)
            notes |= source.notes
    notes |= header.notes
    if header.analyze:
        affine, placed = analyze_affine(header.fields, shape, notes), False
    else:
        affine, placed = grid_affine(header.fields, shape, notes)
    rgb = int(header.fields["datatype"]) in _COLOURS
    if rgb:
        array = np.moveaxis(array, 0, -1)
        array = rgb_from_rgba(array, notes) if array.shape[-1] == 4 else array
    else:
        array = plain_type(_rescaled(path, header, array), notes)
    return Image(array, affine, "rgb" if rgb else "scalar", frame, frames, placed, notes, path)


def _repair(fields: Any) -> dict[str, str]:
    """Let nibabel's check mend the header, and say what it did in as far as that decides anything."""
    axes = min(max(int(fields["dim"][0]), 0), 3)
    before = [float(size) for size in fields["pixdim"][: axes + 1]]
    codes = {form: int(fields[f"{form}_code"]) for form in ("sform", "qform")}
    offset, bits = fields["vox_offset"].copy(), int(fields["bitpix"])
    logger = logging.Logger("nifti header")  # on its own: what it is told is said in our words
    logger.addHandler(logging.NullHandler())
    fields.check_fix(logger, error_level=100)
    fields["vox_offset"] = offset
    notes: dict[str, str] = {}
    if codes["qform"] > 0 and before[0] not in (-1, 1):
        notes["qfac"] = f"pixdim[0] (qfac) is {before[0]:g}, which counts as 1"
    if any(size < 0 for size in before[1:]):
        notes["voxel size"] = f"negative voxel sizes ({_listed(before[1:])}) count as their magnitude"
    if any(size == 0 for size in before[1:]):
        notes["voxel size"] = f"voxel sizes of 0 ({_listed(before[1:])}) count as 1 mm"
    if int(fields["bitpix"]) != bits:
        notes["bitpix"] = f"the header says {bits} bits a voxel, its voxel type has {int(fields['bitpix'])}"
    for form, code in codes.items():
        if int(fields[f"{form}_code"]) != code:
            notes[form] = f"the {form} code {code} does not exist; the {form} was passed over"
    return notes


def _listed(sizes: list[float]) -> str:
    return ", ".join(f"{size:g}" for size in sizes)


def _sizeof(head: bytes) -> int:
    little = int.from_bytes(head[:4], "little")
    return little if little in (348, 540) else int.from_bytes(head[:4], "big")


def _magic(head: bytes) -> bytes:
    size = _sizeof(head)
    if size == 348 and len(head) >= 348:
        return head[344:348]
    if size == 540 and len(head) >= 348:
        return head[4:8]
    return b""


def _check_promise(source: ByteSource, header: NiftiHeader) -> None:
    """Before the axes are judged: a header that promises more than its file can hold is damaged, not merely unusual."""
    dim = [int(n) for n in header.fields["dim"]]
    if not header.pair and 1 <= dim[0] <= 7 and min(dim[1 : dim[0] + 1]) > 0:
        source.promise(voxel_bytes(tuple(dim[1 : dim[0] + 1]), max(1, int(header.fields["bitpix"]) // 8)))


def _shape(path: Path, header: NiftiHeader) -> tuple[tuple[int, ...], int]:
    """The grid of one frame (2 or 3 axes), and how many frames there are."""
    dim = [int(n) for n in header.fields["dim"]]
    if not 1 <= dim[0] <= 7:
        raise ImageError(path, f"has a damaged header: it promises {dim[0]} axes")
    shape = dim[1 : dim[0] + 1]
    if any(n < 1 for n in shape):
        raise ImageError(path, f"has a damaged header: it promises the shape {tuple(shape)}")
    if int(header.fields["datatype"]) in _COMPLEX:
        raise ImageError(path, "holds complex numbers; save their magnitude (or phase) as an image of its own")
    while len(shape) > 3 and shape[-1] == 1:
        shape.pop()
    if len(shape) > 4:
        raise ImageError(
            path,
            f"has {len(shape)} axes {tuple(shape)}, a vector or more for each voxel; save one component as an image of "
            "2, 3 or 4 axes",
        )
    if len(shape) < 2:
        raise ImageError(path, f"has only one axis ({shape[0]} values) and is no image")
    return tuple(shape[:3]), shape[3] if len(shape) == 4 else 1


def _voxels(
    path: Path, source: ByteSource, header: NiftiHeader, shape: tuple[int, ...], frame: int, frames: int, at: int
) -> NDArray[Any]:
    code = int(header.fields["datatype"])
    channels = _COLOURS.get(code, 0)
    if channels:
        dtype, stored = np.dtype(np.uint8), (channels, *shape)
    else:
        dtype, stored = _dtype(path, header, code), shape
    skipped = _offset(path, header, at, source) - at
    size = voxel_bytes(stored, dtype.itemsize)
    source.promise(skipped + size * frames)
    source.skip(skipped + size * frame)
    raw = source.voxels(size)
    source.skip(size * (frames - 1 - frame))
    source.finish()
    return shaped(raw, dtype, stored)


def _dtype(path: Path, header: NiftiHeader, code: int) -> np.dtype[Any]:
    try:
        dtype: np.dtype[Any] = np.dtype(header.fields.get_data_dtype())
    except Exception as error:
        raise ImageError(
            path, f"has the voxel type {code}, which NIfTI does not define or nibabel cannot read"
        ) from error
    if dtype.kind not in "iuf" or not dtype.itemsize:
        raise ImageError(path, f"has voxels of type {code} ({dtype}), which are not numbers")
    return dtype


def _offset(path: Path, header: NiftiHeader, at: int, source: ByteSource) -> int:
    """Where the voxels begin in their file."""
    offset = float(header.fields["vox_offset"])
    if not header.pair and offset == 0:
        source.notes["header"] = "the header does not say where the voxels begin; they are taken to follow it"
        return at + 4
    if not np.isfinite(offset) or offset < at or offset != int(offset):
        raise ImageError(path, f"has a damaged header: its voxels would begin at byte {offset:g}")
    return int(offset)


def _rescaled(path: Path, header: NiftiHeader, array: NDArray[Any]) -> NDArray[Any]:
    slope, intercept = float(header.fields["scl_slope"]), float(header.fields["scl_inter"])
    if not np.isfinite(slope) or slope == 0:
        return array
    if header.analyze and not np.isfinite(intercept):
        intercept = 0.0
    if not np.isfinite(intercept):
        raise ImageError(path, f"has a damaged header: scl_slope is {slope:g}, but scl_inter is {intercept:g}")
    return scaled(array, slope, intercept)
