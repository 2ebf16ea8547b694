"""Reading a DICOM segmentation (SEG) into the grid of an image.

What decides (PS3.3 C.8.20): SegmentationType. BINARY and FRACTIONAL frames are of the segment in
SegmentIdentificationSequence; the values of a fractional one are parts of MaximumFractionalValue. The values of a
LABELMAP are numbers of segments. Frames may come in any order, and those that would be empty may be left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError, LabelError
from jlabel.exchange.dicom_seg.display_color import color_of_lab, color_of_rgb
from jlabel.exchange.dicom_seg.label_object import items, text
from jlabel.exchange.dicom_seg.other_grid import resampled
from jlabel.exchange.dicom_seg.references import ImageIdentity, references_of
from jlabel.exchange.dicom_seg.seg_pixels import SegPixels
from jlabel.exchange.dicom_seg.seg_places import (
    FramePlace,
    beside_note,
    frame_groups,
    frame_slice,
    not_in_grid,
    place_by_source,
    place_in_grid,
)
from jlabel.exchange.dicom_seg.segment import Block, ReadSegments, Segment, SegmentVoxels, cropped, joined
from jlabel.imaging import Image
from jlabel.imaging.formats.dicom_slices import Slice
from jlabel.imaging.label_grid import three_axes
from jlabel.progress import NO_PROGRESS, Progress

_TYPES = ("BINARY", "FRACTIONAL", "LABELMAP")
_PALETTE = ("Red", "Green", "Blue")
Pixels = NDArray[np.bool_]


def seg_segments(dataset: Any) -> list[Segment]:
    """The segments of a SEG, in the order of their numbers; the background of a label map is none."""
    found = []
    for item in items(dataset, "SegmentSequence"):
        try:
            number = int(item.get("SegmentNumber"))
        except (TypeError, ValueError):
            continue
        if number < 1:
            continue
        name = text(item, "SegmentLabel") or f"segment {number}"
        color = color_of_lab(item.get("RecommendedDisplayCIELabValue")) or _palette_color(dataset, number)
        category, kind = _code(item, "SegmentedPropertyCategory"), _code(item, "SegmentedPropertyType")
        found.append(Segment(number, name, color, category, kind))
    return sorted(found, key=lambda segment: segment.number)


def read_seg(
    path: Path,
    dataset: Any,
    image: Image,
    identity: ImageIdentity,
    *,
    threshold: float = 0.5,
    fit: bool = False,
    progress: Progress = NO_PROGRESS,
) -> ReadSegments:
    """The voxels of each segment in an image.

    Args:
        path: The file, named in errors.
        dataset: The SEG.
        image: The image.
        identity: The objects that it is made of.
        threshold: From which part of its largest value on a fractional segment counts.
        fit: Whether frames that do not lie on the image's voxels are resampled, to the nearest voxel.
        progress: Told how far it is, and may cancel it.

    Raises:
        ImageError: It is damaged, or of a kind that is not supported.
        LabelError: Its frames cannot be put into the image.
    """
    kind = text(dataset, "SegmentationType").upper() or ("LABELMAP" if not items(dataset, "SegmentSequence") else "")
    if kind not in _TYPES:
        raise ImageError(path, f"has a SegmentationType that is not supported: {kind or 'none'}")
    segments = {segment.number: segment for segment in seg_segments(dataset)}
    pixels = SegPixels(path, dataset)
    places = _places(path, dataset, image, identity, pixels)
    blocks: dict[int, list[Block]] = {number: [] for number in segments}
    left_out = dict.fromkeys(segments, 0)
    elsewhere: dict[int, list[tuple[Slice, Pixels]]] = {}
    used: list[FramePlace] = []
    for index, (place, lies) in enumerate(places):
        progress.step(index, pixels.count)
        for number, mask in _masks(path, dataset, index, kind, pixels, threshold):
            if number not in segments:
                segments[number] = Segment(number, f"segment {number}")
                blocks[number], left_out[number] = [], 0
            if place is not None:
                block, outside = cropped(place.block(mask), three_axes(image.shape))
                blocks[number].append(block)
                left_out[number] += outside
                used.append(place)
            elif lies is not None and fit:
                elsewhere.setdefault(number, []).append((lies, mask))
            else:
                raise not_in_grid(path, image, lies, (pixels.columns, pixels.rows))
    notes = {"position": beside_note(used)}
    for number, frames in elsewhere.items():
        block, left_out[number] = resampled(path, image, frames)
        blocks[number].append(block)
        notes["grid"] = "the segmentation has another grid than the image and was resampled, to the nearest voxel"
    read = [SegmentVoxels(segments[number], joined(blocks[number]), left_out[number]) for number in sorted(segments)]
    if kind == "FRACTIONAL":
        notes["fractions"] = f"the segments are fractional; what is {threshold:g} or more of the largest value counts"
    return ReadSegments(read, {topic: said for topic, said in notes.items() if said})


def _places(
    path: Path, dataset: Any, image: Image, identity: ImageIdentity, pixels: SegPixels
) -> list[tuple[FramePlace | None, Slice | None]]:
    per_frame = len(items(dataset, "PerFrameFunctionalGroupsSequence"))
    if per_frame not in (0, pixels.count):
        raise ImageError(path, f"is damaged: it has {pixels.count} frames and positions for {per_frame}")
    size = (pixels.columns, pixels.rows)
    instances = sorted(references_of(dataset).instances)
    found: list[tuple[FramePlace | None, Slice | None]] = []
    for index in range(pixels.count):
        lies = frame_slice(path, dataset, index) if image.oriented else None
        if lies is not None:
            found.append((place_in_grid(path, image, lies, size), lies))
        elif size == image.shape[:2]:
            found.append((place_by_source(dataset, index, image, identity, instances), None))
        else:
            raise LabelError(
                f"{path}: it has frames of {size[0]} × {size[1]} pixels that do not say where they lie, and the image "
                f"has {image.shape[0]} × {image.shape[1]}"
            )
    return found


def _masks(
    path: Path, dataset: Any, index: int, kind: str, pixels: SegPixels, threshold: float
) -> Iterator[tuple[int, Pixels]]:
    """The segments of a frame and their pixels, where there are any."""
    values = pixels.frame(index)
    if kind == "LABELMAP":
        for number in np.unique(values):
            if number:
                yield int(number), values == number
        return
    most = int(dataset.get("MaximumFractionalValue") or 255) if kind == "FRACTIONAL" else 1
    mask = values >= max(threshold * most, 1e-6)
    if mask.any():
        yield _segment_number(path, dataset, index), mask


def _segment_number(path: Path, dataset: Any, index: int) -> int:
    for group in frame_groups(dataset, index):
        for identification in items(group, "SegmentIdentificationSequence"):
            number = identification.get("ReferencedSegmentNumber")
            if isinstance(number, int) and number > 0:
                return number
    described = [segment.number for segment in seg_segments(dataset)]
    if len(described) == 1:
        return described[0]
    raise ImageError(path, f"is damaged: its frame {index + 1} does not say of which segment it is")


def _code(item: Any, name: str) -> tuple[str, str, str] | None:
    for code in items(item, f"{name}CodeSequence"):
        value = text(code, "CodeValue") or text(code, "LongCodeValue") or text(code, "URNCodeValue")
        if value:
            return value, text(code, "CodingSchemeDesignator"), text(code, "CodeMeaning")
    return None


def _palette_color(dataset: Any, number: int) -> str:
    """The colour of a label map's own palette; "" where it has none."""
    rgb = []
    for name in _PALETTE:
        descriptor = dataset.get(f"{name}PaletteColorLookupTableDescriptor")
        raw = dataset.get(f"{name}PaletteColorLookupTableData")
        try:
            count, first, bits = (int(one) for one in descriptor)
            table = np.frombuffer(raw, np.uint8 if bits == 8 else "<u2")
            at = min(max(number - first, 0), (count or 1 << 16) - 1)
            rgb.append(int(table[at]) >> (bits - 8))
        except (TypeError, ValueError, IndexError):
            return ""
    return color_of_rgb(rgb)
