"""Opening the DICOM objects that hold labels: segmentations (SEG) and structure sets (RTSTRUCT)."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from jlabel.errors import ImageError
from jlabel.imaging.formats.dicom_deflated import check_deflated
from jlabel.imaging.formats.dicom_objects import LABEL_MAP_SEGMENTATION, SEGMENTATION, STRUCTURE_SET, no_image
from jlabel.imaging.formats.dicom_sniff import is_dicom

KINDS = {SEGMENTATION: "SEG", LABEL_MAP_SEGMENTATION: "SEG", STRUCTURE_SET: "RTSTRUCT"}
# Bytes from which on a value is read from the file only when it is asked for.
_LONG_VALUE = 1 << 16


def open_label_object(path: Path) -> Any:
    """A SEG or RTSTRUCT with its pixels still packed.

    Raises:
        ImageError: It cannot be read, is damaged, or is something else.
    """
    import pydicom

    logging.getLogger("pydicom").addHandler(logging.NullHandler())
    if not path.is_file():
        raise ImageError(path, "does not exist, or is no file")
    if not is_dicom(path):
        raise ImageError(path, "is no DICOM file")
    try:
        check_deflated(path)
        dataset = pydicom.dcmread(path, force=True, defer_size=_LONG_VALUE)
    except OSError as error:
        raise ImageError(path, f"cannot be read: {error.strerror or error}") from error
    except Exception as error:
        raise ImageError(path, f"is damaged: {error or type(error).__name__}") from error
    kind = kind_of(dataset)
    if not kind:
        sop_class = str(dataset.get("SOPClassUID", ""))
        what = no_image(sop_class) or getattr(dataset.get("SOPClassUID"), "name", "") or "of an unknown kind"
        raise ImageError(path, f"holds no segmentation (SEG) and no contours (RTSTRUCT): it is {what}")
    return dataset


def kind_of(dataset: Any) -> str:
    """``"SEG"``, ``"RTSTRUCT"``, or "" for anything else."""
    return KINDS.get(str(dataset.get("SOPClassUID", "")), "")


def items(dataset: Any, name: str) -> list[Any]:
    """The items of a sequence; none where it is absent, empty, or no sequence."""
    found = dataset.get(name) if dataset is not None else None
    return list(found) if found and not isinstance(found, str | bytes) else []


def text(dataset: Any, name: str) -> str:
    """The value of a tag as text, without spaces around; "" where it is absent."""
    value = dataset.get(name) if dataset is not None else None
    return "" if value is None else " ".join(str(value).split())
