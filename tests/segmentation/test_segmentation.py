"""The trainer that ships, from labels to masks of other images, on small volumes."""

from __future__ import annotations

import json

import nibabel as nib
import numpy as np
import pytest

import jlabel.segmentation.train as train_module
from jlabel.errors import TaskError
from jlabel.imaging import read_image
from jlabel.registry import ModelStore, PublishedModel
from jlabel.segmentation import Segmentation, SegmentationTrainTask
from jlabel.tasks import InferRequest
from tests.training.conftest import ListeningRun, ball, label_all, run, store  # noqa: F401 - fixtures

LABELS = {"ball": 5}
QUICK = {"samples_per_epoch": 16, "max_epochs": 10, "early_stop_patience": 0, "learning_rate": 0.01}


def train(run, store, labels=None, **options):  # noqa: F811
    request = {"labels": labels or LABELS, "run": run, "name": "segmentation", **QUICK, **options}
    return SegmentationTrainTask()(request, store)


@pytest.fixture
def infer(store):  # noqa: F811
    return Segmentation(PublishedModel(ModelStore(store.workspace.models_folder()), "segmentation"), ["ball"])


def ask(infer, store, image_id: str, labels=None):  # noqa: F811
    image = read_image(store.get_image_uri(image_id))
    return infer(InferRequest(image=image, image_id=image_id, labels=LABELS if labels is None else labels))


def test_it_learns_from_labels_and_finds_the_structure_in_another_image(store, run, infer) -> None:  # noqa: F811
    label_all(store, LABELS, value=5, count=4)
    found = train(run, store)
    assert found["best_metric"] > 0.7
    result = ask(infer, store, "case_4")
    truth = ball(4)
    dice = 2 * ((result.mask == 5) & truth).sum() / ((result.mask == 5).sum() + truth.sum())
    assert dice > 0.7
    assert (result.version, result.labels) == (1, LABELS)


def test_a_turned_and_finer_image_gets_a_mask_in_its_own_grid(store, run, infer) -> None:  # noqa: F811
    label_all(store, LABELS, value=5)
    train(run, store)
    original = nib.load(store.get_image_uri("case_4"))
    fine = np.repeat(np.asarray(original.dataobj), 2, axis=2).transpose(2, 0, 1)[::-1]
    affine = original.affine @ np.array([[0, 1, 0, 0], [0, 0, 1, 0], [-0.5, 0, 0, 11.25], [0, 0, 0, 1.0]])
    nib.save(nib.Nifti1Image(fine, affine), store.folder / "turned.nii.gz")
    store.refresh()
    mask = ask(infer, store, "turned").mask == 5
    truth = np.repeat(ball(4), 2, axis=2).transpose(2, 0, 1)[::-1]
    assert mask.shape == truth.shape
    assert 2 * (mask & truth).sum() / (mask.sum() + truth.sum()) > 0.7


def test_the_next_training_keeps_the_plan_and_begins_with_the_weights(store, run, tmp_path, monkeypatch) -> None:  # noqa: F811
    label_all(store, LABELS, value=5)
    train(run, store, max_epochs=1)
    plan = json.loads((run.checkpoints / "plan.json").read_text())
    monkeypatch.setattr(train_module, "patch_budget", lambda device: 8**3)
    second = ListeningRun(tmp_path / "second")
    train(second, store, max_epochs=1)
    models = ModelStore(store.workspace.models_folder()).versions("segmentation")
    assert models[1].parent == 1
    assert dict(models[1].network) == plan
    third = ListeningRun(tmp_path / "third")
    train(third, store, max_epochs=1, pretrained=False)
    assert ModelStore(store.workspace.models_folder()).versions("segmentation")[2].network != plan


def test_a_structure_that_the_app_has_no_more_is_background(store, run, infer) -> None:  # noqa: F811
    label_all(store, LABELS, value=5)
    train(run, store)
    result = ask(infer, store, "case_0", labels={"other": 1})
    assert not result.mask.any()
    assert result.labels == {}


def test_before_the_first_training_it_says_what_to_do(store, infer) -> None:  # noqa: F811
    assert not infer.is_valid()
    with pytest.raises(TaskError, match=r"has not been trained yet: manager.train\('segmentation'\)"):
        ask(infer, store, "case_0")


def test_voxels_that_are_no_number_do_no_harm(store, run, infer) -> None:  # noqa: F811
    label_all(store, LABELS, value=5, count=4)
    holed = nib.load(store.get_image_uri("case_0"))
    array = np.asarray(holed.dataobj).astype(np.float32)
    array[0, 0, 0], array[:, :, -1] = np.nan, np.nan
    nib.save(nib.Nifti1Image(array, holed.affine), store.get_image_uri("case_0"))
    train(run, store, max_epochs=20)
    whole = ask(infer, store, "case_4").mask
    other = nib.load(store.get_image_uri("case_4"))
    array = np.asarray(other.dataobj).astype(np.float32)
    array[0, 0, 0] = np.nan
    nib.save(nib.Nifti1Image(array, other.affine), store.folder / "holed.nii.gz")
    nib.save(nib.Nifti1Image(np.full_like(array, np.nan), other.affine), store.folder / "empty.nii.gz")
    store.refresh()
    found = ask(infer, store, "holed").mask
    assert found.any()
    assert (found != whole).sum() <= 3
    assert ask(infer, store, "empty").mask.shape == array.shape


def test_dropout_is_kept_with_the_version_and_by_trainings_that_go_on_from_it(store, run, infer, tmp_path) -> None:  # noqa: F811
    from jlabel.selection.scoring import BALDScoring
    from jlabel.selection.scoring.dropout import dropout_modules

    label_all(store, LABELS, value=5, count=4)
    train(run, store, max_epochs=1, dropout=0.25)
    train(ListeningRun(tmp_path / "second"), store, max_epochs=1)
    train(ListeningRun(tmp_path / "third"), store, max_epochs=1, dropout=0.0)
    versions = ModelStore(store.workspace.models_folder()).versions("segmentation")
    assert [version.network["dropout"] for version in versions] == [0.25, 0.25, 0.0]
    network = infer.make_network(versions[0])
    assert {module.p for module in dropout_modules(network)} == {0.25}
    # The first and the last stage, at full resolution, drop nothing.
    assert dropout_modules(network.model[0]) == dropout_modules(network.model[-1]) == []
    assert dropout_modules(infer.make_network(versions[2])) == []
    ModelStore(store.workspace.models_folder()).use("segmentation", 2)
    assert BALDScoring({"segmentation": infer})({}, store)["done"] == 1
    assert store.scores.of_image("case_4")[0].value >= 0


@pytest.mark.parametrize("dropout", [1.0, -0.1, "much"])
def test_dropout_is_a_share(dropout) -> None:
    with pytest.raises(TaskError, match="dropout is a share from 0 to below 1"):
        SegmentationTrainTask().check({"dropout": dropout})
