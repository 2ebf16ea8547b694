"""Reading of image files; the format is recognized by the contents, never by the name."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

from jlabel.errors import ImageError
from jlabel.imaging.file_names import split_image_name
from jlabel.imaging.formats.analyze import is_analyze
from jlabel.imaging.formats.byte_source import GZIP_MAGIC
from jlabel.imaging.formats.dicom import read_dicom_file, read_dicom_series
from jlabel.imaging.formats.dicom_groups import path_on_disk
from jlabel.imaging.formats.dicom_sniff import is_dicom_head
from jlabel.imaging.formats.file_opening import open_bytes
from jlabel.imaging.formats.library_warnings import warnings_heard
from jlabel.imaging.formats.metaimage import is_metaimage, read_metaimage
from jlabel.imaging.formats.mgh import is_mgh, read_mgh
from jlabel.imaging.formats.nifti import is_nifti, read_nifti
from jlabel.imaging.formats.nrrd import read_nrrd
from jlabel.imaging.formats.plain_pictures import BMP_MAGIC, JPEG_MAGIC, PNG_MAGIC, read_picture
from jlabel.imaging.formats.tiff import TIFF_MAGICS, read_tiff
from jlabel.imaging.image import Image

SUPPORTED = "NIfTI, Analyze, NRRD, MetaImage, MGH, PNG, JPEG, BMP, TIFF and DICOM"
_HEAD = 1024
_ENDINGS = {
    "NIfTI": (".nii", ".nii.gz", ".hdr", ".img", ".hdr.gz", ".img.gz"),
    "Analyze": (".hdr", ".hdr.gz"),
    "NRRD": (".nrrd", ".nhdr"),
    "MetaImage": (".mha", ".mhd"),
    "MGH": (".mgh", ".mgz"),
    "PNG": (".png",),
    "JPEG": (".jpg", ".jpeg"),
    "BMP": (".bmp",),
    "TIFF": (".tif", ".tiff", ".ome.tif", ".ome.tiff"),
}


def read_image(path: Path | str, frame: int = 0) -> Image:
    """Read an image file of any supported format.

    Args:
        path: A file (NIfTI, Analyze, NRRD, MetaImage, MGH, PNG, JPEG, BMP, TIFF, DICOM) or a folder with one DICOM
            series; of several series in a folder, ``folder/series=UID``. The format is recognized by the contents.
        frame: Which frame of a 4D file, or which page of a TIFF with colour pages.

    Returns:
        The image: array of shape ``(i, j, k)`` or ``(i, j)`` (and a last axis of 3 for colours) in the file's own voxel
        order and integer type; scaled and floating-point voxels are float32. Its ``notes`` say what was unusual about
        the file.

    Raises:
        ImageError: The file does not exist, has another format, is damaged, or does not hold what its header promises.
            A bad file raises no other exception.

    Examples:
        >>> image = jlabel.read_image(studies / "case_0.nii.gz")
        >>> image.array.shape, str(image.array.dtype)
        ((12, 10, 8), 'int16')
    """
    return _read(Path(path), frame, labels=False)


def read_values(path: Path | str) -> Image:
    """As :func:`read_image`, but pictures with a palette give its indices: what a label file means by its pixels."""
    return _read(Path(path), 0, labels=True)


def _read(path: Path, frame: int, labels: bool) -> Image:
    try:
        kind, packed = _kind(path)
        reader = _reader(kind, labels)
        with warnings_heard() as heard:
            image = reader(path, frame)
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageError(path, "needs more memory than there is") from error
    except OSError as error:
        raise ImageError(path, f"cannot be read: {error.strerror or error}") from error
    except Exception as error:
        raise ImageError(path, f"is damaged or of an unsupported kind: {error or type(error).__name__}") from error
    notes = dict(image.notes)
    ending = split_image_name(path.name)[1].lower()
    if kind in _ENDINGS and (ending not in _ENDINGS[kind] or packed != _names_gzip(ending, packed)):
        packing = ("gzip-compressed " if packed else "uncompressed ") if kind in ("NIfTI", "MGH") else ""
        notes["format"] = f"the file is {packing}{kind}, unlike its name says"
    if heard:
        notes["reader"] = "; ".join(heard[:3])
    return dataclasses.replace(image, notes=notes)


def _reader(kind: str, labels: bool) -> Callable[[Path, int], Image]:
    if kind in ("PNG", "JPEG", "BMP"):
        return lambda path, frame: read_picture(path, frame, indices=labels)
    if kind == "TIFF":
        return lambda path, frame: read_tiff(path, frame, indices=labels)
    return {
        "NIfTI": read_nifti,
        "Analyze": read_nifti,
        "NRRD": read_nrrd,
        "MetaImage": read_metaimage,
        "MGH": read_mgh,
        "DICOM": read_dicom_file,
        "DICOM series": read_dicom_series,
    }[kind]


def _kind(path: Path) -> tuple[str, bool]:
    """The format that a path holds, and whether it is compressed as a whole with gzip."""
    place = path_on_disk(path)
    if not os.path.lexists(place):
        raise ImageError(path, "does not exist")
    if place.is_dir():
        return "DICOM series", False
    if not path.is_file():
        raise ImageError(path, "leads nowhere (a broken link)" if path.is_symlink() else "is not a file")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise ImageError(path, "is empty (0 bytes)")
    if path.name.lower().endswith((".img", ".img.gz")) and not is_dicom_head(head):
        return "NIfTI", head.startswith(GZIP_MAGIC)
    packed = head.startswith(GZIP_MAGIC)
    if packed:
        with open_bytes(path, path, packing="gzip") as source:
            head = source.up_to(_HEAD)
    return _kind_of_head(path, head, packed), packed


def _kind_of_head(path: Path, head: bytes, packed: bool) -> str:
    if is_nifti(head):
        return "NIfTI"
    if is_analyze(head) and split_image_name(path.name)[1].lower() in _ENDINGS["Analyze"]:
        return "Analyze"
    if is_mgh(head):
        return "MGH"
    if not packed:
        # DICOM first: its preamble of 128 bytes may be anything, a TIFF header too.
        if head[128:132] == b"DICM":
            return "DICOM"
        if head.startswith(PNG_MAGIC):
            return "PNG"
        if head.startswith(JPEG_MAGIC):
            return "JPEG"
        if head.startswith(TIFF_MAGICS):
            return "TIFF"
        if head.startswith(b"NRRD00"):
            return "NRRD"
        if is_dicom_head(head):
            return "DICOM"
        if is_metaimage(head):
            return "MetaImage"
        if head.startswith(BMP_MAGIC) and split_image_name(path.name)[1].lower() != ".txt" and b"\0" in head[:64]:
            return "BMP"
    looks = "is gzip-compressed, but holds none of them" if packed else _looks(head)
    ending = split_image_name(path.name)[1].lower()
    own = next((kind for kind, endings in _ENDINGS.items() if ending in endings), "DICOM" if ending == ".dcm" else "")
    claim = f"is not {own}, as its name says" if own else "is of a format that is not supported"
    raise ImageError(path, f"{claim} (it {looks}); supported are {SUPPORTED}")


def _names_gzip(ending: str, packed: bool) -> bool:
    """Whether an extension promises gzip; either way for those that promise nothing."""
    if ending in (".nii", ".hdr", ".img", ".mgh"):
        return False
    return True if ending.endswith(".gz") or ending == ".mgz" else packed


def _looks(head: bytes) -> str:
    printable = sum(32 <= byte < 127 or byte in b"\t\r\n" for byte in head)
    return "looks like text" if printable > 0.95 * len(head) else "begins with other bytes"
