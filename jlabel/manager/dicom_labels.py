"""DICOM segmentations and contours as labels of their images, and labels as DICOM segmentations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from jlabel.annotation.provenance import models_of
from jlabel.display.progress_bar import shown_progress
from jlabel.display.table import Listing, Row
from jlabel.errors import DatastoreError
from jlabel.exchange.dicom_seg.codes import CODES_SETTING, kept_codes
from jlabel.exchange.dicom_seg.importing import ImportedDicomLabel, join_segments, read_segments
from jlabel.exchange.dicom_seg.label_object import open_label_object
from jlabel.exchange.dicom_seg.listing import DicomLabel, dicom_labels, image_of
from jlabel.exchange.dicom_seg.overlap import OverlapRule, check_rule
from jlabel.exchange.dicom_seg.seg_writing import (
    Making,
    SegKind,
    WrittenSegment,
    highdicom,
    how_made,
    make_seg,
    written_segments,
)
from jlabel.exchange.dicom_seg.segment import SegmentVoxels
from jlabel.files.atomic import atomic_write
from jlabel.imaging.label_values import present_values
from jlabel.labels.label import label_values
from jlabel.labels.label_set import LabelSet
from jlabel.manager.images_and_labels import ImagesAndLabels
from jlabel.progress import Progress
from jlabel.types import LabelMap

_COLUMNS = ("file", "kind", "images", "segments", "description", "problem")


class DicomLabels(ImagesAndLabels):
    """Labels in DICOM's own objects; see :class:`jlabel.AppManager`."""

    def dicom_labels(self, progress: Progress | None = None) -> list[DicomLabel]:
        """The DICOM segmentations (SEG) and structure sets (RTSTRUCT) that lie with the images.

        Args:
            progress: Told how far it is, and can cancel it between two files; a bar if not given.

        Returns:
            A list, which a notebook shows as a table: file, kind, the images that it belongs to, names of segments,
            and why it cannot be imported, where that is so.

        Raises:
            DatastoreError: The datastore cannot be read.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> manager.dicom_labels()
            []
            >>> manager.close()
        """
        self.datastore.refresh()
        with shown_progress("Looking into DICOM labels", progress) as told:
            found = dicom_labels(self.datastore, told)
        return Listing(found, "DICOM labels", _row, _COLUMNS)

    def import_dicom_label(
        self,
        file: str | Path | DicomLabel,
        image_id: str | None = None,
        *,
        labels: Mapping[str | int, str | None] | None = None,
        new_labels: bool = False,
        overlap: OverlapRule = "smallest",
        threshold: float = 0.5,
        fit: bool = False,
        trust_positions: bool = False,
        tag: str = "final",
        progress: Progress | None = None,
    ) -> ImportedDicomLabel:
        """Make a DICOM segmentation (SEG) or structure set (RTSTRUCT) the label of the image that it was made on.

        Segments become the labels of their names; letter case, spaces, ``_`` and ``-`` do not matter. The label that
        the image had before stays in its history.

        Args:
            file: One of :meth:`dicom_labels`, or a path; a file outside of the studies too.
            image_id: The image; that of the series to which the file refers if not given.
            labels: Names or numbers of segments to the names of labels, or to None for one that is left out.
            new_labels: Whether segments whose name no label has become new labels, with their own colours.
            overlap: Which segment gets a voxel of several: the one with the fewest voxels (``"smallest"``), with the
                lowest (``"first"``) or the highest number (``"last"``); ``"refuse"`` raises. The result says how many
                there are.
            threshold: From which part of its largest value on a fractional segment counts.
            fit: Whether a segmentation in another grid than the image is resampled, to the nearest voxel.
            trust_positions: Whether positions are taken as they are where the file names another series or another
                frame of reference.
            tag: As for :meth:`save_label`.
            progress: Told how far it is, and can cancel it; a bar if not given.

        Raises:
            ImageError: The file is damaged, or is something else.
            LabelError: It belongs to no image or to another one, a segment has no label of its name, or it does not lie
                in the grid of the image; nothing has changed then.
            DatastoreError: There is no such image, or the label cannot be written.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> for label in manager.dicom_labels():
            ...     manager.import_dicom_label(label, new_labels=True)
            >>> (studies / "seg.dcm").write_bytes(b"no segmentation")
            15
            >>> try:
            ...     manager.import_dicom_label(studies / "seg.dcm", "case_1")
            ... except jlabel.ImageError as error:
            ...     print(error.path.name, error.reason)
            seg.dcm is no DICOM file
            >>> manager.close()
        """
        check_rule(overlap)
        path = file.file if isinstance(file, DicomLabel) else Path(file).expanduser()
        with shown_progress("Importing a DICOM label", progress) as told:
            dataset = open_label_object(path)
            image_id = image_of(path, dataset, self.datastore) if image_id is None else image_id
            image = self.image(image_id)
            read = read_segments(
                path,
                dataset,
                image,
                image_id,
                threshold=threshold,
                fit=fit,
                trust_positions=trust_positions,
                progress=told.part(0, 0.8),
            )
            known = list(self._named_values())
            joined = join_segments(path, read, image, labels or {}, known, new_labels, overlap)
            values = self._with_added(joined.added)
            mask = joined.with_values(values)
            info = {"imported": path.name, "segments": dict(joined.labels)}
            self.save_label(image_id, mask, tag, info, told.part(0.8, 1), image)
        self._keep_codes(read.segments, joined.labels)
        counts = np.bincount(joined.parts.ravel(order="K"), minlength=len(joined.names) + 1)
        voxels = {name: int(count) for name, count in zip(joined.names, counts[1:], strict=True)}
        empty = [one.segment.name for one in read.segments if not one.count]
        return ImportedDicomLabel(image_id, path, joined.labels, voxels, joined.overlaps, empty, read.notes)

    def export_dicom_seg(
        self,
        image_id: str,
        to: str | Path,
        *,
        tag: str = "final",
        version: int | None = None,
        labels: Iterable[str] | None = None,
        kind: SegKind = "binary",
        codes: Mapping[str, Any] | None = None,
        description: str = "Segmentation",
        overwrite: bool = False,
    ) -> Path:
        """Write a label as a DICOM segmentation (SEG) that refers to the instances of its image.

        It has a segment for each label that occurs, with its name, its colour and codes of what it is, found by the
        name (``"kidney_left"``); labels that were imported keep the codes that they had. Patient and study are those
        of the image, and nothing is added to them: neither who made the label, nor a folder's name. It needs the extra
        ``dicom``: ``pip install "jlabel[dicom]"``.

        Args:
            image_id: The image, which has DICOM files.
            to: The file, or a folder that is there, in which it is called after the image.
            tag: As for :meth:`save_label`.
            version: An earlier version's number; the current one if not given.
            labels: The names of those that go in; all if not given.
            kind: ``"binary"`` is read by every program; ``"labelmap"``, of 2024, is smaller where there are many labels
                and keeps their values.
            codes: Names of labels to codes of your own: a type, ``("10200004", "SCT", "Liver")``, or a pair of
                category and type.
            description: SeriesDescription.
            overwrite: Whether to replace a file that is there.

        Returns:
            The file.

        Raises:
            LabelError: The image has no DICOM files, the label has no voxel, or a name or code is none.
            DatastoreError: There is no such image or label, or the file is there already or cannot be written.
            JlabelError: highdicom is not installed.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> manager.save_label("case_1", manager.image("case_1").array > 70)
            'case_1'
            >>> try:
            ...     manager.export_dicom_seg("case_1", studies)
            ... except jlabel.LabelError as error:
            ...     print(str(error).partition(",")[0])
            image 'case_1' is of no DICOM files
            >>> manager.close()
        """
        highdicom()
        mask = self.label(image_id, tag, version)
        path = _target(Path(to).expanduser(), image_id, overwrite)
        segments = self._written(mask, labels, codes or {})
        made = make_seg(
            self.image(image_id),
            image_id,
            mask,
            segments,
            self._making(image_id, tag, version),
            kind=kind,
            description=description,
        )
        atomic_write(path, made.save_as)
        return path

    def _written(self, mask: LabelMap, labels: Iterable[str] | None, stated: Mapping[str, Any]) -> list[WrittenSegment]:
        """The segments of a label, in the order of their values; each object that is told apart is one."""
        there = present_values(mask) - {0}
        current = self.label_names.current
        objects = current.objects
        apart = [] if objects is None else objects.among(sorted(there))
        known = current.with_unnamed(there.difference(apart))
        kept = dict(self.datastore.setting(CODES_SETTING) or {})
        kept.update((known.get(name).label.name, code) for name, code in stated.items())
        wanted = list(known.labels) if labels is None else [known.get(name).label for name in labels]
        return written_segments(wanted, there, kept, objects)

    def _making(self, image_id: str, tag: str, version: int | None) -> Making:
        """Who made a label: a person, a model, or both."""
        history = self.datastore.label_history(image_id, tag)
        one = next((one for one in history if one.number == version or (version is None and one.current)), None)
        return how_made(tag, models_of(one.info) if one is not None else ())

    def _named_values(self) -> dict[str, int]:
        return label_values(self.label_names.current.named)

    def _keep_codes(self, segments: Iterable[SegmentVoxels], labels: Mapping[str, str]) -> None:
        """Keep what imported segments are, for when their labels are exported."""
        codes = kept_codes(one.segment for one in segments)
        found = {labels[name]: code for name, code in codes.items() if name in labels}
        if found:
            self.datastore.change_setting(CODES_SETTING, lambda kept: {**(kept or {}), **found})

    def _with_added(self, added: Mapping[str, str]) -> dict[str, int]:
        """The values of all labels, once some were added, under the names by which they were asked for."""
        values = self._named_values()
        for name, color in added.items():
            made = self.label_names.change(partial(LabelSet.add, name=name, color=color or None))
            values[name] = made.labels[-1].value
        return values


def _target(path: Path, image_id: str, overwrite: bool) -> Path:
    """The file that is to be written.

    Raises:
        DatastoreError: There is one already.
    """
    if path.is_dir():
        path = path / f"{image_id.replace('/', '_')}_seg.dcm"
    if path.exists() and not overwrite:
        raise DatastoreError(f"{path} is there already; overwrite=True replaces it")
    return path


def _row(label: DicomLabel) -> Row:
    segments = ", ".join(segment.name for segment in label.segments)
    values = (label.file.name, label.kind, ", ".join(label.images), segments, label.description, label.problem)
    return dict(zip(_COLUMNS, values, strict=True))
