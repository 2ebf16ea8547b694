from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from jlabel.datastores import LocalDatastore
from jlabel.datastores.scores import Score
from jlabel.selection.review import KeptMeasures, LabelKey, Prediction, measure_label
from jlabel.selection.review.kept_measures import METHOD
from tests.selection.review.synthetic import NAMES, case


@pytest.fixture
def datastore(tmp_path: Path) -> LocalDatastore:
    for name in "ab":
        nib.save(nib.Nifti1Image(np.zeros((2, 2, 2), np.uint8), np.eye(4)), tmp_path / f"{name}.nii.gz")
    return LocalDatastore(tmp_path)


def test_measures_are_found_again_by_image_and_version(datastore: LocalDatastore) -> None:
    image, mask = case(0)
    measures = measure_label(mask, image, NAMES)
    KeptMeasures(datastore).keep({LabelKey("a", 2): measures, LabelKey("gone", 1): measures})
    found = KeptMeasures(datastore).measures()
    assert set(found) == {LabelKey("a", 2)}
    assert found[LabelKey("a", 2)].structures.keys() == {1, 2}
    assert KeptMeasures(datastore, "original").measures() == {}


def test_of_several_predictions_that_of_a_version_that_has_not_learnt_from_the_label_counts(
    datastore: LocalDatastore,
) -> None:
    store = KeptMeasures(datastore)
    key, other = LabelKey("a", 1), LabelKey("b", 1)
    unseen = Prediction("segmentation", 1, False, {1: 0.5}, {1: 0.6})
    store.keep_prediction(key, unseen, NAMES)
    store.keep_prediction(key, Prediction("segmentation", 2, True, {1: 0.9}, {1: 0.9}), NAMES)
    newer = Prediction("segmentation", 2, False, {1: 0.4, 2: 0.7}, {})
    store.keep_prediction(other, Prediction("segmentation", 1, False, {1: 0.3}, {}), NAMES)
    store.keep_prediction(other, newer, NAMES)
    assert store.predictions() == {key: unseen, other: newer}
    assert store.judged("segmentation", 2) == {key, other}
    score = next(one for one in datastore.scores.of_image("b") if one.version == 2)
    assert (score.value, score.by_label) == (0.6, {"head": 0.6, "tail": pytest.approx(0.3)})


@pytest.mark.parametrize(
    "info",
    [
        {},
        {"label_version": "1", "measures": {}},
        {"label_version": True},
        {"label_version": 1, "measures": {"format": 1}},
    ],
)
def test_rows_that_somebody_else_wrote_are_passed_by(datastore: LocalDatastore, info: dict[str, object]) -> None:
    datastore.scores.save([Score("a", METHOD, 0.5, info=info), Score("a", METHOD, 0.5, "m", 1, info={"dice": [3]})])
    assert KeptMeasures(datastore).measures() == {}
    assert KeptMeasures(datastore).predictions() == {}
