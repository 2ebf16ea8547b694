"""Labels that do not hold what is to be learnt: said before anything is learnt, with what to do."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

from jlabel.errors import TaskError
from jlabel.registry import ModelStore
from tests.training.conftest import ball, label_all
from tests.training.tasks import BallTask

LABELS = {"ball": 5}


def train(task, run, store, **options):
    return task({"labels": LABELS, "run": run, "name": "ball", **options}, store)


def save(store, number: int, mask: np.ndarray, **info: object) -> None:
    store.save_label(f"case_{number}", mask.astype(np.uint8), info=info)


def versions(store) -> list:
    return ModelStore(store.workspace.models_folder()).versions("ball")


def test_masks_of_0_and_255_are_named_with_an_offer_and_nothing_is_published(store, run) -> None:
    for number in range(5):
        save(store, number, ball(number) * 255)
    with pytest.raises(TaskError, match=r"no label has a voxel .* \(ball\).* hold 255 .*map_label_values"):
        train(BallTask(), run, store, max_epochs=1)
    assert not versions(store)


def test_labels_that_are_empty_throughout_train_nothing(store, run) -> None:
    for number in range(5):
        save(store, number, np.zeros_like(ball(number)), labels=LABELS)
    with pytest.raises(TaskError, match=r"all \d labels are empty"):
        train(BallTask(), run, store, max_epochs=1)
    assert not versions(store)


def test_labels_of_other_structures_alone_train_nothing(store, run) -> None:
    for number in range(5):
        save(store, number, ball(number) * 3, labels={**LABELS, "cube": 3})
    with pytest.raises(TaskError, match="other structures alone"):
        train(BallTask(), run, store, max_epochs=1)


def test_a_value_that_no_structure_has_is_named_once_and_the_rest_is_learnt(store, run) -> None:
    label_all(store, LABELS, value=5)
    for number in range(4):
        mask = ball(number).astype(np.uint8) * 5
        mask[0, 0, :3] = 7
        save(store, number, mask, labels=LABELS)
    train(BallTask(), run, store, max_epochs=2)
    said = [note for note in run.notes if "the value 7" in note]
    assert len(said) == 1
    assert "learnt as background" in said[0]
    assert versions(store)


def test_an_image_without_a_structure_among_others_is_an_example_of_background(store, run) -> None:
    label_all(store, LABELS, value=5)
    save(store, 0, np.zeros_like(ball(0)), labels=LABELS)
    assert np.isfinite(train(BallTask(), run, store, max_epochs=2)["best_metric"])


def test_values_that_are_nearly_whole_are_learnt_with_a_note(store, run) -> None:
    label_all(store, LABELS, value=5)
    path = store.get_label_uri("case_0")
    soft = nib.load(path)
    nib.save(nib.Nifti1Image(np.asarray(soft.dataobj).astype(np.float32) * np.float32(0.9999999), soft.affine), path)
    store.refresh()
    train(BallTask(), run, store, max_epochs=1)
    assert any("were rounded" in note for note in run.notes) or store.get_image_info("case_0")["split"] != "training"


class LosesTheBall(BallTask):
    """Its transforms leave no voxel of a structure."""

    def train_pre_transforms(self, context):
        from monai.transforms import Lambdad

        return [*super().train_pre_transforms(context), Lambdad("label", lambda label: label * 0)]


def test_a_training_that_saw_no_voxel_of_any_structure_publishes_nothing(store, run) -> None:
    label_all(store, LABELS, value=5)
    with pytest.raises(TaskError, match="saw no voxel of ball, so nothing is published"):
        train(LosesTheBall(), run, store, max_epochs=1)
    assert not versions(store)
