"""Opening the DICOM objects that hold labels: segmentations (SEG) and structure sets (RTSTRUCT)."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jlabel.errors import ImageError, JlabelError
from jlabel.imaging.formats.dicom_deflated import check_deflated
from jlabel.imaging.formats.dicom_objects import LABEL_MAP_SEGMENTATION, SEGMENTATION, STRUCTURE_SET, no_image
from jlabel.imaging.formats.dicom_sniff import is_dicom
from jlabel.imaging.formats.library_warnings import warnings_heard

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
    with damage_explained(path):
        try:
            check_deflated(path)
            dataset = pydicom.dcmread(path, force=True, defer_size=_LONG_VALUE)
        except OSError as error:
            raise ImageError(path, f"cannot be read: {error.strerror or error}") from error
        kind = kind_of(dataset)
    if not kind:
        sop_class = str(dataset.get("SOPClassUID", ""))
        what = no_image(sop_class) or getattr(dataset.get("SOPClassUID"), "name", "") or "of an unknown kind"
        raise ImageError(path, f"holds no segmentation (SEG) and no contours (RTSTRUCT): it is {what}")
    return dataset


@contextlib.contextmanager
def damage_explained(path: Path) -> Iterator[list[str]]:
    """Name the file where a library fails on what it says; gives the list of the library's warnings.

    Raises:
        ImageError: It is damaged.
    """
    try:
        with warnings_heard() as heard:
            yield heard
    except JlabelError:
        raise
    except MemoryError as error:
        raise ImageError(path, "needs more memory than there is") from error
    except Exception as error:
        words = " ".join(str(error).split()) or type(error).__name__
        raise ImageError(path, f"is damaged or of an unsupported kind: {words}") from error


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


def instance_uid(dataset: Any) -> str:
    """SOPInstanceUID, or what the file meta information has in its place where programs have emptied it; else ""."""
    return text(dataset, "SOPInstanceUID") or text(getattr(dataset, "file_meta", None), "MediaStorageSOPInstanceUID")
