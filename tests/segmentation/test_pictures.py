"""The segmentation that ships, on pictures: classes and objects, in colours and grey."""

from __future__ import annotations

import numpy as np
import pytest

from jlabel.errors import TaskError
from jlabel.imaging import read_image
from jlabel.metrics import aggregated_jaccard_index
from jlabel.registry import ModelStore, PublishedModel
from jlabel.segmentation import Plan, Segmentation, SegmentationTrainTask
from jlabel.simulation import dice
from jlabel.tasks import InferRequest
from tests.segmentation.conftest import discs
from tests.training.conftest import run  # noqa: F401 - fixture

LABELS = {"cell": 2}
QUICK = {"samples_per_epoch": 16, "max_epochs": 5, "early_stop_patience": 0, "learning_rate": 0.002}


def learn(run, store, task=None, labels=None, **options):  # noqa: F811
    request = {"labels": labels or LABELS, "run": run, "name": "segmentation", **QUICK, **options}
    return (task or SegmentationTrainTask())(request, store)


def published(store) -> PublishedModel:
    return PublishedModel(ModelStore(store.workspace.models_folder()), "segmentation")


def ask(store, image_id: str, labels=None, probabilities: bool = False):
    image = read_image(store.get_image_uri(image_id))
    request = InferRequest(image=image, image_id=image_id, labels=labels or LABELS, probabilities=probabilities)
    return Segmentation(published(store), ["cell"])(request)


def test_classes_of_pictures_are_learnt_and_found_in_another_one(pictures, run) -> None:  # noqa: F811
    for number in range(4):
        pictures.save_label(f"case_{number}", (discs(number) > 0).astype(np.uint8) * 2, info={"labels": LABELS})
    found = learn(run, pictures)
    assert found["metric"] == "val_mean_dice"
    answer = ask(pictures, "case_4")
    assert (answer.labels, answer.version, answer.mask.shape) == (LABELS, 1, discs(4).shape)
    assert set(np.unique(answer.mask)) == {0, 2}
    assert dice(discs(4) > 0, answer.mask == 2) > 0.8
    plan = Plan.from_json(published(pictures).in_use().network)
    assert (plan.dimension, plan.mirrored, plan.objects, plan.click_network) == (2, True, 0, True)
    assert plan.colours == (3 if read_image(pictures.get_image_uri("case_0")).channels == "rgb" else 1)


def test_objects_get_values_of_their_own_that_no_other_label_has(pictures, run) -> None:  # noqa: F811
    labels = {"cell": 2, "dirt": 4}
    for number in range(4):
        values = discs(number).astype(np.uint16)
        values[values > 0] += 1  # from 2 on
        values[values >= 4] += 1  # but for that of dirt
        pictures.save_label(f"case_{number}", values, info={"labels": labels})
    found = learn(run, pictures, SegmentationTrainTask(instances="cell"), labels, max_epochs=10)
    assert found["metric"] == "val_aji"
    assert {"val_aji", "val_pq", "val_object_f1"} <= set(run.rows[10])
    answer = ask(pictures, "case_4", labels, probabilities=True)
    values = set(np.unique(answer.mask).tolist())
    assert answer.labels == labels
    assert {2, 3, 5} <= values
    assert 4 not in values
    assert aggregated_jaccard_index(discs(4), answer.mask) > 0.5
    assert answer.probabilities.shape == (2, *discs(4).shape)


def test_volumes_are_left_out_of_a_training_on_pictures_and_refused_by_its_model(pictures, run) -> None:  # noqa: F811
    import nibabel as nib

    volume = nib.Nifti1Image(np.zeros((8, 8, 8), np.int16), np.eye(4))
    nib.save(volume, pictures.folder / "volume.nii.gz")
    pictures.refresh()
    for number in range(3):
        pictures.save_label(f"case_{number}", (discs(number) > 0).astype(np.uint8) * 2, info={"labels": LABELS})
    pictures.save_label("volume", np.ones((8, 8, 8), np.uint8), info={"labels": LABELS})
    found = learn(run, pictures, max_epochs=1, val_split=0.0)
    assert list(found["left_out"]) == ["volume"]
    with pytest.raises(TaskError, match="has learnt from pictures, and the image is a volume"):
        ask(pictures, "volume")


def test_objects_are_those_of_a_label_that_there_is_and_of_pictures(pictures, run) -> None:  # noqa: F811
    pictures.save_label("case_0", discs(0), info={"labels": {"cell": 1}})
    with pytest.raises(TaskError, match="'nucleus', whose objects are to be told apart, is no label"):
        learn(run, pictures, SegmentationTrainTask(instances="nucleus"), {"cell": 1})
    with pytest.raises(TaskError, match=r"for pictures \(dimension=2\) or volumes"):
        SegmentationTrainTask(dimension=4)


def test_what_a_name_says_is_left_is_never_mirrored(pictures, run) -> None:  # noqa: F811
    pictures.save_label("case_0", (discs(0) > 0).astype(np.uint8) * 2, info={"labels": {"left lung": 2}})
    learn(run, pictures, labels={"left lung": 2}, max_epochs=1, dropout=0.25)
    plan = Plan.from_json(published(pictures).in_use().network)
    assert not plan.mirrored
    assert (plan.dropout, plan.click_network) == (0.25, True)
