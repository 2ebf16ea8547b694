"""Scoring methods and strategies of MONAI Label by their own names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jlabel.datastores import FINAL, ORIGINAL, Datastore
from jlabel.imaging import read_image, read_label
from jlabel.selection import Epistemic as _Epistemic
from jlabel.tasks import ScoringMethod


class Epistemic(_Epistemic):
    """See :class:`jlabel.Epistemic`; ``key`` of MONAI Label is the scoring method's own score here.

    Args:
        key: The name of the score in MONAI Label.
    """

    def __init__(self, key: str = "epistemic_entropy") -> None:
        super().__init__()
        self.key = key


class Dice(ScoringMethod):
    """The Dice of the label that a model made and the one that a person made of it, saved as ``dice`` of an image."""

    cpu_only = True

    def __init__(self) -> None:
        super().__init__("Dice of a model's label and the final one")

    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
        """Score the images that have both; returns the scores by image."""
        tags = str(request.get("y") or FINAL), str(request.get("y_pred") or ORIGINAL)
        found = {}
        for image_id in datastore.list_images():
            if set(tags) <= set(datastore.get_labels_by_image_id(image_id)):
                found[image_id] = _dice(*(_label(datastore, image_id, tag) for tag in tags))
                datastore.update_image_info(image_id, {"dice": found[image_id]})
        return found


class Sum(ScoringMethod):
    """The number of labelled voxels, and of slices that have one, saved with each label as ``sum`` and ``slices``.

    Args:
        tags: Which labels.
    """

    cpu_only = True

    def __init__(self, tags: Sequence[str] = (FINAL, ORIGINAL)) -> None:
        super().__init__("Labelled voxels and slices of each label")
        self.tags = [str(tag) for tag in tags]

    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
        """Measure the labels; returns what was found by image and tag."""
        found = {}
        for image_id in datastore.list_images():
            for tag in set(self.tags) & set(datastore.get_labels_by_image_id(image_id)):
                label = _label(datastore, image_id, tag) > 0
                slices = int(label.any(axis=(0, 1)).sum()) if label.ndim == 3 else int(label.any())
                info = {"sum": int(label.sum()), "slices": slices}
                datastore.update_label_info(image_id, tag, info)
                found[f"{image_id} ({tag})"] = info
        return found


def _label(datastore: Datastore, image_id: str, tag: str) -> Any:
    image = read_image(datastore.get_image_uri(image_id))
    return np.asarray(read_label(datastore.get_label_uri(image_id, tag), image))


def _dice(one: Any, other: Any) -> float:
    """The mean over the values that either has; 1 where both are empty."""
    values = np.union1d(one[one > 0], other[other > 0])
    if not len(values):
        return 1.0
    both = [2 * np.sum((one == v) & (other == v)) / (np.sum(one == v) + np.sum(other == v)) for v in values]
    return float(np.mean(both))
