"""Labels from a server are saved: each once, as a version of who drew it, and never over a newer one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jlabel.active_learning.reports import PullReport
from jlabel.active_learning.task_labels import SOURCE
from jlabel.datastores import FINAL, NewLabel
from jlabel.datastores.annotation_tasks import AnnotationFrame
from jlabel.manager import AppManager
from jlabel.manager.saved_labels import tell_of_saved_label

#: The tag of a label from CVAT beside a newer one that was made here.
BESIDE = "cvat"


@dataclass(frozen=True)
class LabelSaver:
    """Saves labels that came back.

    Attributes:
        manager: Whose studies.
        report: Told what was saved.
    """

    manager: AppManager
    report: PullReport

    def save(self, labels: Sequence[tuple[NewLabel, AnnotationFrame]]) -> None:
        """Save them, all that are not saved yet.

        Args:
            labels: Each with a frame of its image, as it was sent.

        Raises:
            DatastoreError: They cannot be saved; the next time goes on.
        """
        store = self.manager.datastore
        over, beside = [], []
        there = set(store.get_labeled_images()) if any(frame.version == 0 for _, frame in labels) else set()
        for label, frame in labels:
            new = frame.version == 0 and label.image_id not in there
            fate = FINAL if new else self._fate(label, frame)
            if fate == FINAL:
                over.append(label)
            elif fate == BESIDE:
                beside.append(label)
        store.save_labels(over, FINAL)
        store.save_labels(beside, BESIDE)
        self.report.saved += [label.image_id for label in over]
        self.report.kept_both += [label.image_id for label in beside]
        for label in over:
            tell_of_saved_label(self.manager.app, label.image_id, label.image_id)

    def _fate(self, label: NewLabel, frame: AnnotationFrame) -> str:
        """The tag that a label is saved under; "" where it is saved already."""
        store = self.manager.datastore
        current = store.current_version(label.image_id, FINAL)
        source = label.info[SOURCE]
        ours = None if current is None else _source(current.info)
        if ours is not None and _same(ours, source):
            return "" if ours.get("drawn") == source["drawn"] else FINAL
        if current is not None and current.number == frame.version:
            return FINAL
        # Somebody has saved or removed a label here since the image was sent.
        other = store.current_version(label.image_id, BESIDE)
        there = None if other is None else _source(other.info)
        known = there is not None and _same(there, source) and there.get("drawn") == source["drawn"]
        earlier = any(
            (found := _source(one.info)) is not None and _same(found, source) and found.get("drawn") == source["drawn"]
            for one in store.label_history(label.image_id, FINAL)
        )
        return "" if known or earlier else BESIDE


def _source(info: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found = info.get(SOURCE)
    return found if isinstance(found, Mapping) else None


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two labels come from the same task."""
    return (one.get("server"), one.get("task")) == (other.get("server"), other.get("task"))
