"""DeepEdit: one version answers by itself and is corrected by clicks."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest
import torch

import jlabel
from jlabel.deepedit import DeepEdit, DeepEditAuto, DeepEditTrainTask
from jlabel.errors import PromptError, TaskError
from jlabel.imaging import read_image
from jlabel.prompts import Box, Click
from jlabel.registry import ModelStore, PublishedModel
from jlabel.simulation import dice, next_click
from jlabel.tasks import InferRequest
from tests.segmentation.conftest import discs, make_pictures
from tests.training.conftest import ball, label_all, run, store  # noqa: F401 - fixtures

LABELS = {"core": 7, "shell": 3}
QUICK = {"samples_per_epoch": 16, "max_epochs": 8, "early_stop_patience": 0, "learning_rate": 0.01, "interactions": 2}


def train(run, store, labels=None, **options):  # noqa: F811
    request = {"labels": labels or LABELS, "run": run, "name": "deepedit", **QUICK, **options}
    return DeepEditTrainTask()(request, store)


def structures(number: int) -> np.ndarray:
    """A ball whose upper half is another structure."""
    upper = np.arange(12) > 6
    return np.where(ball(number), np.where(upper, 3, 7), 0).astype(np.uint8)


@pytest.fixture
def labelled(store):  # noqa: F811
    for number in range(4):
        store.save_label(f"case_{number}", structures(number), info={"labels": LABELS})
    return store


def request(store, image_id, *clicks, label="", labels=None):  # noqa: F811
    image = read_image(store.get_image_uri(image_id))
    return InferRequest(image=image, image_id=image_id, labels=labels or LABELS, prompts=clicks, label=label)


def test_one_version_answers_by_itself_and_to_clicks(labelled, run):  # noqa: F811
    published = PublishedModel(ModelStore(labelled.workspace.models_folder()), "deepedit")
    automatic, clicked = DeepEditAuto(published, list(LABELS)), DeepEdit(published, list(LABELS))
    for task in (automatic, clicked):
        assert not task.info()["valid"]
        with pytest.raises(TaskError, match=r"has not been trained yet: manager.train\('deepedit'\)"):
            task(request(labelled, "case_4", Click((7, 8, 5), label="core"), label="core"))
    found = train(run, labelled)
    assert found["best_metric"] > 0.6
    last = run.rows[8]
    assert {"val_dice_automatic", "val_dice_clicked", "val_dice_core", "val_dice_shell"} <= set(last)
    assert last["val_mean_dice"] == pytest.approx((last["val_dice_automatic"] + last["val_dice_clicked"]) / 2, abs=0.02)

    truth = structures(4)
    whole = automatic(request(labelled, "case_4"))
    assert (whole.version, whole.labels) == (1, LABELS)
    assert dice(truth > 0, whole.mask > 0) > 0.7
    for label, value in LABELS.items():
        click = next_click(truth == value, np.zeros_like(truth))
        answer = clicked(request(labelled, "case_4", Click(click.position, label=label), label=label))
        assert (answer.version, answer.labels) == (1, {label: value})
        assert dice(truth == value, answer.mask == value) > 0.5


def test_a_click_changes_the_answer_where_it_is_made(labelled, run):  # noqa: F811
    train(run, labelled)
    task = DeepEdit(PublishedModel(ModelStore(labelled.workspace.models_folder()), "deepedit"), list(LABELS))
    inside = Click((7, 8, 4), label="core")
    plain = task(request(labelled, "case_4", inside, label="core")).mask == 7
    denied = task(request(labelled, "case_4", inside, Click((7, 8, 8), False, "core"), label="core")).mask == 7
    assert not denied[7, 8, 8]
    assert plain.any()
    assert denied.any()


def test_without_clicks_in_training_and_with_one_class(store, run):  # noqa: F811
    label_all(store, {"ball": 1})
    found = train(run, store, labels={"ball": 1}, automatic_share=1, interactions=0, max_epochs=4)
    assert found["best_metric"] > 0.5
    assert "val_dice_ball" not in run.rows[4]


def test_what_cannot_be_asked(labelled, run):  # noqa: F811
    train(run, labelled, max_epochs=1)
    task = DeepEdit(PublishedModel(ModelStore(labelled.workspace.models_folder()), "deepedit"), list(LABELS))
    with pytest.raises(
        TaskError, match=r"version 1 of 'deepedit' has not learnt 'new', only core, shell: train it again"
    ):
        task(request(labelled, "case_4", Click((7, 8, 4)), label="new", labels={**LABELS, "new": 9}))
    with pytest.raises(PromptError, match="not a box"):
        task(request(labelled, "case_4", Box((2, 2, 2), (9, 9, 9)), label="core"))


@pytest.mark.parametrize("share", [-0.1, 2, True, "half"])
def test_options_that_make_no_sense(labelled, run, share):  # noqa: F811
    with pytest.raises(TaskError, match="automatic_share is a number from 0 to 1"):
        train(run, labelled, automatic_share=share)


class Brightness(DeepEdit):
    """In the network's place: what is bright is the first structure."""

    def run_inferer(self, data, device):
        bright = data["image"][0]
        return {**data, "pred": torch.stack([-bright, bright, torch.full_like(bright, -9.0)])}


def test_a_structure_larger_than_the_patch_is_found_whole(labelled, run):  # noqa: F811
    train(run, labelled, max_epochs=1)
    large = np.zeros((70, 40, 30), np.int16)
    large[10:60, 10:30, 8:22] = 100
    nib.save(nib.Nifti1Image(large, np.eye(4)), labelled.folder / "large.nii.gz")
    labelled.refresh()
    published = PublishedModel(ModelStore(labelled.workspace.models_folder()), "deepedit")
    click = Click((32, 20, 15), label="core")
    answer = Brightness(published, list(LABELS))(request(labelled, "large", click, label="core"))
    np.testing.assert_array_equal(answer.mask == 7, large > 0)
    # The network itself slides over the larger region.
    assert DeepEdit(published, list(LABELS))(request(labelled, "large", click, label="core")).mask.shape == large.shape


def test_from_the_manager_to_a_mask_that_says_who_made_it(labelled, own_locks):
    manager = jlabel.AppManager(jlabel.RadiologyApp(labelled, LABELS), device="cpu")
    job = manager.train("deepedit", device="cpu", **{**QUICK, "max_epochs": 2})
    assert job.wait(120), job.log
    assert job.state == "done", job.log
    assert manager.models("deepedit")[0].in_use
    click = Click((7, 8, 5), label="core")
    clicked = manager.infer("deepedit", "case_4", prompts=[click], label="core")
    automatic = manager.infer("deepedit_auto", "case_4")
    assert (clicked.version, automatic.version) == (1, 1)
    assert manager.info()["models"]["deepgrow_3d"]["valid"] is False
    manager.close()


@pytest.mark.parametrize("colours", [True, False])
def test_in_pictures_one_version_answers_by_itself_and_to_clicks(tmp_path, run, colours):  # noqa: F811
    pictures, labels = make_pictures(tmp_path / "pictures", colours), {"cell": 2}
    for number in range(4):
        pictures.save_label(f"case_{number}", (discs(number) > 0).astype(np.uint8) * 2, info={"labels": labels})
    train(run, pictures, labels, max_epochs=4, train_batch_size=4, learning_rate=0.002)
    published = PublishedModel(ModelStore(pictures.workspace.models_folder()), "deepedit")
    truth = discs(4) > 0
    whole = DeepEditAuto(published, ["cell"])(request(pictures, "case_4", labels=labels))
    assert dice(truth, whole.mask == 2) > 0.6
    first = next_click(truth, np.zeros_like(truth))
    inside = Click(first.position, label="cell")
    task = DeepEdit(published, ["cell"])
    answer = task(request(pictures, "case_4", inside, label="cell", labels=labels))
    assert dice(truth, answer.mask == 2) > 0.6
    outside = tuple(int(i) for i in np.argwhere(~truth)[0])
    denied = task(request(pictures, "case_4", inside, Click(outside, False, "cell"), label="cell", labels=labels))
    assert not denied.mask[outside]
    pictures.close()
