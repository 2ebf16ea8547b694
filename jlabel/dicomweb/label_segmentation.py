"""A version of a label as the DICOM SEG that is stored: segments by the names that were saved with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from jlabel.datastores.spelling import canonical
from jlabel.dicomweb.label_note import LabelNote, write_note
from jlabel.errors import LabelError
from jlabel.exchange.dicom_seg.seg_writing import WrittenSegment, how_made, make_seg, written_segments
from jlabel.imaging.formats.library_warnings import warnings_heard
from jlabel.imaging.image import Image
from jlabel.imaging.label_files import read_label
from jlabel.imaging.label_values import present_values
from jlabel.labels.label import PALETTE, Label, make_labels
from jlabel.labels.label_set import LabelSet

_LONGEST = 64


def make_segmentation(
    image: Image,
    image_id: str,
    note: LabelNote,
    file: Path | None,
    label_set: Mapping[str, Any] | None,
    codes: Mapping[str, Any],
) -> Any:
    """The DICOM SEG of a version of a label: a pydicom dataset. Made again, it has the same UIDs.

    Args:
        image: The image, read from DICOM files.
        image_id: Its id, named in errors.
        note: The version.
        file: The label's file; None for a label that was removed, which is a segmentation without a voxel.
        label_set: The labels of the studies, which tell the colours; None where nobody has changed them.
        codes: What structures are, by the names of their labels.

    Raises:
        LabelError: No segmentation can be made of the image.
        ImageError: The label cannot be read.
        JlabelError: highdicom is not installed.
    """
    mask = np.zeros(image.shape, np.uint8) if file is None else read_label(file, image, {})
    there = present_values(mask) - {0}
    segments = _segments(note, there, label_set, codes)
    making = how_made(note.tag, _models(note))
    with warnings_heard():  # of what the image's own headers lack
        made = make_seg(image, image_id, mask, segments, making, description=_title(note), empty=True)
    _identify(made, note)
    write_note(made, note, b"" if file is None else file.read_bytes())
    return made


def _segments(
    note: LabelNote, there: set[int], label_set: Mapping[str, Any] | None, codes: Mapping[str, Any]
) -> list[WrittenSegment]:
    values = note.info.get("labels")
    try:
        declared = make_labels({str(name): value for name, value in values.items()}) if values else ()
    except (LabelError, AttributeError):
        declared = ()
    kept = LabelSet.joined(label_set, ()) if label_set else None
    colors = {} if kept is None else {one.value: one.color for one in kept.labels}
    known = {one.value: Label(one.name, one.value, colors.get(one.value, one.color)) for one in declared}
    for value in there - known.keys():
        known[value] = Label(f"value {value}", value, colors.get(value, PALETTE[value % len(PALETTE)]))
    wanted = list(known.values()) or [Label("value 1", 1, PALETTE[0])]
    return written_segments(wanted, there, {canonical(name): code for name, code in codes.items()})


def _models(note: LabelNote) -> list[str]:
    models = note.info.get("models")
    return [str(one) for one in models] if isinstance(models, list) else []


def _title(note: LabelNote) -> str:
    return f"jlabel {note.tag}" + (f" by {note.author}" if note.author else "")


def _identify(made: Any, note: LabelNote) -> None:
    """The series of an image's labels of one tag and author, and an instance for each version."""
    from pydicom.uid import generate_uid

    label = [note.series, note.instance, note.tag, note.author or ""]
    version = [*label, str(note.number), repr(note.time), note.sha256, "removed" if note.is_removal else ""]
    made.SeriesInstanceUID = generate_uid(entropy_srcs=["\0".join(["series", *label])])
    made.SOPInstanceUID = generate_uid(entropy_srcs=["\0".join(["label", *version])])
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.InstanceNumber = note.number
    when = datetime.fromtimestamp(note.time)
    for name in ("Content", "Series", "InstanceCreation"):
        setattr(made, f"{name}Date", when.strftime("%Y%m%d"))
        setattr(made, f"{name}Time", when.strftime("%H%M%S.%f"))
    made.ContentLabel = "JLABEL"
    made.ContentDescription = "removed" if note.is_removal else f"version {note.number} of {note.tag}"[:_LONGEST]
    made.ContentCreatorName = _person(note.author or "")


def _person(name: str) -> str:
    """A name as DICOM has it, in which some characters begin another part."""
    return " ".join("".join(" " if one in "\\=^" else one for one in name if one.isprintable()).split())[:_LONGEST]
