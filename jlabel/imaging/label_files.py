"""Reading and writing labels in the grid of their image."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import nibabel as nib
import numpy as np
from nibabel.spatialimages import HeaderDataError
from nibabel.volumeutils import native_code
from numpy.typing import NDArray

from jlabel.errors import ImageError, LabelError
from jlabel.files.atomic import atomic_write
from jlabel.imaging.formats.file_opening import open_bytes
from jlabel.imaging.formats.nifti import is_nifti, parse_header
from jlabel.imaging.formats.nifti_affine import form_fields
from jlabel.imaging.formats.plain_pictures import JPEG_MAGIC, PICTURE_AFFINE
from jlabel.imaging.formats.reading import read_image, read_values
from jlabel.imaging.image import Image
from jlabel.imaging.label_grid import in_grid_of
from jlabel.imaging.label_values import label_values
from jlabel.progress import NO_PROGRESS, Progress
from jlabel.types import Affine, LabelMap

# Level 1: a save is waited for, and masks are small at any level.
_GZIP_LEVEL = 1
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


def read_label(path: Path | str, image: Image, notes: dict[str, str] | None = None) -> LabelMap:
    """Read a label file of any supported format into the voxel grid of its image.

    Args:
        path: The label file. Permuted or flipped axes are put into the image's order without loss; pictures with a
            palette give its indices.
        image: The image that the label belongs to.
        notes: Gets what was unusual, by topic; values that were rounded to whole numbers are a warning without it.

    Returns:
        Label values of shape ``(i, j, k)`` or ``(i, j)``, that of the image, in the smallest of uint8, uint16 and
        uint32 that holds them. A file's values may differ from whole numbers by 0.001, and are rounded.

    Raises:
        ImageError: The file cannot be read.
        LabelGridError: Its grid is not the image's (within 0.05 voxel at every corner).
        LabelError: Its values are no label: negative, fractional, colours, one channel for each class, or changed by a
            lossy compression (JPEG).

    Examples:
        >>> image = jlabel.read_image(studies / "case_0.nii.gz")
        >>> jlabel.write_label(studies / "mask.nii.gz", image.array > 70, image)
        >>> mask = jlabel.read_label(studies / "mask.nii.gz", image)
        >>> mask.shape, str(mask.dtype), int(mask[6, 5, 4])
        ((12, 10, 8), 'uint8', 1)
    """
    values, affine = read_label_values(path, notes)
    return _own(in_grid_of(image, values, affine, path))


def read_label_values(path: Path | str, notes: dict[str, str] | None = None) -> tuple[LabelMap, Affine]:
    """Read a label file in the voxel grid that it has itself.

    Args:
        path: The label file.
        notes: As for :func:`read_label`.

    Returns:
        Label values of shape ``(i, j, k)`` or ``(i, j)``, and the affine (4×4, voxel index to RAS+ mm).

    Raises:
        ImageError: The file cannot be read.
        LabelError: Its values are no label, see :func:`read_label`.
    """
    label = read_values(path)
    if is_lossy(path, label):
        raise LabelError(
            f"{path}: is compressed with loss (as JPEG is), so its values are no labels; save the mask as PNG, or make "
            "a label of it at a threshold: manager.threshold_labels('name of the structure', at=128)"
        )
    if label.frames > 1:
        raise LabelError(_frames_message(Path(path), label))
    values = label.array
    if label.channels == "rgb":
        if not (np.array_equal(values[..., 0], values[..., 1]) and np.array_equal(values[..., 0], values[..., 2])):
            raise LabelError(f"{path}: is a colour picture; a label holds one whole number in each voxel")
        values = values[..., 0]
    return label_values(values, path, notes), label.affine


def read_soft_values(path: Path | str) -> tuple[NDArray[np.float32], Affine]:
    """Read what is nearly a label, such as a JPEG or a map of probabilities: its values as they are, colours averaged.

    Returns:
        Values of shape ``(i, j, k)`` or ``(i, j)``, and the affine (4×4, voxel index to RAS+ mm).

    Raises:
        ImageError: The file cannot be read.
        LabelError: It has several frames.
    """
    label = read_values(path)
    if label.frames > 1:
        raise LabelError(_frames_message(Path(path), label))
    values = np.asarray(label.array, np.float32)
    return (values.mean(axis=-1) if label.channels == "rgb" else values), label.affine


def is_lossy(path: Path | str, label: Image) -> bool:
    """Whether the values of a file that was read may have changed where it was saved: JPEG, or TIFF with the like."""
    if "compression" in label.notes or not Path(path).is_file():
        return "compression" in label.notes
    with Path(path).open("rb") as file:
        return file.read(len(JPEG_MAGIC)) == JPEG_MAGIC


def write_label(path: Path | str, mask: NDArray[Any], image: Image) -> None:
    """Write a label file with the shape and the affine of its image.

    The values are stored in the smallest unsigned integer type that holds them. A file that exists is replaced as a
    whole.

    Args:
        path: The file to write: ``.nii.gz``, or ``.png`` for the label of a plain 2D picture.
        mask: Label values or bool, shape ``(i, j, k)`` or ``(i, j)``, that of the image.
        image: The image that the label belongs to.

    Raises:
        LabelError: The mask has another shape than the image, or values that a label cannot hold.
        DatastoreError: The file could not be written; an earlier file is unchanged.

    Examples:
        >>> image = jlabel.read_image(studies / "case_0.nii.gz")
        >>> jlabel.write_label(studies / "mask.nii.gz", image.array > 70, image)
        >>> np.array_equal(jlabel.read_image(studies / "mask.nii.gz").affine, image.affine)
        True
    """
    atomic_write(path, label_writer(Path(path), mask, image))


def label_writer(
    path: Path, mask: NDArray[Any], image: Image, progress: Progress = NO_PROGRESS
) -> Callable[[BinaryIO], None]:
    """What :func:`write_label` writes, for whoever makes the file durable in another way.

    Args:
        path: As for :func:`write_label`.
        mask: Likewise.
        image: Likewise.
        progress: Told how much is written, and asked whether to go on.

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
        return lambda file: _write_png(path, file, values, progress)
    header = _header(values, image)
    return lambda file: _write_nifti(file, header, values, progress)


def label_extension(image: Image) -> str:
    """``".png"`` for a plain 2D picture, else ``".nii.gz"``."""
    plain = image.ndim == 2 and not image.oriented and np.array_equal(image.affine, PICTURE_AFFINE)
    return ".png" if plain else ".nii.gz"


def _own(values: NDArray[Any]) -> NDArray[Any]:
    """The values as an array that the caller may change, without a copy where nobody else holds its memory."""
    if not (values.flags.f_contiguous or values.flags.c_contiguous):
        return np.array(values, order="F")
    try:
        values.flags.writeable = True
    except ValueError:
        return np.array(values, order="F")
    return values


def _frames_message(path: Path, label: Image) -> str:
    shape = (*label.shape, label.frames)
    planes = [read_image(path, frame).array for frame in range(min(label.frames, 64))]
    if all(np.isin(plane, (0, 1)).all() for plane in planes):
        return (
            f"{path}: has shape {shape} with only 0 and 1, one channel for each class (one-hot); save one volume of "
            "class numbers instead, such as numpy.argmax(channels, axis=-1) where the first channel is background"
        )
    return f"{path}: has shape {shape}; a label is one volume, not {label.frames} frames"


class _CheckedFile:
    """A file for whoever writes it piece by piece, to be asked between two pieces whether to go on."""

    def __init__(self, file: BinaryIO, progress: Progress) -> None:
        self._file = file
        self._progress = progress

    def write(self, data: bytes) -> int:
        self._progress.check()
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


def _write_png(path: Path, file: BinaryIO, values: NDArray[Any], progress: Progress) -> None:
    from PIL import Image as Pillow

    if values.dtype.itemsize > 2:
        raise LabelError(f"{path}: holds the value {int(values.max())}; a picture's label ends at 65535")
    checked: Any = _CheckedFile(file, progress)
    Pillow.fromarray(np.ascontiguousarray(values)).save(checked, format="PNG", compress_level=_GZIP_LEVEL)


def _write_nifti(file: BinaryIO, header: Any, values: NDArray[Any], progress: Progress) -> None:
    total = values.shape[-1]
    depth = max(1, _SLAB_BYTES * total // max(1, values.nbytes))
    with gzip.GzipFile("", "wb", _GZIP_LEVEL, file, mtime=0) as packed:
        packed.write(header.binaryblock + b"\0\0\0\0")
        for start in range(0, total, depth):
            progress.step(start, total)
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
        state = image.path.stat()
        fields = _nifti_fields(image.path, state.st_mtime_ns, state.st_size)
        if fields is None:
            return None
        same = tuple(fields.get_data_shape()[: image.ndim]) == image.shape
        return fields if same and np.array_equal(fields.get_best_affine(), image.affine) else None
    except (OSError, ImageError, ValueError, HeaderDataError):
        return None


@lru_cache(maxsize=32)
def _nifti_fields(path: Path, changed: int, size: int) -> Any | None:
    """The header of a NIfTI file in the machine's byte order, None for another file; read once for each state of it."""
    with open_bytes(path, path) as source:
        start = source.take(348)
        start += source.take(192) if int.from_bytes(start[:4], "little") == 540 else b""
    if not is_nifti(start):
        return None
    fields = parse_header(start).fields
    return fields if fields.endianness == native_code else fields.as_byteswapped(native_code)
