from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest
import torch

from jlabel.errors import TaskError
from jlabel.selection.scoring import DisagreementScoring
from jlabel.selection.scoring.disagreement import comparable_versions
from tests.selection.scoring.conftest import LABELS, SHAPE, Contrast, ContrastTask, publish, volume


def score_of(store, image_id: str = "case_0"):
    (found,) = [score for score in store.scores.of_image(image_id) if score.method == "disagreement"]
    return found


def test_it_is_one_less_the_mean_dice_of_the_versions_around_what_they_predict(store, models, task):
    for level in (0.2, 0.8, 0.5):
        publish(models, level=level)
    DisagreementScoring({"contrast": task})({}, store)
    found = score_of(store)
    assert found.info["members"] == [3, 2, 1]
    assert set(found.by_label) == set(LABELS)
    assert found.value == pytest.approx(np.mean(list(found.by_label.values())))
    assert 0 < found.value < 1
    assert 0 < found.info["top"] <= 1


def test_two_members_by_hand(store, models, task):
    publish(models, level=0.2)
    publish(models, level=0.8)
    DisagreementScoring({"contrast": task})({}, store)
    members = []
    for level in (0.8, 0.2):
        network = Contrast().eval()
        network.level.data.fill_(level)
        members.append(
            torch.softmax(network(torch.from_numpy(volume(0))[None, None])[0], dim=0).detach().double().numpy()
        )
    from jlabel.selection.scoring.reduction import widened

    for name, index in LABELS.items():
        near = widened((members[0].argmax(axis=0) == index) | (members[1].argmax(axis=0) == index))
        one, other = (member[index][near] for member in members)
        assert score_of(store).by_label[name] == pytest.approx(
            1 - 2 * (one * other).sum() / (one**2 + other**2).sum(), abs=1e-4
        )


def test_versions_that_say_the_same_do_not_disagree(store, models, task):
    publish(models)
    publish(models)
    DisagreementScoring({"contrast": task})({}, store)
    assert score_of(store).value == pytest.approx(0, abs=1e-6)


def test_the_images_on_which_versions_differ_come_first(store, models, task):
    # Where it lies between the two levels they contradict each other.
    array = volume(7)
    array[4:14, 4:12, 3:9] -= 0.5
    nib.save(nib.Nifti1Image(array, np.eye(4)), store.folder / "between.nii.gz")
    store.refresh()
    for level in (0.2, 0.8):
        publish(models, level=level)
    DisagreementScoring({"contrast": task})({}, store)
    assert store.scores.highest("disagreement", "contrast", 2)[0].image_id == "between"


def test_a_single_version_is_asked_about_flips(store, models, task):
    publish(models)
    DisagreementScoring({"contrast": task})({}, store)
    found = score_of(store)
    assert found.info["members"] == "flips"
    # It looks at single voxels, which a flip does not change.
    assert found.value == pytest.approx(0, abs=1e-6)


def test_a_network_that_knows_the_side_contradicts_itself_in_the_mirror(store):
    class Sided(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            side = torch.linspace(-3, 3, x.shape[2])[None, None, :, None, None].expand_as(x)
            return torch.cat([torch.zeros_like(x), 4 * (x - 0.5) + side, 4 * (x - 0.5) - side], dim=1)

    DisagreementScoring({"sided": ContrastTask(network=Sided(), labels=LABELS)})({}, store)
    assert score_of(store).value > 0.2


def test_where_nobody_predicts_anything_all_voxels_count(store, models, task):
    nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.float32), np.eye(4)), store.folder / "empty.nii.gz")
    store.refresh()
    for level in (0.3, 0.6):
        publish(models, level=level)
    DisagreementScoring({"contrast": task})({}, store)
    found = score_of(store, "empty")
    assert np.isfinite(found.value)
    assert (found.by_label, found.info["foreground"]) == ({}, 0)


def test_versions_that_answer_in_another_way_are_left_out(models, task):
    publish(models, labels={"large": 1})
    publish(models, network={"spacing": 2})
    first = publish(models, network={"spacing": 1, "dropout": 0.2})
    second = publish(models, network={"spacing": 1})
    assert [one.number for one in comparable_versions(task, second, 3)] == [second.number, first.number]
    # An older one may be in use again.
    assert [one.number for one in comparable_versions(task, first, 3)] == [first.number, second.number]
    assert [one.number for one in comparable_versions(task, second, 1)] == [second.number]


def test_the_number_of_versions_is_checked(store, models, task):
    publish(models)
    found = DisagreementScoring({"contrast": task})({"versions": 0}, store)
    assert "versions is a whole number from 1 on" in found["left_out"]["case_0"]


def test_it_can_be_sent_to_another_process_after_it_was_used(store, models, task):
    import cloudpickle

    publish(models)
    method = DisagreementScoring({"contrast": task})
    method({}, store)
    assert cloudpickle.loads(cloudpickle.dumps(method)).versions == 3


def test_before_the_first_training_it_says_what_to_do(store, task):
    with pytest.raises(TaskError, match=r"has not been trained yet: manager.train\('contrast'\)"):
        DisagreementScoring({"contrast": task}).check({}, store)
