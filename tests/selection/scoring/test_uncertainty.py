"""The scoring methods by entropy, BALD and MONAI Label's epistemic score, on a model whose versions are planted."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest
import torch

from jlabel.errors import TaskError
from jlabel.selection.scoring import BALDScoring, EntropyScoring, EpistemicScoring
from jlabel.selection.scoring.reduction import widened
from jlabel.tasks import InferTask
from tests.selection.scoring.conftest import LABELS, SHAPE, Contrast, ContrastTask, publish, volume

METHODS = [EntropyScoring, BALDScoring, EpistemicScoring]


def score_of(store, method: str, image_id: str = "case_0"):
    (found,) = [score for score in store.scores.of_image(image_id) if score.method == method]
    return found


def test_the_score_is_the_mean_entropy_where_something_is_predicted_and_around_that(store, models, task):
    publish(models)
    EntropyScoring({"contrast": task})({}, store)
    found = score_of(store, "entropy")
    sure = torch.softmax(Contrast().eval()(torch.from_numpy(volume(0))[None, None])[0], dim=0).detach().numpy()
    unsure, predicted = -(sure * np.log(sure)).sum(axis=0) / np.log(3), sure.argmax(axis=0)
    assert found.value == pytest.approx(unsure[widened(predicted > 0)].mean(), abs=1e-3)
    wanted = {name: unsure[widened(predicted == index)].mean() for name, index in LABELS.items()}
    assert found.by_label == pytest.approx(wanted, abs=1e-3)
    top = np.sort(unsure.ravel())[-(unsure.size // 100) :].mean()
    assert found.info["top"] == pytest.approx(top, abs=2e-3)
    assert found.info["foreground"] == pytest.approx((predicted > 0).mean())
    assert found.info["probability"]["large"] == pytest.approx(sure[1][predicted == 1].mean(), abs=1e-3)
    assert (found.model, found.version, found.seconds > 0) == ("contrast", 1, True)


def test_an_image_of_which_the_model_is_less_sure_has_the_higher_score(store, models, task):
    # Its block is hardly brighter than what the model takes for the border.
    nib.save(nib.Nifti1Image(volume(9) * 0.55, np.eye(4)), store.folder / "faint.nii.gz")
    store.refresh()
    publish(models)
    EntropyScoring({"contrast": task})({}, store)
    (highest,) = store.scores.highest("entropy", "contrast", 1)
    assert highest.image_id == "faint"


def test_a_less_sure_version_has_higher_scores(store, models, task):
    method = EntropyScoring({"contrast": task})
    publish(models, sharpness=8)
    method({}, store)
    publish(models, sharpness=2)
    method({}, store)
    sure, unsure = (store.scores.table("entropy", "contrast", version).values for version in (1, 2))
    assert (unsure > sure).all()


@pytest.mark.parametrize("method", METHODS)
def test_the_least_sure_voxels_can_be_the_score(store, models, task, method):
    publish(models)
    method({"contrast": task})({"reduce": "top"}, store)
    found = score_of(store, method.name)
    assert found.value == found.info["top"] != found.info["mean"]


def test_passes_of_a_model_that_contradicts_itself_score_by_bald_and_are_the_same_each_time(store, models, task):
    publish(models)
    method = BALDScoring({"contrast": task}, passes=3)
    method({}, store)
    first = score_of(store, "bald")
    assert first.value > 0.01
    assert first.info["passes"] == 3
    method({"method": "again", "passes": 3}, store)
    assert score_of(store, "again").value == first.value
    method({"method": "otherwise", "seed": 5}, store)
    assert score_of(store, "otherwise").value != first.value


def test_bald_is_less_than_the_whole_uncertainty(store, models, task):
    publish(models, sharpness=1.0)
    for method in METHODS:
        method({"contrast": task})({}, store)
    bald, epistemic = score_of(store, "bald").value, score_of(store, "epistemic").value
    assert bald < epistemic / np.log(3)


@pytest.mark.parametrize("method", [BALDScoring, EpistemicScoring])
def test_without_dropout_the_model_is_named_and_what_to_use_instead(store, models, method):
    from jlabel.registry import PublishedModel

    plain = ContrastTask(network=Contrast(dropout=0), labels=LABELS, published=PublishedModel(models, "contrast"))
    publish(models)
    with pytest.raises(TaskError, match=r"model 'contrast' \(version 1\) has no dropout.*'disagreement'"):
        method({"contrast": plain}).check({}, store)
    with pytest.raises(TaskError, match="has no dropout"):
        method({"contrast": plain})({}, store)


@pytest.mark.parametrize("passes", [1, 2.5, "five", True])
def test_passes_are_at_least_two(store, models, task, passes, listener):
    publish(models)
    found = BALDScoring({"contrast": task})({"passes": passes, "run": listener}, store)
    assert "passes is a whole number from 2 on" in found["left_out"]["case_0"]


def test_an_image_in_which_nothing_is_predicted_is_scored_by_its_least_sure_voxels(store, models, task):
    nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.float32), np.eye(4)), store.folder / "empty.nii.gz")
    store.refresh()
    publish(models)
    EntropyScoring({"contrast": task})({}, store)
    found = score_of(store, "entropy", "empty")
    assert (found.value, found.by_label, found.info["foreground"]) == (found.info["top"], {}, 0)
    assert 0 < found.value < 1


def test_the_networks_features_are_kept_with_the_score(store, models, task):
    publish(models)
    EntropyScoring({"contrast": task})({}, store)
    ids, features = store.scores.features("network", "contrast", 1)
    assert ids == tuple(store.list_images())
    assert features.shape[0] == 5
    assert np.isfinite(features).all()


def test_an_answer_that_is_not_a_number_is_noted_and_not_asked_for_again(store, models, task, listener):
    publish(models, sharpness=float("nan"))
    method = EntropyScoring({"contrast": task})
    method({"run": listener}, store)
    assert listener.notes[0] == "image 'case_0' has no score: what the model says of it is not a number"
    assert store.scores.highest("entropy", "contrast", 1) == []
    assert method({}, store)["already"] == 5


def test_a_network_whose_answer_has_no_channel_for_each_class_is_named(store, listener):
    one = ContrastTask(network=torch.nn.Identity(), labels=LABELS)
    found = EntropyScoring({"one": one})({"run": listener}, store)
    assert "ContrastTask gives no probabilities" in found["left_out"]["case_0"]


def test_it_needs_a_model_that_needs_no_prompts(task):
    class Prompted(ContrastTask):
        interactive = True

    infers: dict[str, InferTask] = {"prompted": Prompted(labels=LABELS), "contrast": task}
    assert EntropyScoring(infers).model == "contrast"
    with pytest.raises(TaskError, match=r"scores need model 'prompted', which needs no prompts; the app has contrast"):
        EntropyScoring(infers, model="prompted")
    with pytest.raises(TaskError, match="scores need a model that needs no prompts; the app has none"):
        EntropyScoring({})
