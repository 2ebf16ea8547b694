"""Small pools and studies for strategies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from hypothesis import strategies as st

from jlabel.datastores import LocalDatastore, Score, ScoreTable
from jlabel.selection import Pool, make_pool

LABELS = ("anterior", "posterior")


def random_pool(count: int, seed: int = 0, labeled: int = 6, **options: Any) -> Pool:
    """A pool of images with scores of two labels, and with features."""
    rng = np.random.default_rng(seed)
    ids = options.pop("ids", [f"image_x{number:03d}" for number in range(count)])
    features = rng.normal(size=(count, 8)).astype(np.float32)
    return make_pool(
        ids,
        scores=score_table(ids, rng.random(count), rng.random((count, 2)), rng.random(count)),
        features=options.pop("features", features),
        labeled_features=rng.normal(size=(labeled, 8)).astype(np.float32),
        **options,
    )


def score_table(
    ids: Sequence[str], values: np.ndarray, by_label: np.ndarray | None = None, foreground: np.ndarray | None = None
) -> ScoreTable:
    """Scores as a datastore gives them."""
    share = np.full(len(ids), 0.5) if foreground is None else foreground
    info = tuple({"foreground": float(one), "probability": dict.fromkeys(LABELS, 0.8)} for one in share)
    parts = np.stack([values, values], 1) if by_label is None else by_label
    return ScoreTable(tuple(ids), np.asarray(values, float), LABELS, np.asarray(parts, float), info)


@st.composite
def pools(draw: st.DrawFn) -> Pool:
    """Pools of all sorts: images without scores or features, several of a patient, slices, nothing labelled."""
    count = draw(st.integers(1, 14))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    names = draw(st.sampled_from(["image_x{0:03d}", "patient_{1}_slice_{0}", "case{1}-{0}", "p{1}/scan {0}"]))
    ids = [names.format(number, number % 3) for number in range(count)]
    values, by_label = rng.random(count), rng.random((count, 2))
    values[rng.random(count) < draw(st.sampled_from([0, 0.3, 1]))] = np.nan
    by_label[rng.random((count, 2)) < 0.2] = np.nan
    features = rng.integers(0, 3, (count, draw(st.sampled_from([0, 1, 5])))).astype(np.float32)
    features[rng.random(count) < draw(st.sampled_from([0, 0.3]))] = np.nan
    labeled = rng.integers(0, 3, (draw(st.integers(0, 4)), features.shape[1])).astype(np.float32)
    scores = draw(st.sampled_from([None, score_table(ids, values, by_label, rng.random(count))]))
    return make_pool(ids, None, scores, features, labeled, labeled=draw(st.integers(0, 200)))


def make_studies(folder: Path, names: Sequence[str], arrays: Sequence[np.ndarray] | None = None) -> LocalDatastore:
    """A datastore of volumes, of 4³ voxels if none are given."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        array = np.full((4, 4, 4), number, np.uint8) if arrays is None else arrays[number]
        nib.save(nib.Nifti1Image(array, np.eye(4)), folder / f"{name}.nii.gz")
    return LocalDatastore(folder)


def label(store: LocalDatastore, *ids: str) -> None:
    """Save empty final labels."""
    for image_id in ids:
        store.save_label(image_id, np.zeros((4, 4, 4), np.uint8))


def save_scores(
    store: LocalDatastore, values: dict[str, float], method: str = "entropy", version: int = 1, **more: Any
) -> None:
    """Save scores of the model ``segmentation``, each label's a little less than the image's."""
    store.scores.save(
        Score(
            image_id,
            method,
            value,
            "segmentation",
            version,
            {"anterior": value / 2, "posterior": value},
            info={"foreground": 0.1, "probability": {"anterior": 0.5, "posterior": 0.5}},
            **more,
        )
        for image_id, value in values.items()
    )
