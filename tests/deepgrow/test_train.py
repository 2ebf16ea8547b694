"""DeepGrow from labels to clicks in other images, on small volumes and pictures."""

from __future__ import annotations

import imageio.v3 as iio
import nibabel as nib
import numpy as np
import pytest
import torch
from monai.networks.nets import BasicUNet

from jlabel.datastores import LocalDatastore
from jlabel.deepgrow import DeepGrow2D, DeepGrow2DTrainTask, DeepGrow3D, DeepGrow3DTrainTask
from jlabel.deepgrow.extents import plan_for_structures, structure_extents
from jlabel.errors import Cancelled, TaskError
from jlabel.imaging import read_image
from jlabel.prompts import Click
from jlabel.registry import ModelStore, PublishedModel
from jlabel.segmentation.network import make_network
from jlabel.segmentation.plan import Fingerprint, Plan, make_plan
from jlabel.simulation import dice
from jlabel.tasks import InferRequest
from tests.training.conftest import ListeningRun, ball, label_all, run, store  # noqa: F401 - fixtures

LABELS = {"ball": 5}
QUICK = {"samples_per_epoch": 12, "max_epochs": 8, "early_stop_patience": 0, "learning_rate": 0.01, "interactions": 2}


def train(task, run, store, labels=None, name="deepgrow", **options):  # noqa: F811
    return task({"labels": labels or LABELS, "run": run, "name": name, **QUICK, **options}, store)


def published(store):  # noqa: F811
    return PublishedModel(ModelStore(store.workspace.models_folder()), "deepgrow")


def ask(task, store, image_id, *clicks, **params):  # noqa: F811
    image = read_image(store.get_image_uri(image_id))
    return task(InferRequest(image=image, image_id=image_id, labels=LABELS, prompts=clicks, params=params))


def middle(number: int) -> tuple[int, int, int]:
    return (6 + number % 3, 8, 6)


def test_a_click_on_a_ball_of_another_image_finds_it(store, run):  # noqa: F811
    label_all(store, LABELS, value=5, count=4)
    task = DeepGrow3D(published=published(store))
    with pytest.raises(TaskError, match=r"has not been trained yet: manager.train\('deepgrow'\)"):
        ask(task, store, "case_4", Click(middle(4)))
    assert not task.info()["valid"]
    found = train(DeepGrow3DTrainTask(), run, store)
    assert found["best_metric"] > 0.7
    assert task.info()["valid"]
    result = ask(task, store, "case_4", Click(middle(4)))
    assert (result.version, result.labels) == (1, LABELS)
    learnt = dice(ball(4), result.mask == 5)
    torch.manual_seed(0)
    plan = Plan.from_json(published(store).in_use().network)
    untrained = DeepGrow3D(network=make_network(plan, 1, 3), roi_size=plan.patch)
    assert learnt > 0.7
    assert dice(ball(4), ask(untrained, store, "case_4", Click(middle(4))).mask == 5) < learnt - 0.3


def test_a_turned_and_finer_image_gets_a_mask_in_its_own_grid(store, run):  # noqa: F811
    label_all(store, LABELS, value=5, count=4)
    train(DeepGrow3DTrainTask(), run, store)
    original = nib.load(store.get_image_uri("case_4"))
    fine = np.repeat(np.asarray(original.dataobj), 2, axis=2).transpose(2, 0, 1)[::-1]
    affine = original.affine @ np.array([[0, 1, 0, 0], [0, 0, 1, 0], [-0.5, 0, 0, 11.25], [0, 0, 0, 1.0]])
    nib.save(nib.Nifti1Image(fine, affine), store.folder / "turned.nii.gz")
    store.refresh()
    truth = np.repeat(ball(4), 2, axis=2).transpose(2, 0, 1)[::-1]
    i, j, k = middle(4)
    result = ask(DeepGrow3D(published=published(store)), store, "turned", Click((23 - 2 * k, i, j)))
    assert result.mask.shape == truth.shape
    assert dice(truth, result.mask == 5) > 0.7


def test_slices_of_volumes(store, run):  # noqa: F811
    label_all(store, LABELS, value=5, count=4)
    found = train(DeepGrow2DTrainTask(), run, store)
    assert found["best_metric"] > 0.7
    task = DeepGrow2D(published=published(store))
    result = ask(task, store, "case_4", Click(middle(4)))
    assert dice(ball(4)[:, :, 6], result.mask[:, :, 6] == 5) > 0.7
    assert not np.delete(result.mask, 6, axis=2).any()
    across = ask(task, store, "case_4", Click(middle(4)), axis=0)
    assert across.region.shape[0] == 1
    assert dice(ball(4)[7], across.mask[7] == 5) > 0.7


def test_colour_pictures_of_different_sizes(tmp_path, run):  # noqa: F811
    folder = tmp_path / "pictures"
    folder.mkdir()
    truths = {}
    for number, shape in enumerate([(20, 24), (30, 18), (24, 24)]):
        rows, columns = np.indices(shape)
        truths[f"p{number}"] = (rows - 9) ** 2 + (columns - 8) ** 2 < 25
        noise = np.random.default_rng(number).integers(0, 60, (*shape, 3))
        iio.imwrite(folder / f"p{number}.png", (noise + 150 * truths[f"p{number}"][..., None]).astype(np.uint8))
    pictures = LocalDatastore(folder)
    for image_id in ("p0", "p1"):
        pictures.save_label(image_id, truths[image_id].astype(np.uint8) * 5, info={"labels": LABELS})
    train(DeepGrow2DTrainTask(), run, pictures)
    result = ask(DeepGrow2D(published=published(pictures)), pictures, "p2", Click((9, 8)))
    assert dice(truths["p2"], result.mask == 5) > 0.7
    with pytest.raises(TaskError, match="for volumes of one value a voxel, not for pictures"):
        train(DeepGrow3DTrainTask(), ListeningRun(tmp_path / "second"), pictures, name="in_volumes")
    pictures.close()


def test_what_cannot_be_learnt_from_is_left_out_and_said(store, run):  # noqa: F811
    label_all(store, LABELS, value=5, count=4)
    store.save_label("case_4", np.zeros((16, 16, 12), np.uint8), info={"labels": LABELS})
    found = train(DeepGrow3DTrainTask(), run, store, max_epochs=2)
    assert found["left_out"] == {"case_4": pytest.approx(found["left_out"]["case_4"])}
    assert "none of the structures" in found["left_out"]["case_4"]


def test_only_the_structures_that_are_asked_for(store, run):  # noqa: F811
    both = np.where(ball(0), 2, 0) + np.where(np.roll(ball(0), 8, axis=0) & ~ball(0), 9, 0)
    for number in range(3):
        store.save_label(f"case_{number}", both.astype(np.uint8), info={"labels": {"near": 2, "far": 9}})
    task = DeepGrow3DTrainTask(labels=["far"])
    found = train(task, run, store, labels={"near": 2, "far": 9}, max_epochs=1)
    version = ModelStore(store.workspace.models_folder()).versions("deepgrow")[-1]
    assert dict(version.labels) == {"far": 1}
    assert found["train_images"] + found["val_images"] == 3


def test_a_resumed_training_ends_with_the_very_weights_of_one_that_was_not_stopped(store, run, tmp_path):  # noqa: F811
    label_all(store, LABELS, value=5)
    options = {"max_epochs": 3, "samples_per_epoch": 4, "checkpoint_seconds": 0, "pretrained": False}
    whole = ListeningRun(tmp_path / "whole")
    train(DeepGrow3DTrainTask(), whole, store, **options)
    run.cancel_when = lambda: len(run.rows) == 2 and len(run.fractions) > 4
    with pytest.raises(Cancelled):
        train(DeepGrow3DTrainTask(), run, store, **options)
    run.cancel_when = lambda: False
    train(DeepGrow3DTrainTask(), run, store, **options)
    kept, wanted = (torch.load(r.checkpoints / "last.pt", weights_only=True) for r in (run, whole))
    for name, value in wanted["parts"]["network"].items():
        assert torch.equal(kept["parts"]["network"][name], value), name
    assert run.rows[3]["loss"] == whole.rows[3]["loss"]


@pytest.mark.parametrize("value", [-1, 1.5, True, "two"])
def test_options_that_make_no_sense(store, run, value):  # noqa: F811
    label_all(store, LABELS, value=5)
    with pytest.raises(TaskError, match="interactions is a whole number from 0 on"):
        train(DeepGrow3DTrainTask(), run, store, interactions=value)


def test_no_labels_yet(store, run):  # noqa: F811
    with pytest.raises(TaskError, match="no labels to learn from yet"):
        train(DeepGrow3DTrainTask(), run, store)


def test_an_image_that_cannot_be_read_is_named_and_left_out(store, run):  # noqa: F811
    label_all(store, LABELS, value=5)
    (store.folder / "case_1.nii.gz").write_bytes(b"no volume")
    found = train(DeepGrow3DTrainTask(), run, store, max_epochs=2)
    assert list(found["left_out"]) == ["case_1"]
    assert found["epochs"] == 2


def test_a_partly_labelled_volume(store, run):  # noqa: F811
    for number in range(4):
        half = np.where(np.arange(12) < 7, ball(number) * 5, 255).astype(np.uint8)
        store.save_label(f"case_{number}", half, info={"labels": LABELS})
    train(DeepGrow3DTrainTask(ignore=255), run, store, max_epochs=20)
    mask = ask(DeepGrow3D(published=published(store)), store, "case_4", Click(middle(4))).mask == 5
    known = np.arange(12) < 7
    assert dice(ball(4)[:, :, known], mask[:, :, known]) > 0.6
    # Taken for background, the rest would have taught the network to end there.
    assert mask[:, :, 7:9].any()


def test_cancelling_stops_while_a_model_is_judged(store, run):  # noqa: F811
    label_all(store, LABELS, value=5)
    run.cancel_when = lambda: len(run.fractions) == 6
    with pytest.raises(Cancelled):
        train(DeepGrow3DTrainTask(), run, store, max_epochs=3)
    assert run.rows == {}


def test_far_clicks_are_seen_together_and_a_newer_version_is_taken_up(store, run, tmp_path):  # noqa: F811
    label_all(store, LABELS, value=5, count=4)
    train(DeepGrow3DTrainTask(), run, store)
    long = np.zeros((60, 16, 12), np.int16)
    long[4:56, 4:12, 3:9] = 100
    nib.save(nib.Nifti1Image(long, np.eye(4)), store.folder / "long.nii.gz")
    store.refresh()
    task = DeepGrow3D(published=published(store))
    result = ask(task, store, "long", Click((5, 8, 6)), Click((54, 8, 6)))
    assert result.region.shape[0] > 50
    assert result.mask[5, 8, 6] == result.mask[54, 8, 6] == 5
    train(DeepGrow3DTrainTask(), ListeningRun(tmp_path / "second"), store, max_epochs=1, publish_tolerance=1.0)
    assert ask(task, store, "case_4", Click(middle(4))).version == 2


def test_given_weights_are_used_until_there_is_a_version(store, run, tmp_path):  # noqa: F811
    label_all(store, LABELS, value=5, count=4)
    missing = DeepGrow3D(tmp_path / "none.pt", roi_size=(32, 32, 32), published=published(store))
    assert not missing.is_valid()
    with pytest.raises(TaskError, match=r"needs a file of weights.*, or a training: manager.train\('deepgrow'\)"):
        ask(missing, store, "case_4", Click(middle(4)))
    given = tmp_path / "given.pt"
    torch.save(BasicUNet(3, in_channels=3, out_channels=1, features=(32, 32, 64, 128, 256, 32)).state_dict(), given)
    task = DeepGrow3D(given, roi_size=(32, 32, 32), published=published(store))
    assert ask(task, store, "case_4", Click(middle(4))).version is None
    train(DeepGrow3DTrainTask(), run, store, max_epochs=1)
    assert ask(task, store, "case_4", Click(middle(4))).version == 1
    published(store).in_use().file.with_name("model.json").write_text("damaged")
    assert task.is_valid()
    assert not DeepGrow3D(published=published(store)).is_valid()
    with pytest.raises(TaskError, match="cannot be read"):
        ask(task, store, "case_4", Click(middle(4)))


def test_pictures_among_volumes_are_left_out_in_words(store, run):  # noqa: F811
    label_all(store, LABELS, value=5)
    iio.imwrite(store.folder / "picture.png", np.zeros((20, 20), np.uint8))
    store.refresh()
    store.save_label("picture", np.ones((20, 20), np.uint8) * 5, info={"labels": LABELS})
    found = train(DeepGrow3DTrainTask(), run, store, max_epochs=1)
    reason = "this network is for volumes of one value a voxel, and the image is a picture"
    assert found["left_out"] == {"picture": reason}
    train(
        DeepGrow2DTrainTask(),
        run_again := ListeningRun(run.checkpoints.parent / "flat"),
        store,
        name="flat",
        max_epochs=1,
    )
    assert run_again.rows[1]["loss"] > 0


def test_the_patch_holds_the_structures_and_is_no_coarser_than_it_must_be():
    image = Fingerprint((600, 500, 1), (1.0, 1.0, 100.0), float("nan"), 0.0)
    fine = plan_for_structures([image], np.array([[60.0, 40.0]]), 256**2)
    assert fine.spacing[:2] == (1.0, 1.0)
    coarse = plan_for_structures([image], np.array([[400.0, 300.0]]), 256**2)
    assert np.multiply(coarse.patch, coarse.spacing)[0] >= 400
    assert 1.4 < coarse.spacing[0] < 2.5
    assert np.prod(coarse.patch) <= 1.3 * 256**2
    assert plan_for_structures([image], np.zeros((0, 2)), 256**2) == make_plan([image], 256**2)


def test_structures_are_measured_along_the_patients_axes(tmp_path):
    label = np.zeros((20, 30, 10), np.uint8)
    label[2:7, 10:20, 3:5], label[0, 0, 0] = 1, 9
    affine = np.array([[0, 0, 3.0, 0], [2.0, 0, 0, 0], [0, -1.0, 0, 0], [0, 0, 0, 1]])
    for name in ("image", "label"):
        nib.save(nib.Nifti1Image(label, affine), tmp_path / f"{name}.nii.gz")
    items = [
        {"image": tmp_path / "image.nii.gz", "label": tmp_path / "label.nii.gz"},
        {"image": "gone", "label": "gone"},
    ]
    np.testing.assert_allclose(structure_extents(items, 3, 9), [[6.0, 10.0, 10.0]])
    np.testing.assert_allclose(structure_extents(items, 2, 9), [[10.0, 10.0]])
