"""Measuring many saved labels, each once for each of its versions."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jlabel.datastores import Datastore, LabelVersion
from jlabel.errors import DatastoreError, JlabelError
from jlabel.imaging import Image, read_image, read_label
from jlabel.labels.object_values import told_apart
from jlabel.progress import NO_PROGRESS, Progress
from jlabel.selection.review import KeptMeasures, LabelKey, LabelMeasures, measure_label
from jlabel.types import LabelMap

#: So many labels are measured before their measures are kept.
_TOGETHER = 16
_TRIES = 3


@dataclass
class MeasuredLabels:
    """Measures of labels.

    Attributes:
        measures: By image and version of the label.
        problems: Why a label could not be measured.
        infos: What is kept with each of these versions.
    """

    measures: dict[LabelKey, LabelMeasures] = field(default_factory=dict)
    problems: dict[LabelKey, str] = field(default_factory=dict)
    infos: dict[LabelKey, Mapping[str, Any]] = field(default_factory=dict)


def measure_labels(
    datastore: Datastore,
    images: Iterable[str],
    tag: str,
    names: Mapping[int, str],
    progress: Progress = NO_PROGRESS,
    tell: Callable[[str], None] = lambda _: None,
) -> MeasuredLabels:
    """Measure the labels of images; what was measured before is taken from where it is kept.

    Args:
        datastore: Where they are.
        images: The images; those without such a label are left out.
        tag: Of which labels.
        names: The structures: their values and names.
        progress: Told how far it is, and can cancel it between two labels; what was measured is kept.
        tell: Told of each label that cannot be measured.

    Raises:
        Cancelled: ``progress`` cancelled it.
    """
    store = KeptMeasures(datastore, tag)
    known, found, new = store.measures(), MeasuredLabels(), dict[LabelKey, LabelMeasures]()
    ids = list(images)
    try:
        for number, image_id in enumerate(ids):
            progress.step(number, len(ids))
            version = _current(datastore, image_id, tag)
            if version is None:
                continue
            key = LabelKey(image_id, version.number)
            found.infos[key] = version.info
            # Values that nobody had named may be those of objects by now.
            if key in known and not names.keys() & set(known[key].others) and not _objects_among(known[key], version):
                found.measures[key] = known[key]
                continue
            try:
                key, mask, image = read_current(datastore, image_id, tag)
                found.measures[key] = new[key] = measure_label(mask, image, names)
            except JlabelError as error:
                found.problems[key] = str(error)
                tell(f"the label of {image_id!r} is left out: {error}")
            if len(new) >= _TOGETHER:
                _keep(store, new)
    finally:
        _keep(store, new)
    return found


def _objects_among(measures: LabelMeasures, version: LabelVersion) -> bool:
    objects = told_apart(version.info)
    return objects is not None and bool(objects.among(measures.others))


def _keep(store: KeptMeasures, new: dict[LabelKey, LabelMeasures]) -> None:
    # What cannot be kept is measured again the next time.
    with contextlib.suppress(DatastoreError):
        if new:
            store.keep(new)
    new.clear()


def _current(datastore: Datastore, image_id: str, tag: str) -> LabelVersion | None:
    """The version of an image's label; None without a label, and for an image that is gone."""
    try:
        return datastore.current_version(image_id, tag)
    except DatastoreError:
        return None


def read_current(datastore: Datastore, image_id: str, tag: str) -> tuple[LabelKey, LabelMap, Image]:
    """Read a label, in which all objects have their label's value, and its image; none is kept in memory.

    Raises:
        DatastoreError: There is no such label, or it is saved again and again meanwhile.
        ImageError: The image cannot be read.
        LabelError: The label cannot be read, or does not fit the image.
    """
    image = read_image(datastore.get_image_uri(image_id))
    for _ in range(_TRIES):
        before = _current(datastore, image_id, tag)
        mask = read_label(Path(datastore.get_label_uri(image_id, tag)), image)
        after = _current(datastore, image_id, tag)
        if before is not None and after is not None and before.number == after.number:
            objects = told_apart(before.info)
            return LabelKey(image_id, before.number), mask if objects is None else objects.joined(mask), image
    raise DatastoreError(f"the label of {image_id!r} was saved while it was read; try again")
