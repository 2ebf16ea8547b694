"""What becomes of a training: a version of the model, in use where it is good enough, taken up by infer tasks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from monai.inferers import SimpleInferer
from monai.transforms import Activationsd, AsDiscreted, EnsureChannelFirstd, LoadImaged, NormalizeIntensityd
from safetensors.torch import load_file

from jlabel.datastores.workspace import Workspace
from jlabel.errors import TaskError
from jlabel.imaging import read_image
from jlabel.registry import ModelStore, PublishedModel
from jlabel.tasks import InferRequest, InferTask
from tests.training.conftest import ListeningRun, ball, label_all
from tests.training.tasks import BallTask, small_network
from tests.training.test_execution import LABELS, train


@pytest.fixture
def models(store) -> ModelStore:
    return ModelStore(store.workspace.models_folder())


class Untaught(BallTask):
    """Learns nothing and says that nothing is there."""

    def network(self, context):
        return untaught()

    def optimizer(self, context):
        return torch.optim.SGD(context.network.parameters(), 0.0)


class FindBall(InferTask):
    def pre_transforms(self, data):
        return [LoadImaged(keys="image"), EnsureChannelFirstd(keys="image"), NormalizeIntensityd(keys="image")]

    def inferer(self, data):
        return SimpleInferer()

    def post_transforms(self, data):
        return [Activationsd(keys="pred", softmax=True), AsDiscreted(keys="pred", argmax=True)]


def test_a_training_publishes_what_it_came_to_and_where_from(store, run, models) -> None:
    label_all(store, LABELS)
    store.save_label("case_0", ball(0).astype(np.uint8), info={"labels": LABELS})
    found = train(BallTask(), run, store, max_epochs=6)
    (version,) = models.versions("ball")
    assert (found["version"], found["in_use"], version.in_use) == (1, True, True)
    assert (version.metric, version.score) == ("val_mean_dice", pytest.approx(found["best_metric"]))
    assert {**version.images, **version.judged_by} == {"case_0": 2, **{f"case_{i}": 1 for i in range(1, 5)}}
    assert (version.labels, version.parent, version.config["max_epochs"]) == (LABELS, None, 6)
    assert version.torch_version == torch.__version__
    assert version.metrics["val_mean_dice"] == pytest.approx(version.score)


def test_the_next_training_begins_with_the_version_in_use(store, run, models, tmp_path) -> None:
    label_all(store, LABELS)
    train(BallTask(), run, store, max_epochs=8)
    second = ListeningRun(tmp_path / "second")
    train(BallTask(), second, store, max_epochs=1)
    assert models.versions("ball")[1].parent == 1
    assert second.rows[1]["loss"] < run.rows[1]["loss"] / 2
    third = ListeningRun(tmp_path / "third")
    train(BallTask(), third, store, max_epochs=1, pretrained=False)
    assert models.versions("ball")[2].parent is None


def test_a_worse_version_is_kept_but_not_taken_and_says_so(store, run, models, tmp_path) -> None:
    label_all(store, LABELS)
    train(BallTask(), run, store, max_epochs=10)
    second = ListeningRun(tmp_path / "second")
    found = train(Untaught(), second, store, max_epochs=1, pretrained=False)
    assert (found["version"], found["in_use"]) == (2, False)
    assert [version.in_use for version in models.versions("ball")] == [True, False]
    assert any("version 2 of 'ball' is kept and not in use: 0.000 against " in note for note in second.notes)
    models.use("ball", 2)
    third = ListeningRun(tmp_path / "third")
    assert train(BallTask(), third, store, max_epochs=4, pretrained=False)["in_use"]


def test_the_version_in_use_is_judged_again_by_the_images_of_today(store, run, models, tmp_path) -> None:
    label_all(store, LABELS, count=2)
    train(BallTask(), run, store, max_epochs=10)
    # Everything that it was judged by is now labelled as background: nobody is good at that any more.
    (judged,) = models.versions("ball")[0].judged_by
    store.save_label(judged, np.roll(ball(0), 8, axis=0).astype(np.uint8), info={"labels": LABELS})
    second = ListeningRun(tmp_path / "second")
    found = train(BallTask(), second, store, max_epochs=1, publish_tolerance=0.05)
    assert found["in_use"]
    assert found["best_metric"] < models.versions("ball")[0].score - 0.05


def test_without_an_image_to_judge_by_a_judged_version_stays(store, run, models, tmp_path) -> None:
    label_all(store, LABELS)
    train(BallTask(), run, store, max_epochs=4)
    for image_id in models.versions("ball")[0].judged_by:
        store.remove_label(image_id, "final")
    second = ListeningRun(tmp_path / "second")
    found = train(BallTask(), second, store, max_epochs=1, val_split=0.0)
    assert not found["in_use"]
    assert "could not be judged" in found["note"]


def test_other_labels_are_learnt_anew(store, run, models, tmp_path) -> None:
    label_all(store, LABELS)
    train(BallTask(), run, store, max_epochs=1)
    second = ListeningRun(tmp_path / "second")
    train(BallTask(), second, store, labels={"ball": 1, "cube": 2}, max_epochs=1)
    assert "begun anew: version 1 of 'ball' knows other labels" in second.notes


def test_an_infer_task_takes_up_the_version_in_use_and_names_it(store, run, models, tmp_path) -> None:
    task = FindBall(network=small_network(), labels=["ball"], published=PublishedModel(models, "ball"))
    image = read_image(store.get_image_uri("case_0"))
    request = InferRequest(image=image, image_id="case_0", labels=LABELS)
    assert not task.is_valid()
    with pytest.raises(TaskError, match=r"model 'ball' has not been trained yet: manager.train\('ball'\)"):
        task(request)
    label_all(store, LABELS)
    train(BallTask(), run, store, max_epochs=10)
    assert task.is_valid()
    first = task(request)
    assert first.version == 1
    assert (first.mask.astype(bool) & ball(0)).sum() > 0.7 * ball(0).sum()
    train(Untaught(), ListeningRun(tmp_path / "second"), store, max_epochs=1, pretrained=False)
    assert task(request).version == 1
    models.use("ball", 2)
    second = task(request)
    assert (second.version, int(second.mask.max())) == (2, 0)
    models.use("ball", 1)
    np.testing.assert_array_equal(task(request).mask, first.mask)


def test_a_damaged_version_cannot_be_chosen_and_is_named_where_it_is_asked(store, run, models) -> None:
    label_all(store, LABELS)
    train(BallTask(), run, store, max_epochs=1)
    (models.folder / "ball" / "1" / "model.json").write_text("{")
    task = FindBall(network=small_network(), labels=["ball"], published=PublishedModel(models, "ball"))
    assert not task.is_valid()
    with pytest.raises(TaskError, match="this version of 'ball' cannot be read"):
        task(InferRequest(image=read_image(store.get_image_uri("case_0")), image_id="case_0", labels=LABELS))


def test_weights_that_are_gone_are_said_in_words(store, run, models) -> None:
    label_all(store, LABELS)
    train(BallTask(), run, store, max_epochs=1)
    task = FindBall(network=small_network(5), labels=["ball"], published=PublishedModel(models, "ball"))
    image = read_image(store.get_image_uri("case_0"))
    with pytest.raises(TaskError, match="these weights are of another network"):
        task(InferRequest(image=image, image_id="case_0", labels=LABELS))


def test_a_datastore_without_a_place_for_models_leaves_the_weights_with_the_job(store, run, monkeypatch) -> None:
    label_all(store, LABELS)
    monkeypatch.setattr(Workspace, "models_folder", lambda self: None)
    assert "version" not in train(BallTask(), run, store, max_epochs=1)
    assert any("no place for models" in note for note in run.notes)
    assert set(load_file(run.folder / "weights.safetensors")) == set(small_network().state_dict())


FROZEN = {"frozen": True}


def untaught() -> torch.nn.Module:
    network = small_network()
    for weight in network.parameters():
        torch.nn.init.zeros_(weight)
    return network


class FromMonaiLabel(BallTask):
    """Written as MONAI Label's authors do: the network second, methods with and without a context."""

    def __init__(self, model_dir, network, description="Finds balls", **options):
        self._network = network
        super().__init__(model_dir, description, **options)

    def network(self, context):
        return self._network

    def optimizer(self, context):
        rate = 0.0 if context.request.get("frozen") else 0.02
        return torch.optim.Adam(context.network.parameters(), rate)

    def val_inferer(self):
        return SimpleInferer()

    def loss_function(self):
        return super().loss_function(None)


@pytest.mark.parametrize("name", ["ball.pt", "ball.safetensors"])
def test_a_task_that_was_written_for_monai_label(store, run, tmp_path, name: str) -> None:
    label_all(store, LABELS)
    file = tmp_path / "out" / name
    task = FromMonaiLabel(tmp_path / "models", small_network(), publish_path=file, labels=["ball"])
    assert task.info()["description"] == "Finds balls"
    train(task, run, store, max_epochs=8)
    (version,) = ModelStore(tmp_path / "models").versions("ball")
    infer = FindBall(path=file, network=small_network(), labels=["ball"])
    image = read_image(store.get_image_uri("case_0"))
    assert infer(InferRequest(image=image, image_id="case_0", labels=LABELS)).mask.any()
    before = file.read_bytes()
    again = FromMonaiLabel(tmp_path / "models", untaught(), publish_path=file, labels=["ball"], config=FROZEN)
    assert not train(again, ListeningRun(tmp_path / "worse"), store, max_epochs=1, pretrained=False)["in_use"]
    assert file.read_bytes() == before
    assert version.in_use
