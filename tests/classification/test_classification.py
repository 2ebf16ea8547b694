"""The classification that ships, from tags of a person to tags of a model."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from jlabel.classification import ClassificationInferTask, ClassificationPlan, ClassificationTrainTask
from jlabel.datastores import LocalDatastore
from jlabel.datastores.image_tags import give_tag, propose_tag
from jlabel.errors import TaskError
from jlabel.imaging import read_image
from jlabel.labels import Classification
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.tasks import InferRequest
from tests.classification.conftest import VIEW, make_pictures
from tests.training.conftest import ListeningRun

TINY = {"max_epochs": 6, "samples_per_epoch": 16, "early_stop_patience": 0}


def learn(run: ListeningRun, store: LocalDatastore, known: Classification = VIEW, **options):
    return ClassificationTrainTask(known)({"labels": {}, "run": run, "name": "view", **TINY, **options}, store)


def published(store: LocalDatastore) -> PublishedModel:
    folder = store.workspace.models_folder()
    assert folder is not None
    return PublishedModel(ModelStore(folder), "view")


def ask(store: LocalDatastore, image_id: str, known: Classification = VIEW):
    image = read_image(store.get_image_uri(image_id))
    return ClassificationInferTask(published(store), known)(InferRequest(image=image, image_id=image_id))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalDatastore, dict, ListeningRun]]:
    """Pictures of which a person has tagged most, fewer of one class, and a model that has learnt from them."""
    folder = tmp_path_factory.mktemp("classification")
    store, run = make_pictures(folder / "pictures"), ListeningRun(folder / "job")
    for number in range(8):
        give_tag(store, f"in_{number}", "view", "in body")
    for number in range(3):
        give_tag(store, f"out_{number}", "view", "out of body")
    propose_tag(store, "out_9", "view", {"in body": 1.0, "out of body": 0.0}, "somebody's model")
    yield store, learn(run, store), run
    store.close()


def test_a_model_learns_from_what_a_person_tagged_and_says_how_sure_it_is(trained) -> None:
    store, found, run = trained
    assert (found["metric"], found["best_metric"], found["version"]) == ("val_balanced_accuracy", 1.0, 1)
    assert {"val_balanced_accuracy", "val_auc"} <= set(run.rows[6])
    # What a model said is nothing to learn from: the tenth picture was not looked at.
    assert found["train_images"] + found["val_images"] == 11
    for image_id, value in (("in_9", "in body"), ("out_9", "out of body")):
        answer = ask(store, image_id)
        (chances,) = answer.tags.values()
        assert list(chances) == list(VIEW.classes)
        assert chances[value] > 0.5
        assert sum(chances.values()) == pytest.approx(1)
        assert (answer.version, answer.labels, int(answer.mask.max())) == (1, {}, 0)
        assert [row["label"] for row in answer.info["prediction"]] == list(VIEW.classes)


def test_images_to_judge_by_are_of_each_class(trained) -> None:
    store, found, _ = trained
    version = published(store).in_use()
    assert version is not None
    assert found["val_images"] == 3
    assert {image.partition("_")[0] for image in version.judged_by} == {"in", "out"}
    assert version.labels == {"in body": 0, "out of body": 1}


def test_pictures_are_seen_in_colours_and_at_a_size_that_the_network_takes(trained) -> None:
    store, _, _ = trained
    plan = ClassificationPlan.from_json(published(store).in_use().network)
    assert (plan.size, plan.colours, plan.window, plan.mirrored) == ((64, 64), 3, (0.0, 255.0), True)


def test_a_model_of_other_classes_says_so(trained) -> None:
    store, _, _ = trained
    with pytest.raises(TaskError, match="tells in body, out of body apart, and the classes of 'view' are good, bad"):
        ask(store, "in_9", Classification("view", ["good", "bad"]))


def test_the_order_of_the_classes_may_change(trained) -> None:
    store, _, _ = trained
    turned = Classification("view", VIEW.classes[::-1])
    assert ask(store, "in_9", turned).tags["view"] == pytest.approx(ask(store, "in_9").tags["view"])


def test_a_training_that_goes_on_keeps_its_plan_and_its_parent(trained, tmp_path) -> None:
    store, _, _ = trained
    found = learn(ListeningRun(tmp_path / "job"), store, max_epochs=1)
    versions = ModelStore(store.workspace.models_folder()).versions("view")
    assert found["version"] == versions[-1].number == 2
    assert versions[-1].parent == 1
    assert versions[-1].network == versions[0].network


def test_two_classes_must_be_tagged_before_there_is_something_to_learn(pictures, tmp_path) -> None:
    task = ClassificationTrainTask(VIEW)
    assert task.lacking(pictures) == "No image is tagged yet: tag some as 'in body' and some as 'out of body' (view)"
    give_tag(pictures, "in_0", "view", "in body")
    assert task.lacking(pictures) == "All tagged images are 'in body': tag some as 'out of body' (view)"
    with pytest.raises(TaskError, match="All tagged images are 'in body'"):
        learn(ListeningRun(tmp_path / "job"), pictures)
    give_tag(pictures, "out_0", "view", "out of body")
    assert (task.lacking(pictures), task.count_learnable(pictures)) == ("", 2)


def test_a_class_that_nobody_gave_is_named_and_the_others_are_learnt(pictures, tmp_path) -> None:
    known = Classification("view", [*VIEW.classes, "blurred"])
    for image_id, value in (("in_0", "in body"), ("out_0", "out of body")):
        give_tag(pictures, image_id, "view", value)
    run = ListeningRun(tmp_path / "job")
    learn(run, pictures, known, max_epochs=1, samples_per_epoch=2)
    assert "no image is there to learn 'blurred' from" in run.notes
    assert set(ask(pictures, "in_1", known).tags["view"]) == set(known.classes)


def test_volumes_are_classified_too(tmp_path) -> None:
    import nibabel as nib

    folder = tmp_path / "volumes"
    folder.mkdir()
    for number, value in enumerate((10, 200)):
        volume = np.full((8, 8, 8), value, np.int16)
        volume[0] = 0
        nib.save(nib.Nifti1Image(volume, np.eye(4)), folder / f"case_{number}.nii.gz")
    store = LocalDatastore(folder)
    for number, value in enumerate(VIEW.classes):
        give_tag(store, f"case_{number}", "view", value)
    learn(ListeningRun(tmp_path / "job"), store, max_epochs=1, samples_per_epoch=2, train_batch_size=2)
    assert ClassificationPlan.from_json(published(store).in_use().network).dimension == 3
    assert set(ask(store, "case_0").tags["view"]) == set(VIEW.classes)
    store.close()


@pytest.mark.parametrize(
    "wrong", [{"size": [8, 8]}, {"size": [64]}, {"window": [3, 3]}, {"colours": 2}, {"window": None}]
)
def test_a_plan_that_makes_no_sense_is_refused(wrong) -> None:
    plan = ClassificationPlan((64, 64), (0.0, 255.0), 3).to_json()
    assert ClassificationPlan.from_json(plan).size == (64, 64)
    with pytest.raises(TaskError, match="no plan of a classification network"):
        ClassificationPlan.from_json({**plan, **wrong})


def test_a_model_that_was_not_trained_cannot_be_asked(pictures) -> None:
    task = ClassificationInferTask(published(pictures), VIEW)
    assert not task.is_valid()
    with pytest.raises(TaskError, match=r"manager.train\('view'\)"):
        ask(pictures, "in_0")
    assert ModelVersion("view", 1).labels == {}
