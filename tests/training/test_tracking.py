"""A training's figures in TensorBoard and MLflow."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from jlabel.errors import Cancelled, TaskError
from tests.training.conftest import label_all
from tests.training.tasks import BallTask

LABELS = {"ball": 1}


def train(run, store, **options):
    return BallTask()({"labels": LABELS, "run": run, "name": "ball", **options}, store)


def written(folder: Path) -> dict[str, list[tuple[int, float]]]:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    events = accumulator.EventAccumulator(str(folder))
    events.Reload()
    return {name: [(event.step, event.value) for event in events.Scalars(name)] for name in events.Tags()["scalars"]}


def test_tensorboard_has_the_figures_of_the_job(store, run) -> None:
    pytest.importorskip("tensorboard")
    label_all(store, LABELS)
    train(run, store, max_epochs=3, tracking="tensorboard")
    found = written(run.folder / "tensorboard")
    for name in ("loss", "val_mean_dice", "seconds"):
        steps, values = zip(*found[name], strict=True)
        assert steps == (1, 2, 3)
        assert values == pytest.approx([run.rows[epoch][name] for epoch in steps])
    losses = [value for _, value in found["iteration_loss"]]
    assert len(losses) == 3 * 4
    assert sum(losses[-4:]) / 4 == pytest.approx(run.rows[3]["loss"], abs=1e-5)


def test_a_cancelled_training_loses_no_figure(store, run) -> None:
    pytest.importorskip("tensorboard")
    label_all(store, LABELS)
    run.cancel_when = lambda: len(run.rows) == 2
    with pytest.raises(Cancelled):
        train(run, store, max_epochs=4, tracking="tensorboard")
    assert [step for step, _ in written(run.folder / "tensorboard")["loss"]] == [1, 2]


def test_mlflow_has_the_figures_of_the_job(store, run, monkeypatch) -> None:
    mlflow = pytest.importorskip("mlflow", reason="large, so the tests do without it where it is not installed")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    label_all(store, LABELS)
    train(run, store, max_epochs=2, tracking="mlflow")
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{run.folder / 'mlflow.db'}")
    [kept] = client.search_runs([client.get_experiment_by_name("ball").experiment_id])
    assert (kept.info.run_name, kept.info.status) == (run.folder.name, "FINISHED")
    assert kept.data.params["seed"] == "0"
    history = {point.step: point.value for point in client.get_metric_history(kept.info.run_id, "val_mean_dice")}
    assert history == pytest.approx({epoch: run.rows[epoch]["val_mean_dice"] for epoch in (1, 2)})


def test_nothing_is_tracked_unasked(store, run) -> None:
    label_all(store, LABELS)
    train(run, store, max_epochs=1)
    assert not (run.folder / "tensorboard").exists()
    assert not (run.folder / "mlflow.db").exists()


@pytest.mark.parametrize("tracking", ["tensorboard", "mlflow"])
def test_a_package_that_is_missing_is_named_before_a_job_begins(tracking, monkeypatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, package=None: None)
    with pytest.raises(TaskError, match=rf"missing: pip install 'jlabel\[{tracking}\]'"):
        BallTask().check({"tracking": tracking})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tracking": "wandb"}, "tracking is 'tensorboard', 'mlflow' or None, not 'wandb'"),
        ({"max_epoch": 3}, "unknown option 'max_epoch'"),
        ({"max_epochs": 0}, "max_epochs is a whole number from 1 on"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_a_job_begins(options, words) -> None:
    with pytest.raises(TaskError, match=words):
        BallTask().check(options)
