"""DICOM objects: which SOP classes hold no image, and opening one whose pixels are still packed.

SOPClassUID (0008,0016) decides whether an object holds an image; the transfer syntax in its file meta information, or
the way in which its first elements are written, decides how it is read.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from jlabel.errors import ImageError
from jlabel.imaging.formats.dicom_deflated import check_deflated

#: Bytes from which on a value is read from the file only when it is asked for.
_LONG_VALUE = 1 << 16
_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_STORAGE = "1.2.840.10008.5.1.4.1.1."
DOSE = f"{_STORAGE}481.2"
MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"
SEGMENTATION = f"{_STORAGE}66.4"
LABEL_MAP_SEGMENTATION = f"{_STORAGE}66.7"
STRUCTURE_SET = f"{_STORAGE}481.3"
_NO_IMAGES = {
    SEGMENTATION: "a segmentation (SEG)",
    LABEL_MAP_SEGMENTATION: "a label map segmentation (SEG)",
    f"{_STORAGE}66.5": "a surface segmentation",
    f"{_STORAGE}66.1": "a spatial registration",
    f"{_STORAGE}66.3": "a deformable registration",
    f"{_STORAGE}66": "raw data",
    f"{_STORAGE}67": "a mapping to real world values",
    f"{_STORAGE}4.2": "MR spectroscopy",
    STRUCTURE_SET: "radiotherapy contours (RTSTRUCT)",
    f"{_STORAGE}481.5": "a radiotherapy plan (RTPLAN)",
    f"{_STORAGE}481.8": "a radiotherapy plan (RTPLAN)",
    f"{_STORAGE}481.4": "a radiotherapy treatment record",
    f"{_STORAGE}481.6": "a radiotherapy treatment record",
    f"{_STORAGE}481.7": "a radiotherapy treatment record",
    f"{_STORAGE}481.9": "a radiotherapy treatment record",
    f"{_STORAGE}77.1.6": "a whole-slide image, which is not read yet",
    MEDIA_DIRECTORY: "the directory of a medium (DICOMDIR)",
}
_NO_IMAGE_FAMILIES = {
    f"{_STORAGE}88.": "a report (SR)",
    f"{_STORAGE}11.": "a presentation state",
    f"{_STORAGE}9.": "a waveform",
    f"{_STORAGE}104.": "an encapsulated document",
}


def no_image(sop_class: str) -> str | None:
    """What an object of that SOP class is, where it holds no image; None where it may hold one."""
    known = _NO_IMAGES.get(sop_class)
    if known is not None:
        return known
    return next((what for start, what in _NO_IMAGE_FAMILIES.items() if sop_class.startswith(start)), None)


def open_dicom(path: Path, file: Path) -> Any:
    """An object with its pixels still packed, once it is known to hold an image.

    Args:
        path: The image, named in errors: the file itself, or the folder of its series.
        file: The file.

    Raises:
        ImageError: It is damaged, or holds no image.
    """
    import pydicom

    subject = "" if file == path else f"its file {file.name!r} "
    logging.getLogger("pydicom").addHandler(logging.NullHandler())
    try:
        check_deflated(file)
        dataset = pydicom.dcmread(file, force=True, defer_size=_LONG_VALUE)
    except Exception as error:
        raise ImageError(path, f"{subject}is damaged: {error}") from error
    what = no_image(str(dataset.get("SOPClassUID", "")))
    if what is not None:
        raise ImageError(path, f"{subject}holds no image but {what}")
    if len(dataset) == 0 or ("Rows" in dataset and not any(name in dataset for name in _PIXELS)):
        raise ImageError(path, f"{subject}is truncated: it ends before its pixels do")
    if "Rows" not in dataset or "PhotometricInterpretation" not in dataset:
        name = getattr(dataset.get("SOPClassUID"), "name", "") or "no pixels"
        raise ImageError(path, f"{subject}holds no image, or is cut short before its pixels ({name})")
    if getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", None) is None:
        dataset.ensure_file_meta()
        dataset.file_meta.TransferSyntaxUID = _syntax(dataset)
    return dataset


def big_endian(dataset: Any) -> bool:
    """Whether the object's words are written with their high byte first."""
    return dataset.original_encoding[1] is False


def _syntax(dataset: Any) -> Any:
    from pydicom import uid

    if dataset.original_encoding[0]:
        return uid.ImplicitVRLittleEndian
    return uid.ExplicitVRBigEndian if big_endian(dataset) else uid.ExplicitVRLittleEndian
