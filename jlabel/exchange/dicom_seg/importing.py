"""A DICOM segmentation or structure set as the label of an image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from jlabel.errors import LabelError
from jlabel.exchange.dicom_seg.label_object import damage_explained, kind_of
from jlabel.exchange.dicom_seg.naming import chosen_names, label_of_each
from jlabel.exchange.dicom_seg.overlap import RULES, Overlap, OverlapRule, check_rule, overlaps_said, painted
from jlabel.exchange.dicom_seg.references import check_belongs, image_identity, missing_note, references_of
from jlabel.exchange.dicom_seg.rtstruct_reading import read_structure_set
from jlabel.exchange.dicom_seg.seg_reading import read_seg
from jlabel.exchange.dicom_seg.segment import ReadSegments
from jlabel.imaging import Image
from jlabel.progress import NO_PROGRESS, Progress
from jlabel.types import LabelMap


@dataclass(frozen=True)
class ImportedDicomLabel:
    """What became of a DICOM segmentation or structure set.

    Attributes:
        image_id: The image whose label it is now.
        file: Where it was read from.
        labels: The names of its segments to the labels that they became.
        voxels: How many voxels each of these labels has.
        overlaps: Voxels of several segments, and which of them keeps them.
        empty: The names of segments that have no voxel in the image, which became nothing.
        notes: What is unusual about it, by topic, in words.
    """

    image_id: str
    file: Path
    labels: Mapping[str, str]
    voxels: Mapping[str, int]
    overlaps: Sequence[Overlap] = ()
    empty: Sequence[str] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


def read_segments(
    path: Path,
    dataset: Any,
    image: Image,
    image_id: str,
    *,
    threshold: float = 0.5,
    fit: bool = False,
    trust_positions: bool = False,
    progress: Progress = NO_PROGRESS,
) -> ReadSegments:
    """The segments of an opened object in the grid of an image.

    Args:
        path: The file, named in errors.
        dataset: The object.
        image: The image.
        image_id: Its id, named in errors.
        threshold: From which part of its largest value on a fractional segment counts, above 0 and up to 1.
        fit: Whether a segmentation in another grid is resampled, to the nearest voxel.
        trust_positions: Whether an object of another series, or of another frame of reference, is taken.
        progress: Told how far it is, and may cancel it.

    Raises:
        ImageError: It is damaged, or of a kind that is not supported.
        LabelError: It belongs to another image, does not lie in the image's grid, or has no voxel in it.
    """
    if not 0 < threshold <= 1:
        raise LabelError(f"threshold is a part of the largest value, above 0 and up to 1, not {threshold!r}")
    identity = image_identity(image)
    with damage_explained(path) as heard:
        references = references_of(dataset)
        space = "" if trust_positions else check_belongs(path, references, identity, image_id)
        if kind_of(dataset) == "SEG":
            read = read_seg(path, dataset, image, identity, threshold=threshold, fit=fit, progress=progress)
        else:
            read = read_structure_set(path, dataset, image, identity.space, progress)
    if not any(one.count for one in read.segments):
        raise LabelError(f"{path}: none of its segments has a voxel in image {image_id!r}")
    said = {"instances": missing_note(references, identity), "space": space, "reader": "; ".join(heard[:3])}
    read.notes.update({topic: note for topic, note in said.items() if note})
    return read


@dataclass(frozen=True)
class JoinedSegments:
    """Segments as one label, before their labels have values.

    Attributes:
        parts: Shape of the image: 0, or 1 and more for ``names`` in their order.
        names: The labels that occur.
        labels: The names of segments to those of their labels.
        added: The labels that are to be added, with their colours.
        overlaps: Voxels of several segments.
    """

    parts: LabelMap
    names: Sequence[str]
    labels: Mapping[str, str]
    added: Mapping[str, str]
    overlaps: Sequence[Overlap]

    def with_values(self, values: Mapping[str, int]) -> LabelMap:
        """The label, with the values of its labels."""
        table = np.array([0, *(values[name] for name in self.names)])
        return np.asfortranarray(table.astype(np.uint8 if table.max() <= 255 else np.uint16)[self.parts])


def join_segments(
    path: Path,
    read: ReadSegments,
    image: Image,
    chosen: Mapping[str | int, str | None],
    labels: Sequence[str],
    new_labels: bool,
    rule: OverlapRule,
) -> JoinedSegments:
    """Segments as one label of an image; what there is to say about it is added to their notes.

    Args:
        path: The file, named in errors.
        read: Its segments.
        image: The image.
        chosen: Names or numbers of segments to the names of labels, or to None for one that is left out.
        labels: The names of the labels that there are.
        new_labels: Whether labels may be added.
        rule: Which segment gets a voxel of several.

    Raises:
        LabelError: A segment has no label of its name, or segments overlap and that is refused.
    """
    check_rule(rule)
    used = [one.segment for one in read.segments if one.count]
    wanted = chosen_names(path, [one.segment for one in read.segments], chosen)
    found, added = label_of_each(path, used, {one.number: wanted[one.number] for one in used}, labels, new_labels)
    kept = [one for one in read.segments if one.segment.number in found]
    names = list(dict.fromkeys(found[one.segment.number] for one in kept))
    values = {number: names.index(name) + 1 for number, name in found.items()}
    parts, overlaps = painted(image.shape, kept, values, rule)
    if overlaps:
        read.notes["overlap"] = f"voxels of several segments, of which {RULES[rule]}: {overlaps_said(overlaps)}"
    outside = [f"{one.left_out} of {one.segment.name!r}" for one in kept if one.left_out]
    if outside and "beyond" not in read.notes:
        read.notes["outside"] = f"voxels outside of the image were left out: {', '.join(outside)}"
    labels_of = {one.segment.name: found[one.segment.number] for one in kept}
    return JoinedSegments(parts, names, labels_of, added, overlaps)
