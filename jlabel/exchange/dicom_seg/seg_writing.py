"""Writing a label as a DICOM segmentation (SEG) that refers to the instances of its series, by highdicom."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from jlabel.datastores import ORIGINAL
from jlabel.errors import JlabelError, LabelError
from jlabel.exchange.dicom_seg.codes import SegmentCode, code_of, stated_code
from jlabel.exchange.dicom_seg.display_color import lab_of
from jlabel.exchange.dicom_seg.source_headers import SourceHeaders, source_headers
from jlabel.imaging import Image
from jlabel.imaging.label_grid import three_axes
from jlabel.labels.label import Label
from jlabel.labels.object_values import ObjectValues
from jlabel.types import LabelMap

SegKind = Literal["binary", "labelmap"]
_KINDS: Mapping[str, str] = {"binary": "BINARY", "labelmap": "LABELMAP"}


@dataclass(frozen=True)
class WrittenSegment:
    """What a value of a label becomes.

    Attributes:
        value: In the label.
        name: SegmentLabel.
        color: ``#rrggbb``.
        code: What it is.
    """

    value: int
    name: str
    color: str
    code: SegmentCode


@dataclass(frozen=True)
class Making:
    """How a label was made.

    Attributes:
        algorithm: ``"MANUAL"``, ``"SEMIAUTOMATIC"`` or ``"AUTOMATIC"``.
        models: The models that had a part in it.
    """

    algorithm: Literal["MANUAL", "SEMIAUTOMATIC", "AUTOMATIC"]
    models: Sequence[str] = ()


def written_segments(
    labels: Sequence[Label], there: Collection[int], codes: Mapping[str, Any], objects: ObjectValues | None = None
) -> list[WrittenSegment]:
    """What labels become, in the order of their values; each object that is told apart is a segment.

    Args:
        labels: The labels; all of them are taken where none occurs.
        there: The values that occur.
        codes: Codes of some of them, by their names; the others' are found by their names.
        objects: The values of objects, and the label that they are of.

    Raises:
        LabelError: A code is none.
    """
    apart = [] if objects is None else objects.among(sorted(there))
    found = [(one, one.name) for one in labels if one.value in there and not (one.instances and apart)]
    if objects is not None and objects.label in labels:
        found += [(_object(objects, value), objects.label.name) for value in apart]
    return [
        WrittenSegment(
            label.value,
            label.name,
            label.color,
            stated_code(name, codes[name]) if name in codes else code_of(name),
        )
        for label, name in sorted(found or [(one, one.name) for one in labels], key=lambda one: one[0].value)
    ]


def how_made(tag: str, models: Sequence[str]) -> Making:
    """How a label of that tag was made, in which those models had a part: by a person, a model, or both."""
    if tag == ORIGINAL:
        return Making("AUTOMATIC", models)
    return Making("SEMIAUTOMATIC" if models else "MANUAL", models)


def highdicom() -> Any:
    """The library that writes segmentations.

    Raises:
        JlabelError: It is not installed.
    """
    try:
        import highdicom
    except ImportError as error:
        raise JlabelError('a DICOM segmentation is written by highdicom: pip install "jlabel[dicom]"') from error
    return highdicom


def make_seg(
    image: Image,
    image_id: str,
    label: LabelMap,
    segments: Sequence[WrittenSegment],
    making: Making,
    *,
    kind: SegKind = "binary",
    description: str = "Segmentation",
    empty: bool = False,
) -> Any:
    """A label as a segmentation, a pydicom dataset.

    Args:
        image: The image, read from DICOM files.
        image_id: Its id, named in errors.
        label: Shape of the image.
        segments: What its values become; other values are left out.
        making: How it was made.
        kind: ``"binary"``, which every program reads, has a frame for each segment and slice; ``"labelmap"`` one for
            each slice, with the label's own values.
        description: SeriesDescription.
        empty: Whether a label may have no voxel.

    Raises:
        LabelError: The image has no DICOM files that can be referred to, the label has no voxel of the segments, or the
            series lacks what a segmentation has to have.
        ImageError: A file of the image is gone.
        JlabelError: highdicom is not installed.
    """
    library = highdicom()
    if kind not in _KINDS:
        raise LabelError(f"kind is 'binary' or 'labelmap', not {kind!r}")
    numbers = {one.value: one.value if kind == "labelmap" else at for at, one in enumerate(segments, start=1)}
    sources = source_headers(image, image_id)
    pixels = _pixels(label, numbers, sources)
    if not empty and not pixels.any():
        raise LabelError(f"the label of {image_id!r} has no voxel of {', '.join(one.name for one in segments)}")
    described = [_description(library, numbers[one.value], one, making) for one in segments]
    try:
        made = library.seg.Segmentation(
            source_images=sources.datasets,
            pixel_array=pixels,
            segmentation_type=_KINDS[kind],
            segment_descriptions=described,
            series_instance_uid=library.UID(),
            series_number=int(sources.datasets[0].get("SeriesNumber") or 0) % 1_000_000 + 1000,
            sop_instance_uid=library.UID(),
            instance_number=1,
            manufacturer="jlabel",
            manufacturer_model_name="jlabel",
            software_versions=_version(),
            device_serial_number="jlabel",
            series_description=_label_text(description),
            content_label="SEGMENTATION",
            omit_empty_frames=bool(pixels.any()),
        )
    except (ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
        raise LabelError(f"no segmentation can be made of image {image_id!r}: {error}") from error
    # Names of labels may be in any alphabet.
    made.SpecificCharacterSet = "ISO_IR 192"
    _state_spacing(made, image)
    return made


def _object(objects: ObjectValues, value: int) -> Label:
    return Label(f"{objects.label.name} {value}", value, objects.color(value))


def _pixels(label: LabelMap, numbers: Mapping[int, int], sources: SourceHeaders) -> NDArray[Any]:
    """The numbers of segments as DICOM has them: a frame for each slice, of rows of pixels."""
    table = np.zeros(max(int(label.max()), max(numbers)) + 1, np.uint8 if max(numbers.values()) < 256 else np.uint16)
    for value, number in numbers.items():
        table[value] = number
    volume = label.reshape(three_axes(label.shape), order="A")
    out = np.zeros((sources.count, volume.shape[1], volume.shape[0]), table.dtype)
    for k, frame in enumerate(sources.frames):
        out[frame] = table[volume[:, :, k]].T
    return out


def _description(library: Any, number: int, segment: WrittenSegment, making: Making) -> Any:
    from pydicom.sr.codedict import codes

    def coded(code: tuple[str, str, str]) -> Any:
        return library.sr.CodedConcept(code[0], code[1], code[2][:64])

    algorithm = None
    if making.algorithm != "MANUAL":
        name = ", ".join(making.models) or "unknown model"
        algorithm = library.AlgorithmIdentificationSequence(
            name=name[:64], family=codes.cid7162.ArtificialIntelligence, version=_version()
        )
    made = library.seg.SegmentDescription(
        segment_number=number,
        segment_label=_label_text(segment.name),
        segmented_property_category=coded(segment.code.category),
        segmented_property_type=coded(segment.code.type),
        algorithm_type=making.algorithm,
        algorithm_identification=algorithm,
    )
    made.RecommendedDisplayCIELabValue = list(lab_of(segment.color))
    if segment.code.side is not None:
        made.SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence = [coded(segment.code.side)]
    return made


def _label_text(text: str) -> str:
    """A text as short as its kind of value (LO) allows, in which a backslash would begin another value."""
    return text.replace("\\", "/")[:64]


def _state_spacing(made: Any, image: Image) -> None:
    """State the distance between slices: some programs take their thickness for it, which may be another one."""
    if not image.oriented or len(image.sources) < 2:
        return
    normal = np.cross(image.affine[:3, 0], image.affine[:3, 1])
    distance = abs(float(image.affine[:3, 2] @ normal / np.linalg.norm(normal)))
    for group in made.SharedFunctionalGroupsSequence:
        for measures in group.get("PixelMeasuresSequence", ()):
            measures.SpacingBetweenSlices = f"{distance:.10g}"


def _version() -> str:
    try:
        return version("jlabel")
    except PackageNotFoundError:
        return "unknown"
