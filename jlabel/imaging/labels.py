"""Reading and writing labels in the grid of their image."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import nibabel as nib
import numpy as np
from nibabel.spatialimages import HeaderDataError
from nibabel.volumeutils import native_code
from numpy.typing import NDArray

from jlabel.errors import ImageError, LabelError
from jlabel.imaging.atomic import atomic_write
from jlabel.imaging.image import Image
from jlabel.imaging.label_grid import in_grid_of
from jlabel.imaging.nifti import is_nifti, parse_header
from jlabel.imaging.nifti_affine import form_fields
from jlabel.imaging.opening import open_bytes
from jlabel.imaging.pictures import PICTURE_AFFINE
from jlabel.imaging.reading import read_image, read_values
from jlabel.imaging.watch import UNWATCHED, Watch

# Level 1: a save is waited for, and masks are small at any level.
_GZIP_LEVEL = 1
_UNSIGNED = tuple(np.dtype(kind) for kind in ("uint8", "uint16", "uint32"))
_NIFTI1_MOST = 32767
# Bytes that are compressed in one go, in some hundredths of a second.
_SLAB_BYTES = 4_000_000
_GEOMETRY = (
    "pixdim",
    "qform_code",
    "sform_code",
    "quatern_b",
    "quatern_c",
    "quatern_d",
    "qoffset_x",
    "qoffset_y",
    "qoffset_z",
    "srow_x",
    "srow_y",
    "srow_z",
)


def read_label(path: Path | str, image: Image) -> NDArray[np.unsignedinteger[Any]]:
    """Read a label of any supported format into the voxel grid of its image.

    Args:
        path: The label file. Axes that are permuted or flipped are put in the image's order, losslessly; pictures with
            a palette give its indices.
        image: The image that the label belongs to.

    Returns:
        Shape ``image.shape``, the smallest of uint8, uint16 and uint32 that holds the values.

    Raises:
        ImageError: The file cannot be read.
        LabelError: Its grid is not the image's (within 0.05 voxel at every corner), or its values are no label:
            negative, fractional, colours, or one channel for each class.
    """
    label = read_values(path)
    if label.frames > 1:
        raise LabelError(_frames_message(Path(path), label))
    values = label.array
    if label.channels == "rgb":
        if not (np.array_equal(values[..., 0], values[..., 1]) and np.array_equal(values[..., 0], values[..., 2])):
            raise LabelError(f"{path}: is a colour picture; a label holds one whole number in each voxel")
        values = values[..., 0]
    return _own(in_grid_of(image, label_values(values, path), label.affine, path))


def write_label(path: Path | str, mask: NDArray[Any], image: Image) -> None:
    """Write a label with its image's exact shape and affine, in the smallest unsigned type that holds its values.

    Args:
        path: Where to, ending in :func:`label_extension`; a file that is there is replaced at once and as a whole.
        mask: Shape ``image.shape``; whole numbers from 0 on, or bool.
        image: The image that the mask belongs to.

    Raises:
        LabelError: The mask has another shape than the image, or values that a label cannot hold.
        DatastoreError: The file could not be written; what was there before is unchanged.
    """
    atomic_write(path, label_writer(Path(path), mask, image))


def label_writer(path: Path, mask: NDArray[Any], image: Image, watch: Watch = UNWATCHED) -> Callable[[BinaryIO], None]:
    """What :func:`write_label` writes, for whoever makes the file durable in another way.

    Args:
        path: As for :func:`write_label`.
        mask: Likewise.
        image: Likewise.
        watch: Told how much is written, and asked whether to go on.

    Returns:
        Writes the label's bytes to an open binary file.

    Raises:
        LabelError: As :func:`write_label`, with ``path`` in the message.
    """
    mask = np.asarray(mask)
    if mask.shape != image.shape:
        raise LabelError(f"{path}: the label has shape {mask.shape} and its image {image.shape}")
    values = label_values(mask, path)
    if label_extension(image) == ".png":
        return lambda file: _write_png(path, file, values, watch)
    header = _header(values, image)
    return lambda file: _write_nifti(file, header, values, watch)


def label_extension(image: Image) -> str:
    """``".png"`` for a plain 2D picture, else ``".nii.gz"``."""
    plain = image.ndim == 2 and not image.oriented and np.array_equal(image.affine, PICTURE_AFFINE)
    return ".png" if plain else ".nii.gz"


def label_values(values: NDArray[Any], path: Path | str) -> NDArray[np.unsignedinteger[Any]]:
    """Whole numbers in the smallest of uint8, uint16 and uint32 that holds them (no copy where they already are).

    Raises:
        LabelError: A value is negative, fractional, not finite or larger than 2^32 - 1.
    """
    if values.dtype.kind == "b":
        return values.astype(np.uint8)
    if values.dtype.kind not in "iuf":
        raise LabelError(f"{path}: a label holds whole numbers, not {values.dtype}")
    if values.dtype.kind == "f":
        odd = values[~np.isfinite(values) | (values != np.floor(values))]
        if odd.size:
            raise LabelError(
                f"{path}: {odd.size} voxels hold no whole number ({_some(odd)}); a label needs whole numbers"
            )
    if values.dtype.kind != "u" and values.size and values.min() < 0:
        raise LabelError(f"{path}: holds negative values ({_some(values[values < 0])}); a label's values start at 0")
    top = int(values.max()) if values.size else 0
    fits = next((kind for kind in _UNSIGNED if top <= np.iinfo(kind).max), None)
    if fits is None:
        raise LabelError(f"{path}: holds the value {top}; a label's values end at {np.iinfo(np.uint32).max}")
    return values.astype(fits, copy=False)


def _own(values: NDArray[Any]) -> NDArray[Any]:
    """The values as an array that the caller may change, without a copy where nobody else holds its memory."""
    if not (values.flags.f_contiguous or values.flags.c_contiguous):
        return np.array(values, order="F")
    try:
        values.flags.writeable = True
    except ValueError:
        return np.array(values, order="F")
    return values


def _some(values: NDArray[Any]) -> str:
    unique = np.unique(values)
    return ", ".join(f"{value:g}" for value in unique[:5]) + (", …" if unique.size > 5 else "")


def _frames_message(path: Path, label: Image) -> str:
    shape = (*label.shape, label.frames)
    planes = [read_image(path, frame).array for frame in range(min(label.frames, 64))]
    if all(np.isin(plane, (0, 1)).all() for plane in planes):
        return (
            f"{path}: has shape {shape} with only 0 and 1, one channel for each class (one-hot); save one volume of "
            "class numbers instead, such as numpy.argmax(channels, axis=-1) where the first channel is background"
        )
    return f"{path}: has shape {shape}; a label is one volume, not {label.frames} frames"


class _Watched:
    """A file for whoever writes it piece by piece, to be asked between two pieces whether to go on."""

    def __init__(self, file: BinaryIO, watch: Watch) -> None:
        self._file = file
        self._watch = watch

    def write(self, data: bytes) -> int:
        self._watch.check()
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


def _write_png(path: Path, file: BinaryIO, values: NDArray[Any], watch: Watch) -> None:
    from PIL import Image as Pillow

    if values.dtype.itemsize > 2:
        raise LabelError(f"{path}: holds the value {int(values.max())}; a picture's label ends at 65535")
    watched: Any = _Watched(file, watch)
    Pillow.fromarray(np.ascontiguousarray(values)).save(watched, format="PNG", compress_level=_GZIP_LEVEL)


def _write_nifti(file: BinaryIO, header: Any, values: NDArray[Any], watch: Watch) -> None:
    total = values.shape[-1]
    depth = max(1, _SLAB_BYTES * total // max(1, values.nbytes))
    with gzip.GzipFile("", "wb", _GZIP_LEVEL, file, mtime=0) as packed:
        packed.write(header.binaryblock + b"\0\0\0\0")
        for start in range(0, total, depth):
            watch.step(start, total)
            packed.write(values[..., start : start + depth].tobytes(order="F"))


def _header(values: NDArray[Any], image: Image) -> Any:
    kind = nib.Nifti2Header if max(image.shape) > _NIFTI1_MOST else nib.Nifti1Header
    forms = _forms_of_file(image) or form_fields(image.affine)
    header = kind()
    header.set_data_shape(image.shape)
    header.set_data_dtype(values.dtype)
    for field in _GEOMETRY:
        header[field] = forms[field]
    header["pixdim"][image.ndim + 1 :] = 1
    header.set_xyzt_units("mm")
    header.set_intent("none")
    if kind is nib.Nifti1Header:
        header["regular"] = b"r"
    header["vox_offset"] = header.sizeof_hdr + 4
    header["magic"] = header.single_magic
    header["scl_slope"], header["scl_inter"] = 1, 0
    return header


def _forms_of_file(image: Image) -> Any | None:
    """The forms of the NIfTI file that the image came from, so that every reader places label and image alike."""
    if image.path is None or not image.path.is_file():
        return None
    try:
        with open_bytes(image.path, image.path) as source:
            start = source.take(348)
            start += source.take(192) if int.from_bytes(start[:4], "little") == 540 else b""
        if not is_nifti(start):
            return None
        fields = parse_header(start).fields
        if fields.endianness != native_code:
            fields = fields.as_byteswapped(native_code)
        same = tuple(fields.get_data_shape()[: image.ndim]) == image.shape
        return fields if same and np.array_equal(fields.get_best_affine(), image.affine) else None
    except (ImageError, ValueError, HeaderDataError):
        return None
