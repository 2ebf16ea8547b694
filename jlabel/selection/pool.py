"""What strategies choose from: the images that wait, their scores and features, and what is labelled."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jlabel.datastores import Datastore, ScoreSet, ScoreTable
from jlabel.selection.feature_kinds import FeatureKind, comparable
from jlabel.selection.patients import patient_groups


@dataclass(frozen=True, eq=False)
class Pool:
    """Images that wait for a label, as arrays with a row for each, and what is labelled.

    Attributes:
        ids: The images that wait, sorted.
        patients: The patient of each.
        values: The score of each, float64 of shape ``(image,)``; NaN where there is none.
        labels: Names of the labels that have scores of their own.
        by_label: Their scores, float64 of shape ``(image, label)``; NaN where there is none.
        probability: The mean probability of each label where the model predicts it, of the same shape; NaN likewise.
        foreground: The share of each image that is foreground, float64 of shape ``(image,)``; NaN likewise.
        features: Float32 of shape ``(image, feature)``; NaN where an image has none.
        labeled: How many images are labelled.
        labeled_features: The features of those of them that have some, of shape ``(labelled image, feature)``.
    """

    ids: tuple[str, ...]
    patients: tuple[str, ...]
    values: NDArray[np.float64]
    labels: tuple[str, ...]
    by_label: NDArray[np.float64]
    probability: NDArray[np.float64]
    foreground: NDArray[np.float64]
    features: NDArray[np.float32]
    labeled: int
    labeled_features: NDArray[np.float32]


def make_pool(
    ids: Sequence[str],
    patients: Sequence[str] | None = None,
    scores: ScoreTable | None = None,
    features: NDArray[np.float32] | None = None,
    labeled_features: NDArray[np.float32] | None = None,
    labeled: int | None = None,
) -> Pool:
    """A pool of images that wait.

    Args:
        ids: The images.
        patients: The patient of each; made from the ids if not given.
        scores: Scores of these and of other images.
        features: Of each image, of shape ``(image, feature)``.
        labeled_features: Of labelled images, of shape ``(labelled image, feature)``.
        labeled: How many images are labelled; as many as have features, if not given.
    """
    order = sorted(range(len(ids)), key=ids.__getitem__)
    known = np.full((len(ids), 0), np.nan, np.float32) if features is None else features[order]
    done = np.zeros((0, known.shape[1]), np.float32) if labeled_features is None else labeled_features
    names = tuple(ids[number] for number in order)
    groups = patient_groups(ids) if patients is None else patients
    values, labels, by_label, probability, foreground = _arrays(names, scores)
    return Pool(
        ids=names,
        patients=tuple(groups[number] for number in order),
        values=values,
        labels=labels,
        by_label=by_label,
        probability=probability,
        foreground=foreground,
        features=known,
        labeled=len(done) if labeled is None else labeled,
        labeled_features=done,
    )


def read_pool(
    datastore: Datastore,
    exclude: Collection[str] = (),
    scores: ScoreSet | None = None,
    kind: FeatureKind | None = None,
) -> Pool:
    """The pool of a datastore: skipped images are in it only where no other waits.

    Args:
        datastore: The datastore.
        exclude: Ids to leave out.
        scores: Which scores to read.
        kind: Which features to read.
    """
    excluded = set(exclude)
    ids = [image_id for image_id in datastore.waiting_images() if image_id not in excluded]
    if not ids:
        ids = [image_id for image_id in datastore.waiting_images(skipped=True) if image_id not in excluded]
    labeled = datastore.get_labeled_images()
    features, labeled_features = (None, None) if kind is None else _features(datastore, kind, ids, labeled)
    table = None if scores is None else datastore.scores.table(scores.method, scores.model, scores.version)
    return make_pool(
        ids, patient_groups(ids, datastore.patients()), table, features, labeled_features, labeled=len(labeled)
    )


def _features(
    datastore: Datastore, kind: FeatureKind, ids: Sequence[str], labeled: Sequence[str]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    known, vectors = datastore.scores.features(kind.name, kind.model, kind.version)
    vectors = comparable(kind, vectors)
    rows = {image_id: number for number, image_id in enumerate(known)}
    features = np.full((len(ids), vectors.shape[1]), np.nan, np.float32)
    there = [(number, rows[image_id]) for number, image_id in enumerate(ids) if image_id in rows]
    if there:
        to, of = np.array(there).T
        features[to] = vectors[of]
    return features, vectors[[rows[image_id] for image_id in labeled if image_id in rows]]


def _arrays(
    ids: Sequence[str], scores: ScoreTable | None
) -> tuple[NDArray[np.float64], tuple[str, ...], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    labels = () if scores is None else scores.labels
    values, foreground = np.full(len(ids), np.nan), np.full(len(ids), np.nan)
    by_label, probability = (np.full((len(ids), len(labels)), np.nan) for _ in range(2))
    if scores is None:
        return values, labels, by_label, probability, foreground
    rows = {image_id: number for number, image_id in enumerate(scores.ids)}
    found = np.array([rows.get(image_id, -1) for image_id in ids], int)
    there = found >= 0
    values[there], by_label[there] = scores.values[found[there]], scores.by_label[found[there]]
    for number in np.flatnonzero(there):
        info = scores.info[found[number]]
        foreground[number] = _number(info.get("foreground"))
        known = info.get("probability")
        if isinstance(known, Mapping):
            probability[number] = [_number(known.get(name)) for name in labels]
    return values, labels, by_label, probability, foreground


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else np.nan
