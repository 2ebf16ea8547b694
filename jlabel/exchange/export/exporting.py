"""Exporting labels: what has changed since the last time, in several threads, with a record of what came from where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from jlabel.datastores import FINAL, Datastore
from jlabel.datastores.spelling import folded
from jlabel.errors import DatastoreError, JlabelError
from jlabel.exchange.dicom_seg.codes import CODES_SETTING
from jlabel.exchange.export.coco import Coco, CocoRuns
from jlabel.exchange.export.dicom import DicomSegmentations
from jlabel.exchange.export.format import Format
from jlabel.exchange.export.item import ExportItem, ExportSet, Written
from jlabel.exchange.export.lists import Datalist, SlicerTable, SnapTable
from jlabel.exchange.export.meshes import ObjMeshes, StlMeshes
from jlabel.exchange.export.nnunet import NnUNet
from jlabel.exchange.export.record import ExportRecord
from jlabel.exchange.export.report import ExportReport
from jlabel.exchange.export.slicer import SlicerSegmentations
from jlabel.exchange.export.table import MeasureTable
from jlabel.exchange.export.training_sets import Decathlon, Pairs
from jlabel.exchange.found import Refused
from jlabel.labels.label import Label
from jlabel.labels.object_values import told_apart
from jlabel.progress import NO_PROGRESS, Progress

_ALL: tuple[type[Format], ...] = (
    NnUNet,
    Decathlon,
    Pairs,
    Datalist,
    Coco,
    CocoRuns,
    SlicerSegmentations,
    DicomSegmentations,
    SlicerTable,
    SnapTable,
    StlMeshes,
    ObjMeshes,
    MeasureTable,
)
#: The formats by the names that :meth:`jlabel.AppManager.export` takes.
FORMATS: dict[str, type[Format]] = {one.name: one for one in _ALL}
_THREADS = 4
# Images that are in work at once: each may hold its voxels.
_AHEAD = 2 * _THREADS
_KEPT_EVERY = 200


def export_labels(
    datastore: Datastore,
    labels: Sequence[Label],
    format: str,
    to: Path,
    images: Iterable[str],
    tag: str = FINAL,
    progress: Progress = NO_PROGRESS,
) -> ExportReport:
    """Write labels in a format; see :meth:`jlabel.AppManager.export`.

    Args:
        datastore: Where the labels are.
        labels: The structures.
        format: One of :data:`FORMATS`.
        to: The folder.
        images: Of which images.
        tag: Of which labels.
        progress: Told how far it is, and can cancel it.

    Raises:
        DatastoreError: No such format; the folder holds something else, lies in the studies, or cannot be written.
        Cancelled: ``progress`` cancelled it; what was written stays, and the next export goes on.
    """
    if format not in FORMATS:
        raise DatastoreError(f"no format {format!r}; there are {', '.join(FORMATS)}")
    studies = getattr(datastore, "folder", None)
    if isinstance(studies, Path) and to.resolve().is_relative_to(studies.resolve()):
        raise DatastoreError(f"{to}: lies in the studies folder, whose images would be found there; choose another one")
    report = ExportReport(format, to)
    ordered = tuple(sorted(labels, key=lambda label: label.value))
    items = tuple(_items(datastore, ordered, images, tag, report, progress.part(0, 0.1)))
    codes = dict(datastore.setting(CODES_SETTING) or {})
    given = ExportSet(datastore.name(), datastore.description(), ordered, items, tag, codes)
    chosen = FORMATS[format](given, to)
    record = ExportRecord(to, format, chosen.settings())
    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatastoreError(f"{to}: cannot be made: {error.strerror or error}") from error
    try:
        _write_all(chosen, given, record, report, progress.part(0.1, 1))
    except BaseException:
        record.keep(given, whole=False)
        raise
    for image_id, why in chosen.misfits(record.written()).items():
        record.drop(image_id)
        report.drop(image_id, why)
    chosen.finish(record.written())
    record.keep(given, whole=True)
    progress.step(1, 1)
    return report


def _items(
    datastore: Datastore,
    labels: Sequence[Label],
    images: Iterable[str],
    tag: str,
    report: ExportReport,
    progress: Progress,
) -> Iterator[ExportItem]:
    taken: set[str] = set()
    labelled = {one.image_id: one for one in datastore.labelled_images(tag)}
    for image_id in images:
        progress.check()
        one = labelled.get(image_id)
        if one is None:
            report.refused.append(Refused(image_id, f"has no label with the tag {tag!r}, or its file is gone"))
            continue
        split = one.info.get("split")
        yield ExportItem(
            image_id,
            _case(image_id, taken),
            Path(one.image_uri),
            Path(one.label_uri),
            one.version,
            split if isinstance(split, str) else None,
            told_apart(one.version.info, labels),
        )


def _case(image_id: str, taken: set[str]) -> str:
    """A name for the files of an image that is one on every file system, and no other image's."""
    plain = image_id.replace("/", "__")
    name, number = plain, 2
    while folded(name) in taken:
        name, number = f"{plain}~{number}", number + 1
    taken.add(folded(name))
    return name


def _write_all(
    chosen: Format, given: ExportSet, record: ExportRecord, report: ExportReport, progress: Progress
) -> None:
    waiting: list[tuple[ExportItem, Future[Written]]] = []
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="jlabel-export") as threads:
        try:
            for number, item in enumerate(given.items):
                progress.step(number, len(given.items))
                known = record.known(item)
                if known is not None:
                    record.add(item, known)
                    report.unchanged += 1
                    continue
                waiting.append((item, threads.submit(_written, chosen, item)))
                if len(waiting) >= _AHEAD:
                    _take(*waiting.pop(0), record, report)
                if number % _KEPT_EVERY == _KEPT_EVERY - 1:
                    record.keep(given, whole=False)
            while waiting:
                _take(*waiting.pop(0), record, report)
        finally:
            for _, future in waiting:
                future.cancel()


def _written(chosen: Format, item: ExportItem) -> Written:
    try:
        return chosen.write(item)
    finally:
        # The voxels go with it.
        item.__dict__.pop("image", None)


def _take(item: ExportItem, future: Future[Written], record: ExportRecord, report: ExportReport) -> None:
    try:
        written = future.result()
    except DatastoreError:
        raise
    except JlabelError as error:
        report.refused.append(Refused(item.image_id, str(error)))
    else:
        record.add(item, written)
        report.exported.append(item.image_id)
