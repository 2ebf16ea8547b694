"""Labels from a server are saved: each once, as a version of who drew it, and never over a newer one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jlabel.active_learning.reports import PullReport
from jlabel.active_learning.task_labels import SOURCE
from jlabel.datastores import FINAL, LabelVersion, NewLabel
from jlabel.datastores.annotation_tasks import AnnotationFrame
from jlabel.manager import AppManager
from jlabel.manager.saved_labels import tell_of_saved_label

#: The tag of a label from CVAT beside a newer one that was made here.
BESIDE = "cvat"
_TASK = ("server", "task")
_DRAWN = (*_TASK, "drawn")


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
        if current is not None and _agree(current, label, _TASK):
            return "" if _agree(current, label, _DRAWN) else FINAL
        if current is not None and current.number == frame.version:
            return FINAL
        # Somebody has saved or removed a label here since the image was sent.
        beside = store.current_version(label.image_id, BESIDE)
        known = [*([beside] if beside is not None else []), *store.label_history(label.image_id, FINAL)]
        return "" if any(_agree(one, label, _DRAWN) for one in known) else BESIDE


def _agree(version: LabelVersion, label: NewLabel, keys: Sequence[str]) -> bool:
    """Whether a version came back from the server, too, and from where the label does."""
    found, source = version.info.get(SOURCE), label.info[SOURCE]
    return isinstance(found, Mapping) and all(found.get(key) == source[key] for key in keys)
