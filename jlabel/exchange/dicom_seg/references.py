"""Which series and instances a segmentation or structure set refers to, and those that an image is made of.

What decides: ReferencedSeriesSequence and SourceImageSequence of a SEG (PS3.3 C.12.4), DerivationImageSequence of its
frames; ReferencedFrameOfReferenceSequence of an RTSTRUCT (C.8.8.5), and ContourImageSequence of its contours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jlabel.errors import ImageError, LabelError
from jlabel.exchange.dicom_seg.label_object import instance_uid, items, kind_of, text
from jlabel.imaging import Image


@dataclass(frozen=True)
class References:
    """What an object refers to; empty where it does not say.

    Attributes:
        series: SeriesInstanceUIDs.
        instances: SOPInstanceUIDs.
        spaces: FrameOfReferenceUIDs.
    """

    series: frozenset[str]
    instances: frozenset[str]
    spaces: frozenset[str]


@dataclass(frozen=True)
class ImageIdentity:
    """The DICOM objects that an image is made of.

    Attributes:
        series: SeriesInstanceUID; "" for an image of another format.
        space: FrameOfReferenceUID; "" where there is none.
        instances: For each slice the SOPInstanceUID and the frame in it, counted from 0.
    """

    series: str
    space: str
    instances: tuple[tuple[str, int], ...]


def references_of(dataset: Any) -> References:
    """What a SEG or RTSTRUCT refers to."""
    if kind_of(dataset) == "RTSTRUCT":
        return _of_structure_set(dataset)
    series = {text(one, "SeriesInstanceUID") for one in items(dataset, "ReferencedSeriesSequence")}
    instances = {
        text(one, "ReferencedSOPInstanceUID")
        for of_series in items(dataset, "ReferencedSeriesSequence")
        for one in items(of_series, "ReferencedInstanceSequence")
    }
    instances |= {text(one, "ReferencedSOPInstanceUID") for one in items(dataset, "SourceImageSequence")}
    groups = items(dataset, "SharedFunctionalGroupsSequence") + items(dataset, "PerFrameFunctionalGroupsSequence")
    instances |= {uid for group in groups for uid, _ in sources_of(group)}
    return References(_named(series), _named(instances), _named({text(dataset, "FrameOfReferenceUID")}))


def sources_of(group: Any) -> Iterator[tuple[str, int]]:
    """The instances that one frame was derived from, and the frame in each, counted from 0."""
    for derivation in items(group, "DerivationImageSequence"):
        for source in items(derivation, "SourceImageSequence"):
            frames = source.get("ReferencedFrameNumber") or 1
            first = frames if isinstance(frames, int) else next(iter(frames), 1)
            yield text(source, "ReferencedSOPInstanceUID"), max(0, int(first) - 1)


def image_identity(image: Image) -> ImageIdentity:
    """The objects of an image, from the headers of its files.

    Raises:
        ImageError: A file is gone or cannot be read.
    """
    import pydicom

    tags = ["SOPInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"]
    headers: dict[Path, Any] = {}
    for file, _ in image.sources:
        if file not in headers:
            try:
                headers[file] = pydicom.dcmread(file, stop_before_pixels=True, force=True, specific_tags=tags)
            except Exception as error:
                raise ImageError(file, f"cannot be read any more: {error or type(error).__name__}") from error
    first = headers[image.sources[0][0]] if image.sources else None
    instances = tuple((instance_uid(headers[file]), frame) for file, frame in image.sources)
    return ImageIdentity(text(first, "SeriesInstanceUID"), text(first, "FrameOfReferenceUID"), instances)


def check_belongs(path: Path, references: References, image: ImageIdentity, image_id: str) -> str:
    """Refuse an object that was made on another series, or whose positions are in another frame of reference.

    Returns:
        What to say of an object that names another frame of reference and the image's own instances, whose positions
        can only be meant; else "".

    Raises:
        LabelError: It does not belong to the image.
    """
    anyway = "trust_positions=True takes its positions as they are"
    if not references.instances.isdisjoint(uid for uid, _ in image.instances if uid):
        if references.spaces and image.space and image.space not in references.spaces:
            return "it names another frame of reference than the image, but the image's own instances"
        return ""
    if references.series and image.series not in references.series:
        named = ", ".join(sorted(references.series)[:3])
        raise LabelError(
            f"{path}: it was made on series {named}, and image {image_id!r} is "
            f"{f'series {image.series}' if image.series else 'of no DICOM series'}; {anyway}"
        )
    if references.spaces and image.space and image.space not in references.spaces:
        raise LabelError(
            f"{path}: its positions are in the frame of reference {', '.join(sorted(references.spaces)[:3])}, and "
            f"those of image {image_id!r} in {image.space}, so they mean other places; {anyway}"
        )
    return ""


def missing_note(references: References, image: ImageIdentity) -> str:
    """What to say of instances that an object refers to and that are none of the image's; "" where all are there."""
    missing = references.instances - {uid for uid, _ in image.instances}
    if not missing:
        return ""
    return f"{len(missing)} of the {len(references.instances)} instances that it refers to are not in the image"


def _of_structure_set(dataset: Any) -> References:
    frames = items(dataset, "ReferencedFrameOfReferenceSequence")
    of_series = [
        one
        for frame in frames
        for study in items(frame, "RTReferencedStudySequence")
        for one in items(study, "RTReferencedSeriesSequence")
    ]
    instances = {
        text(one, "ReferencedSOPInstanceUID") for series in of_series for one in items(series, "ContourImageSequence")
    }
    spaces = {text(frame, "FrameOfReferenceUID") for frame in frames}
    spaces |= {text(roi, "ReferencedFrameOfReferenceUID") for roi in items(dataset, "StructureSetROISequence")}
    for roi in items(dataset, "ROIContourSequence"):
        for contour in items(roi, "ContourSequence"):
            instances |= {text(one, "ReferencedSOPInstanceUID") for one in items(contour, "ContourImageSequence")}
    series = {text(one, "SeriesInstanceUID") for one in of_series}
    return References(_named(series), _named(instances), _named(spaces))


def _named(uids: set[str]) -> frozenset[str]:
    return frozenset(uid for uid in uids if uid)
