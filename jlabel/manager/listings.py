"""Tables of what an app manager has: its images, its labels, jobs and versions of models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.datastores import ORIGINAL, Datastore
from jlabel.datastores.label_version import label_names
from jlabel.display.progress_bar import bar
from jlabel.display.table import Listing
from jlabel.errors import JlabelError
from jlabel.imaging import Image
from jlabel.imaging.voxel_size import voxel_ml
from jlabel.jobs import Job
from jlabel.labels.label import Label
from jlabel.labels.object_values import ObjectValues
from jlabel.registry import ModelVersion

IMAGE_COLUMNS = ("image", "state", "author", "time", "draft", "labels", "work", "holder")
LABEL_COLUMNS = ("image", "tag", "version", "author", "time", "labels")
MEASURE_COLUMNS = ("image", "tag", "version", "author", "time", "label", "value", "voxels", "ml", "objects", "problem")
_PAGE = 500

Measured = Callable[[str, str], tuple[NDArray[Any], Image]]
"""Reads the label of an image and a tag, in the image's grid."""


def image_rows(datastore: Datastore, search: str = "", state: str | None = None) -> Iterator[dict[str, Any]]:
    """A row for each image, in the order of ids, with the columns :data:`IMAGE_COLUMNS`."""
    first = datastore.browse(search, state, 0, _PAGE)
    with bar("Listing images", first.total, "image") as shown:
        for offset in range(0, first.total, _PAGE):
            page = first if offset == 0 else datastore.browse(search, state, offset, _PAGE)
            for entry in page.entries:
                tag = {"final": "final", "model": ORIGINAL}.get(entry.state)
                names = _names(datastore, entry.image_id, tag) if tag is not None else ()
                yield {
                    "image": entry.image_id,
                    "state": entry.state,
                    "author": entry.author,
                    "time": entry.time,
                    "draft": entry.draft,
                    "labels": names,
                    "work": entry.work,
                    "holder": entry.holder,
                }
                shown.update()


def label_rows(datastore: Datastore, tag: str | None = None) -> Iterator[dict[str, Any]]:
    """A row for each saved label, by image and tag, with the columns :data:`LABEL_COLUMNS`."""
    images = datastore.list_images() if tag is None else datastore.get_labeled_images(tag)
    with bar("Listing labels", len(images), "image") as shown:
        for image_id in images:
            for one in sorted(datastore.get_labels_by_image_id(image_id)):
                version = datastore.current_version(image_id, one) if tag in (None, one) else None
                if version is not None:
                    yield {
                        "image": image_id,
                        "tag": one,
                        "version": version.number,
                        "author": version.author,
                        "time": version.time,
                        "labels": tuple(sorted(label_names(version.info))),
                    }
            shown.update()


def measured_rows(
    rows: Iterable[Mapping[str, Any]], labels: Iterable[Label], read: Measured, objects: ObjectValues | None = None
) -> Iterator[dict[str, Any]]:
    """A row for each structure in each saved label, with the columns :data:`MEASURE_COLUMNS`.

    Args:
        rows: Those of :func:`label_rows`.
        labels: The names of values.
        read: Reads a label; one that cannot be read has one row that says why.
        objects: The values of objects, where those of a label are told apart: they have one row, and are counted.
    """
    names = {label.value: label.name for label in labels}
    for row in bar("Measuring labels", unit="label", iterable=list(rows)):
        known = {name: value for name, value in row.items() if name != "labels"}
        empty = {"label": None, "value": None, "voxels": None, "ml": None, "objects": None, "problem": None}
        try:
            mask, image = read(row["image"], row["tag"])
        except JlabelError as error:
            yield {**known, **empty, "problem": str(error)}
            continue
        count = None if objects is None else len(objects.among(np.unique(mask).tolist()))
        values, counts = np.unique(mask if objects is None else objects.joined(mask), return_counts=True)
        found = {int(value): int(count) for value, count in zip(values, counts, strict=True) if value != 0}
        if not found:
            yield {**known, **empty, "problem": "it holds no structure"}
        each = voxel_ml(image)
        for value, voxels in found.items():
            size = {"voxels": voxels, "ml": None if each is None else voxels * each}
            if objects is not None and value == objects.first:
                size["objects"] = count
            yield {**known, **empty, "label": names.get(value, f"value {value}"), "value": value, **size}


def job_list(jobs: Iterable[Job]) -> Listing[Job]:
    """Jobs, as a table in a notebook."""
    return Listing(jobs, "Jobs", _job_row, ("job", "state", "progress", "begun", "device", "error", "folder"))


def model_list(versions: Iterable[ModelVersion], name: str) -> Listing[ModelVersion]:
    """Versions of a model, as a table in a notebook."""
    return Listing(versions, f"Versions of {name}", _version_row, ("version", "in use", "score", "images", "published"))


def _job_row(job: Job) -> dict[str, Any]:
    record = job.record()
    return {
        "job": f"{job.kind} {job.name}",
        "state": record.state,
        "progress": f"{record.progress:.0%}",
        "begun": datetime.fromtimestamp(job.request.created, UTC),
        "device": job.device,
        "error": record.error.splitlines()[0] if record.error else None,
        "folder": str(job.folder.path),
    }


def _version_row(version: ModelVersion) -> dict[str, Any]:
    score = None if version.score is None else f"{version.metric} {version.score:.4g}"
    return {
        "version": version.number,
        "in use": version.in_use,
        "score": score,
        "images": len(version.images),
        "labels": tuple(version.labels),
        "published": version.time,
        "note": version.note,
    }


def _names(datastore: Datastore, image_id: str, tag: str) -> tuple[str, ...]:
    version = datastore.current_version(image_id, tag)
    return tuple(sorted(label_names(version.info))) if version is not None else ()
