"""What is computed, what is kept, and what is said of images that fail, for all methods that ask a model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jlabel.errors import Cancelled, DatastoreError, TaskError
from jlabel.selection.scoring import EntropyScoring
from jlabel.selection.scoring.image_scores import unknown_labels
from tests.selection.scoring.conftest import LABELS, Contrast, ContrastTask, final, publish


@pytest.fixture
def method(task) -> EntropyScoring:
    return EntropyScoring({"contrast": task})


def counted(store, monkeypatch) -> list[str]:
    """The images that are read from now on."""
    read, uri = [], store.get_image_uri

    def get_image_uri(image_id: str) -> str:
        read.append(image_id)
        return uri(image_id)

    monkeypatch.setattr(store, "get_image_uri", get_image_uri)
    return read


def test_a_score_is_computed_once_for_each_version(store, models, method, monkeypatch):
    publish(models)
    assert method({}, store) == {
        "done": 5,
        "already": 0,
        "left_out": {},
        "passed_by": 0,
        "model": "contrast",
        "version": 1,
    }
    read = counted(store, monkeypatch)
    assert method({}, store)["already"] == 5
    assert read == []
    publish(models)
    assert method({}, store)["done"] == 5
    assert [(one.version, one.images) for one in store.scores.sets("entropy")] == [(1, 5), (2, 5)]


def test_images_with_a_label_are_scored_only_where_they_are_asked_for(store, models, method):
    publish(models)
    final(store, 0, 1)
    assert method({}, store)["done"] == 3
    assert method({"images": "all"}, store)["done"] == 2
    publish(models)
    assert method({"images": ["case_0", "case_3"]}, store)["done"] == 2
    assert store.scores.scored("entropy", "contrast", 2) == {"case_0", "case_3"}


def test_it_goes_on_where_it_was_cancelled(store, models, method, listener, monkeypatch):
    publish(models)
    listener.progress = lambda fraction, left: setattr(listener, "cancelled", fraction >= 0.4)
    with pytest.raises(Cancelled):
        method({"run": listener}, store)
    assert store.scores.scored("entropy", "contrast", 1) == {"case_0", "case_1"}
    read = counted(store, monkeypatch)
    assert method({}, store)["done"] == 3
    assert set(read) == {"case_2", "case_3", "case_4"}


def test_the_other_reduction_takes_the_place_of_the_first_without_asking_the_model_again(
    store, models, method, monkeypatch
):
    publish(models)
    method({}, store)
    (mean,) = store.scores.of_image("case_1")
    read = counted(store, monkeypatch)
    assert method({"reduce": "top"}, store)["done"] == 0
    assert read == []
    (top,) = store.scores.of_image("case_1")
    assert (mean.value, top.value) == (mean.info["mean"], mean.info["top"])
    assert (top.by_label, top.seconds) == (mean.by_label, mean.seconds)


def test_an_image_that_cannot_be_read_is_named_and_the_rest_is_scored(store, models, method, listener):
    (store.folder / "case_2.nii.gz").write_bytes(b"no image")
    publish(models)
    found = method({"run": listener}, store)
    assert found["done"] == 4
    assert list(found["left_out"]) == ["case_2"]
    assert listener.notes == [f"image 'case_2' is left out: {found['left_out']['case_2']}"]
    assert listener.fractions[-1] == 1


def test_a_task_that_raises_anything_on_one_image_is_as_one_that_fails(store, models, listener):
    class Broken(ContrastTask):
        def pre_transforms(self, data: dict[str, Any]) -> Any:
            if data["id"] == "case_1":
                raise ValueError("an odd case")
            return super().pre_transforms(data)

    found = EntropyScoring({"broken": Broken(network=Contrast(), labels=LABELS)})({"run": listener}, store)
    (image_id, why), *others = found["left_out"].items()
    assert (image_id, others) == ("case_1", [])
    assert why.startswith("Broken.pre_transforms failed: ValueError: an odd case\n")
    assert found["done"] == 4


def test_an_image_that_is_deleted_meanwhile_is_passed_by(store, models, method, listener):
    publish(models)
    listener.progress = lambda fraction, left: (store.folder / "case_3.nii.gz").unlink(missing_ok=True)
    found = method({"run": listener}, store)
    assert (found["done"], found["passed_by"], found["left_out"]) == (4, 1, {})
    assert listener.notes == []


def test_an_image_that_is_labelled_meanwhile_is_passed_by(store, models, method, listener):
    publish(models)
    listener.progress = lambda fraction, left: final(store, 4)
    assert method({"run": listener}, store)["passed_by"] == 1
    assert "case_4" not in store.scores.scored("entropy", "contrast", 1)


def test_a_version_that_is_published_meanwhile_is_for_the_next_scoring(store, models, method, listener):
    publish(models)
    listener.progress = lambda fraction, left: publish(models) if fraction == 0.4 else None
    assert method({"run": listener}, store)["version"] == 1
    assert [(one.version, one.images) for one in store.scores.sets("entropy")] == [(1, 5)]
    again = method({}, store)
    assert (again["version"], again["done"]) == (2, 5)
    assert [one.version for one in store.scores.sets("entropy")] == [1, 2]


def test_labels_that_the_version_does_not_know_are_told(store, models, method):
    publish(models)
    method({"labels": {"large": 1, "bright": 2, "cyst": 3}}, store)
    assert store.scores.of_image("case_0")[0].info["unknown"] == ["cyst"]
    assert "cyst" not in store.scores.of_image("case_0")[0].by_label
    publish(models)
    method({"labels": LABELS}, store)
    assert "unknown" not in store.scores.of_image("case_0")[-1].info


def test_a_name_in_decomposed_letters_is_the_same_name():
    assert unknown_labels({"Gesa\u0308ß": 1}, {"Ges\u00e4ß": 1}) == []


def test_a_model_without_versions_is_asked_again_once_its_weights_are_others(store, tmp_path):
    import torch

    file = tmp_path / "weights.pt"
    task = ContrastTask(path=file, network=Contrast(), labels=LABELS)
    method = EntropyScoring({"contrast": task})
    for sharpness, done in ((4.0, 5), (4.0, 0), (2.0, 5)):
        network = Contrast()
        network.sharpness.data.fill_(sharpness)
        if done:
            torch.save(network.state_dict(), file)
        assert method({}, store)["done"] == done
    assert store.scores.sets("entropy")[0].version == 0


def test_everything_labelled_is_told_before_a_job_begins(store, models, method):
    publish(models)
    final(store, *range(5))
    with pytest.raises(TaskError, match="there is no image to score: all have a final label; images='all'"):
        method.check({}, store)
    method.check({"images": "all"}, store)
    assert method({}, store)["done"] == 0


@pytest.mark.parametrize(
    ("request_", "error", "said"),
    [
        ({"images": "some"}, TaskError, "images is 'unlabeled', 'all' or a list of ids, not 'some'"),
        ({"images": ["case_9"]}, DatastoreError, "case_9"),
        ({"reduce": "max"}, TaskError, "reduce is 'mean' or 'top', not 'max'"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_before_a_job_begins(store, models, method, request_, error, said):
    publish(models)
    with pytest.raises(error, match=said):
        method.check(request_, store)


def test_scores_can_be_of_any_size_of_image_and_nothing_is_held_of_the_last(store, models, method):
    publish(models)
    method({}, store)
    values = store.scores.table("entropy", "contrast", 1).values
    assert np.isfinite(values).all()
    assert len(np.unique(values)) == 5
