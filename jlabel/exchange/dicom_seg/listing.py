"""Which DICOM segmentations and structure sets lie with the images, and to which image each belongs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jlabel.datastores import Datastore
from jlabel.errors import DatastoreError, ImageError, LabelError
from jlabel.exchange.dicom_seg.label_object import damage_explained, kind_of, open_label_object, text
from jlabel.exchange.dicom_seg.references import References, references_of
from jlabel.exchange.dicom_seg.rtstruct_reading import structure_segments
from jlabel.exchange.dicom_seg.seg_reading import seg_segments
from jlabel.exchange.dicom_seg.segment import Segment
from jlabel.imaging.formats.dicom_folder import files_of
from jlabel.progress import NO_PROGRESS, Progress

_DESCRIPTIONS = ("ContentDescription", "SeriesDescription", "StructureSetLabel", "ContentLabel")


@dataclass(frozen=True)
class DicomLabel:
    """A DICOM segmentation or structure set that lies with the images.

    Attributes:
        file: Where it is.
        kind: ``"SEG"`` or ``"RTSTRUCT"``; "" for one that cannot be read.
        images: The ids of the images that it belongs to: those of the series that it refers to.
        segments: What it has segments of.
        description: Its own description, or that of its series.
        problem: Why it cannot be imported; "" where it can.
    """

    file: Path
    kind: str
    images: tuple[str, ...]
    segments: tuple[Segment, ...]
    description: str = ""
    problem: str = ""


def dicom_labels(datastore: Datastore, progress: Progress = NO_PROGRESS) -> list[DicomLabel]:
    """Look into every segmentation and structure set of a datastore.

    Args:
        datastore: The datastore.
        progress: Told how far it is, and may cancel it.

    Raises:
        DatastoreError: The datastore cannot be read.
    """
    contents = datastore.dicom_contents()
    found = []
    for index, file in enumerate(contents.labels):
        progress.step(index, len(contents.labels))
        found.append(look_at(file, datastore, contents.series))
    return found


def image_of(path: Path, dataset: Any, datastore: Datastore) -> str:
    """The only image that an opened object belongs to.

    Raises:
        ImageError: What it refers to cannot be understood.
        LabelError: There is no such image, or there are several.
    """
    with damage_explained(path):
        references = references_of(dataset)
    images = _images(references, datastore, datastore.dicom_contents().series)
    if len(images) == 1:
        return images[0]
    if images:
        raise LabelError(f"{path}: it belongs to {len(images)} images, {', '.join(images[:6])}: say image_id=")
    raise LabelError(f"{path}: {_problem(references)}; say image_id= to import it all the same")


def look_at(file: Path, datastore: Datastore, series: Mapping[str, str]) -> DicomLabel:
    """What a file is that may be a segmentation or a structure set.

    Args:
        file: The file.
        datastore: Where its images may be.
        series: The ids of images by their series.
    """
    try:
        dataset = open_label_object(file)
        with damage_explained(file):
            kind, references = kind_of(dataset), references_of(dataset)
            segments = tuple(seg_segments(dataset) if kind == "SEG" else structure_segments(dataset))
            description = next((said for said in (text(dataset, name) for name in _DESCRIPTIONS) if said), "")
    except ImageError as error:
        return DicomLabel(file, "", (), (), problem=error.reason)
    images = tuple(_images(references, datastore, series))
    return DicomLabel(file, kind, images, segments, description, "" if images else _problem(references))


def _images(references: References, datastore: Datastore, series: Mapping[str, str]) -> list[str]:
    named = [image_id for image_id, uid in series.items() if uid in references.series]
    if named:
        return named
    # Objects of long ago name no series, and some images have lost its name; the space of the slices is the same.
    rest = {image_id: uid for image_id, uid in series.items() if not uid or not references.series}
    return [image_id for image_id, space in _spaces(datastore, rest) if space and space in references.spaces]


def _spaces(datastore: Datastore, series: Iterable[str]) -> Iterator[tuple[str, str]]:
    import pydicom

    for image_id in series:
        try:
            file = min(files_of(Path(datastore.get_image_uri(image_id))))
            header = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=["FrameOfReferenceUID"], force=True)
        except (DatastoreError, ImageError, OSError, ValueError, AttributeError):
            continue
        yield image_id, text(header, "FrameOfReferenceUID")


def _problem(references: References) -> str:
    if references.series:
        return f"it belongs to series {', '.join(sorted(references.series)[:3])}, which is not among the images"
    return "it names no series, and none of the images lies in its frame of reference"
