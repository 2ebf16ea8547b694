"""Labels that do not mean what the app thinks: values mapped to structures, and soft masks cut at a threshold.

Each change is a new version of the label: the one before stays in its history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from jlabel.datastores import Datastore
from jlabel.errors import ImageError, LabelError
from jlabel.imaging import Image
from jlabel.imaging.label_files import read_label_values, read_soft_values
from jlabel.imaging.label_grid import in_grid_of
from jlabel.imaging.label_values import present_values
from jlabel.labels.label import LARGEST_VALUE
from jlabel.manager.opened_images import OpenedImages
from jlabel.progress import NO_PROGRESS, Progress


class LabelRepair:
    """Rewrites saved labels.

    Args:
        datastore: Where they are.
        images: Reads their images.
        values: The structures, name to value, of which labels speak.
    """

    def __init__(self, datastore: Datastore, images: OpenedImages, values: Mapping[str, int]) -> None:
        self._datastore = datastore
        self._images = images
        self._values = values

    def map_values(
        self, values: Mapping[int, str | int], images: Iterable[str] | None, tag: str, progress: Progress = NO_PROGRESS
    ) -> list[str]:
        """See :meth:`jlabel.AppManager.map_label_values`."""
        to = {_value(value): self._target(target) for value, target in values.items()}
        changed = []
        chosen = self._chosen(images, tag)
        for number, image_id in enumerate(chosen):
            progress.step(number, len(chosen))
            uri = self._datastore.get_label_uri(image_id, tag)
            present = present_values(read_label_values(uri, {})[0])
            if any(value in present and target != value for value, target in to.items()):
                image = self._images.image(image_id)
                mask = self._images.label(image_id, tag, None, {})
                # All at once, so that two values can be exchanged.
                after = mask.astype(np.uint32)
                for value, target in to.items():
                    after[mask == value] = target
                self._save(image_id, after, image, tag, {"mapped": {str(value): to[value] for value in to}})
                changed.append(image_id)
        return changed

    def threshold(
        self, label: str, at: float, images: Iterable[str] | None, tag: str, progress: Progress = NO_PROGRESS
    ) -> list[str]:
        """See :meth:`jlabel.AppManager.threshold_labels`."""
        value = self._target(label)
        changed = []
        chosen = self._chosen(images, tag)
        for number, image_id in enumerate(chosen):
            progress.step(number, len(chosen))
            uri = self._datastore.get_label_uri(image_id, tag)
            if images is None and _is_label(uri):
                continue
            soft, affine = read_soft_values(uri)
            image = self._images.image(image_id)
            mask = in_grid_of(image, (soft >= at).astype(np.uint32) * np.uint32(value), affine, uri)
            self._save(image_id, mask, image, tag, {"threshold": at})
            changed.append(image_id)
        return changed

    def _save(self, image_id: str, mask: Any, image: Image, tag: str, info: Mapping[str, Any]) -> None:
        before = self._datastore.get_label_info(image_id, tag)
        # What was saved with the label stays, but for what its values meant.
        kept = {key: value for key, value in before.items() if key not in ("labels", "label_names")}
        names = dict(self._values)
        info = {**kept, "label_names": list(names), "labels": names, **info}
        self._datastore.save_label(image_id, mask, tag, info, image=image)

    def _chosen(self, images: Iterable[str] | None, tag: str) -> list[str]:
        if images is not None:
            return list(images)
        listed = self._datastore.list_images()
        return [image_id for image_id in listed if tag in self._datastore.get_labels_by_image_id(image_id)]

    def _target(self, target: object) -> int:
        if isinstance(target, str):
            if target in self._values:
                return self._values[target]
            raise LabelError(f"no label {target!r}; the labels are {', '.join(self._values)}")
        return _value(target)


def _value(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 0 <= value <= LARGEST_VALUE:
        raise LabelError(f"a label's value is a whole number from 0 to {LARGEST_VALUE}, not {value!r}")
    return int(value)


def _is_label(uri: str) -> bool:
    """Whether a file can be read as a label; another one is what a threshold is for."""
    try:
        read_label_values(Path(uri), {})
    except LabelError:
        return False
    except ImageError:
        return True  # it cannot be read at all, and no threshold helps
    return True
