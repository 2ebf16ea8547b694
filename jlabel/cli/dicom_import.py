"""``jlabel import --dicom``: segmentations (SEG) and contours (RTSTRUCT) as labels of the series that they refer to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jlabel.datastores import Datastore
    from jlabel.exchange import ImportReport
    from jlabel.exchange.dicom_seg.listing import DicomLabel
    from jlabel.manager import AppManager


def found_labels(datastore: Datastore, where: Path | None) -> list[DicomLabel]:
    """The segmentations and structure sets that are meant.

    Args:
        datastore: The images.
        where: A file, or a folder with ``.dcm`` files; those that lie with the images if not given.

    Raises:
        DatastoreError: There is no such file or folder, or nothing in it.
    """
    from jlabel.errors import DatastoreError
    from jlabel.exchange.dicom_seg.listing import dicom_labels, look_at

    if where is None:
        return dicom_labels(datastore)
    files = [where] if where.is_file() else sorted(where.rglob("*.dcm"))
    if not files:
        raise DatastoreError(f"{where}: there is no DICOM file (*.dcm) to import labels from")
    series = datastore.dicom_contents().series
    return [look_at(file, datastore, series) for file in files]


def names_in(labels: Sequence[DicomLabel]) -> dict[str, int]:
    """Values for the names of all segments, for studies that have no labels yet."""
    names = dict.fromkeys(segment.name for label in labels for segment in label.segments)
    return {name: value for value, name in enumerate(names, 1)}


def import_dicom(manager: AppManager, labels: Sequence[DicomLabel], tag: str, *, dry_run: bool) -> ImportReport:
    """Make each the label of its image; a segment whose name is new becomes a new label.

    Args:
        manager: Of the studies.
        labels: From :func:`found_labels`.
        tag: The tag of the labels.
        dry_run: Whether nothing is written.
    """
    from jlabel.errors import JlabelError
    from jlabel.exchange import ImportReport
    from jlabel.exchange.found import Refused
    from jlabel.progress import NO_PROGRESS

    report = ImportReport(tag)
    for one in labels:
        why = one.problem or _ambiguous(one)
        if not why and not dry_run:
            try:
                manager.import_dicom_label(one, new_labels=True, tag=tag, progress=NO_PROGRESS)
            except JlabelError as error:
                why = str(error).removeprefix(f"{one.file}: ")
        if why:
            report.refused.append(Refused(str(one.file), why))
        else:
            report.imported.append(one.images[0])
    return report


def _ambiguous(one: DicomLabel) -> str:
    if len(one.images) == 1:
        return ""
    return f"it belongs to {len(one.images)} images, {', '.join(one.images[:6])}: import it in Python, with image_id="
