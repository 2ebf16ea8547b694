"""A training from labels to weights, in this process."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from jlabel.errors import Cancelled, TaskError
from tests.training.conftest import ListeningRun, ball, label_all
from tests.training.tasks import BadLossTask, BallTask, SigmoidTask, small_network

LABELS = {"ball": 1}


def train(task, run, store, labels=None, **options):
    return task({"labels": labels or LABELS, "run": run, "name": "ball", **options}, store)


def test_a_training_learns_and_tells_what_it_does(store, run) -> None:
    label_all(store, LABELS)
    found = train(BallTask(), run, store, max_epochs=12)
    assert (found["train_images"], found["val_images"], found["left_out"]) == (4, 1, {})
    assert found["metric"] == "val_mean_dice"
    assert found["best_metric"] > 0.7
    assert list(run.rows) == list(range(1, 13))
    assert run.rows[12]["loss"] < run.rows[1]["loss"]
    assert max(row["val_mean_dice"] for row in run.rows.values()) == pytest.approx(found["best_metric"])
    assert run.fractions == sorted(run.fractions)
    assert run.fractions[-1] == 1.0
    assert set(load_file(run.checkpoints / "best.safetensors")) == set(small_network().state_dict())


def test_a_network_with_one_channel_that_was_given_to_the_task(store, run) -> None:
    label_all(store, LABELS)
    found = train(SigmoidTask(network=small_network(1)), run, store, max_epochs=8)
    assert found["best_metric"] > 0.5


def test_a_resumed_training_ends_with_the_very_weights_of_one_that_was_not_stopped(store, run, tmp_path) -> None:
    label_all(store, LABELS)
    whole = ListeningRun(tmp_path / "whole")
    train(BallTask(), whole, store, max_epochs=4, pretrained=False)
    run.cancel_when = lambda: len(run.rows) == 2 and len(run.fractions) > 9
    with pytest.raises(Cancelled):
        train(BallTask(), run, store, max_epochs=4, checkpoint_seconds=0, pretrained=False)
    run.cancel_when = lambda: False
    train(BallTask(), run, store, max_epochs=4, checkpoint_seconds=0, pretrained=False)
    assert "going on after epoch 2" in run.notes
    kept, wanted = (torch.load(r.checkpoints / "last.pt", weights_only=True) for r in (run, whole))
    for name, value in wanted["parts"]["network"].items():
        assert torch.equal(kept["parts"]["network"][name], value), name
    assert run.rows[4]["loss"] == whole.rows[4]["loss"]
    assert kept["state"] == wanted["state"]


def test_a_training_that_was_over_when_it_was_killed_is_not_begun_again(store, run) -> None:
    label_all(store, LABELS)
    first = train(BallTask(), run, store, max_epochs=2)
    run.fractions.clear()
    again = train(BallTask(), run, store, max_epochs=2)
    assert run.fractions == []
    assert again["best_metric"] == first["best_metric"]


def test_cancelling_stops_in_the_middle_of_a_validation_too(store, run) -> None:
    label_all(store, LABELS)
    run.cancel_when = lambda: len(run.fractions) == 4
    with pytest.raises(Cancelled):
        train(BallTask(), run, store, max_epochs=3)
    assert run.rows == {}


def test_a_changed_task_cannot_go_on_from_the_old_checkpoint(store, run) -> None:
    label_all(store, LABELS)
    train(BallTask(), run, store, max_epochs=1)

    class Wider(BallTask):
        def network(self, context):
            return small_network(5)

    with pytest.raises(TaskError, match="this training cannot go on, begin a new one"):
        train(Wider(), run, store, max_epochs=2)


def test_without_improvement_it_stops_early_and_after_its_time_too(store, run, tmp_path) -> None:
    label_all(store, LABELS)

    class Frozen(BallTask):
        def optimizer(self, context):
            return torch.optim.SGD(context.network.parameters(), 0.0)

    assert train(Frozen(), run, store, max_epochs=30, early_stop_patience=2)["epochs"] == 3
    timed = ListeningRun(tmp_path / "timed")
    assert train(BallTask(), timed, store, max_epochs=1000, max_seconds=1e-3)["epochs"] == 1
    assert timed.fractions[-1] == 1.0


def test_labels_are_matched_by_name_whatever_their_values(store, run) -> None:
    label_all(store, {"other": 1, "ball": 7}, value=7)
    found = train(BallTask(labels=["ball"]), run, store, labels={"ball": 1, "other": 2}, max_epochs=12)
    assert found["best_metric"] > 0.7


def test_each_structure_has_its_own_dice(store, run) -> None:
    label_all(store, {"ball": 1, "cube": 2})
    train(BallTask(), run, store, labels={"ball": 1, "cube": 2}, max_epochs=2)
    assert {"val_dice_ball", "val_dice_cube"} < set(run.rows[2])


def test_voxels_that_nobody_labelled_teach_nothing(store, run) -> None:
    for number in range(5):
        # Half of the volume is labelled; the other half says, wrongly if it were believed, that the ball is not there.
        label = ball(number).astype(np.uint8)
        label[:, 8:] = 9
        store.save_label(f"case_{number}", label, info={"labels": {"ball": 1, "unknown": 9}})
    labels = {"ball": 1, "unknown": 9}
    found = train(BallTask(ignore="unknown"), run, store, labels=labels, max_epochs=12)
    assert found["best_metric"] > 0.7


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_labels_are_enough_to_begin(store, run, count: int) -> None:
    label_all(store, LABELS, count=count)
    found = train(BallTask(), run, store, max_epochs=2)
    assert (found["train_images"], found["val_images"]) == (1, count - 1)
    assert ("best_metric" in found) == (count == 2)
    assert any("Label one more image" in note for note in run.notes) == (count == 1)


def test_empty_labels_among_others_do_no_harm(store, run) -> None:
    label_all(store, LABELS)
    for number in range(3):
        store.save_label(f"case_{number}", np.zeros_like(ball(number), np.uint8), info={"labels": LABELS})
    assert np.isfinite(train(BallTask(), run, store, max_epochs=2)["best_metric"])


def test_what_cannot_be_read_is_named_and_left_out(store, run) -> None:
    label_all(store, LABELS)
    train(BallTask(), run, store, max_epochs=1)
    learnt = [i for i in store.get_labeled_images() if store.get_image_info(i)["split"] == "training"]
    broken, unlabelled = learnt[:2]
    Path(store.get_image_uri(broken)).write_bytes(b"no image")
    Path(store.get_label_uri(unlabelled)).unlink()
    second = ListeningRun(run.checkpoints.parent / "second")
    found = train(BallTask(), second, store, max_epochs=2)
    assert set(found["left_out"]) == {broken}
    assert (found["train_images"], found["epochs"]) == (2, 2)
    assert sum(broken in note for note in second.notes) == 1


def test_an_image_that_goes_away_in_the_middle_of_an_epoch(store, run) -> None:
    label_all(store, LABELS)
    gone: list[str] = []

    def remove() -> bool:
        if len(run.rows) == 1 and not gone:
            gone.append(next(i for i in store.list_images() if store.get_image_info(i)["split"] == "training"))
            Path(store.get_image_uri(gone[0])).unlink()
        return False

    run.cancel_when = remove
    found = train(BallTask(), run, store, max_epochs=3, cache_bytes=0)
    # Kept on disk in prepared form, it is not even missed.
    assert (found["left_out"], found["epochs"]) == ({}, 3)
    assert not (run.checkpoints / "cache").exists()


def test_an_image_that_cannot_be_read_in_the_middle_of_an_epoch_is_named_and_left_out(store, run, monkeypatch) -> None:
    label_all(store, LABELS)
    # Nothing is kept, neither in memory nor on disk: each image is read again in every epoch.
    monkeypatch.setattr("jlabel.training.datasets.shutil.disk_usage", lambda folder: SimpleNamespace(free=0))
    broken: list[str] = []

    def damage() -> bool:
        # After the first of four images of the second epoch.
        if len(run.rows) == 1 and len(run.fractions) == 5 and not broken:
            broken.extend(i for i in store.list_images() if store.get_image_info(i)["split"] == "training")
            for image_id in broken[:2]:
                Path(store.get_image_uri(image_id)).write_bytes(b"no image")
        return False

    run.cancel_when = damage
    found = train(BallTask(), run, store, max_epochs=3, cache_bytes=0)
    assert set(found["left_out"]) == set(broken[:2])
    assert (found["epochs"], found["train_images"]) == (3, 2)
    assert all(sum(f"image {name!r} is left out" in note for note in run.notes) == 1 for name in broken[:2])


def test_judging_by_an_image_that_cannot_be_read_is_given_up(store, run) -> None:
    label_all(store, LABELS)
    train(BallTask(), run, store, max_epochs=1)
    (judged,) = [i for i in store.list_images() if store.get_image_info(i)["split"] == "validation"]
    Path(store.get_image_uri(judged)).write_bytes(b"no image")
    second = ListeningRun(run.checkpoints.parent / "second")
    assert train(BallTask(), second, store, max_epochs=1)["val_images"] == 0
    assert any(judged in note for note in second.notes) or any("judge by" in note for note in second.notes)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"max_epoch": 3}, "unknown option 'max_epoch'; this train task takes .*max_epochs"),
        ({"max_epochs": 0}, "max_epochs is a whole number from 1 on, not 0"),
        ({"val_split": 1.0}, "val_split is a share"),
        ({"max_seconds": 0}, "max_seconds is a number above 0"),
    ],
)
def test_options_that_make_no_sense(store, run, options, words) -> None:
    label_all(store, LABELS)
    with pytest.raises(TaskError, match=words):
        train(BallTask(), run, store, **options)


def test_no_labels_yet(store, run) -> None:
    with pytest.raises(TaskError, match="no labels to learn from yet"):
        train(BallTask(), run, store)


def test_a_loss_that_is_no_number_ends_with_words_and_keeps_the_checkpoint(store, run) -> None:
    label_all(store, LABELS)
    with pytest.raises(TaskError, match="the loss became nan in epoch 2 on case_"):
        train(BadLossTask(), run, store, max_epochs=3, checkpoint_seconds=0)
    assert torch.load(run.checkpoints / "last.pt", weights_only=True)["state"]["epoch"] == 1


def test_a_network_for_which_there_is_no_memory_says_what_to_do(store, run) -> None:
    class Hungry(BallTask):
        def loss_function(self, context):
            # More than any machine can address: torch's allocator really fails.
            return lambda pred, label: torch.ones(1 << 48).sum()

    label_all(store, LABELS)
    with pytest.raises(TaskError, match=r"^out of memory: use smaller patches .*allocate"):
        train(Hungry(), run, store, max_epochs=1)


def test_a_transform_that_fails_is_named(store, run) -> None:
    class Broken(BallTask):
        def train_post_transforms(self, context):
            raise AssertionError("not asked for without a metric of the training")

        def val_post_transforms(self, context):
            def nonsense(data):
                raise ValueError("this transform has a mistake")

            return [nonsense]

    label_all(store, LABELS)
    with pytest.raises(TaskError, match="this transform has a mistake"):
        train(Broken(), run, store, max_epochs=1)
