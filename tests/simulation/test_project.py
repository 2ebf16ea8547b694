"""Whole projects without a person, on small images and with a model that learns in a moment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import jlabel
from jlabel.simulation import HumanLike, HumanLikeParameters, Robot, run
from tests.simulation.small_app import LABELS, SmallApp, case

CASES, TEST = 9, ("case_7", "case_8")


@pytest.fixture
def studies(tmp_path: Path, own_locks: Path) -> Path:
    """Nine labelled images."""
    folder = tmp_path / "studies"
    folder.mkdir()
    for number in range(CASES):
        nib.save(nib.Nifti1Image(case(number)[0], np.eye(4)), folder / f"case_{number}.nii.gz")
    store = jlabel.LocalDatastore(folder)
    for number, image_id in enumerate(store.list_images()):
        store.save_label(image_id, case(number)[1])
    store.close()
    return folder


def told(result):
    """What must be the same in another run of one project."""
    trainings = [{key: value for key, value in row.items() if key != "job"} for row in result.trainings]
    return [result.settings, result.images, trainings, result.qualities]


def test_a_project_is_labelled_from_the_first_image_to_the_last(studies: Path) -> None:
    app = SmallApp(studies, LABELS)
    result = run(app, HumanLike(0), strategy="first", target=0.8, test=TEST, device="cpu")
    assert [row["image"] for row in result.images] == [f"case_{number}" for number in range(7)]
    assert [row["labels"] for row in result.images] == [1, 2, 3, 4, 5, 6, 7]
    before, after = result.images[:5], result.images[5:]
    assert [row["version"] for row in result.images] == [None] * 5 + [1, 1]
    assert all(row["first_dice"] is None for row in before)
    assert all(row["first_dice"] > 0.7 for row in after)
    assert np.mean([row["clicks"] for row in after]) < np.mean([row["clicks"] for row in before])
    assert np.mean([row["seconds"] for row in after]) < np.mean([row["seconds"] for row in before])
    (training,), (quality,) = result.trainings, result.qualities
    assert (training["trainer"], training["labels"], training["state"]) == ("learner", 5, "done")
    assert (quality["labels"], quality["version"], quality["validation"]) == (5, 1, 0.8)
    assert quality["test"] == pytest.approx(np.mean(list(quality["by_label"].values())), abs=1e-3)
    assert quality["test"] > 0.7
    assert "7 images" in repr(result)
    assert "test Dice" in repr(result)
    # The app's own studies are as they were: no new version of a label, no model, nothing left in the caches.
    assert all(len(app.datastore.label_history(f"case_{number}")) == 1 for number in range(CASES))
    assert not list((studies / ".jlabel").glob("models/*"))
    assert not list((studies / ".jlabel" / "simulation").iterdir())


def test_the_tables_have_a_row_for_each_image_and_for_each_training(studies: Path) -> None:
    result = run(SmallApp(studies, LABELS), Robot(), "first", 5, test=TEST, device="cpu")
    assert list(result.table()["image"]) == [f"case_{number}" for number in range(5)]
    assert result.table()["clicks"].sum() == result.clicks
    curve = result.curve()
    assert list(curve["labels"]) == [5]
    assert {"one", "two", "test", "validation"} <= set(curve.columns)
    page = result._repr_html_()
    assert "case_4" in page
    assert "seconds_model" in page


def test_one_seed_gives_one_result(studies: Path, tmp_path: Path) -> None:
    app = SmallApp(studies, LABELS)
    one, same, other = (
        run(app, HumanLike(seed), "random", 3, train=None, seed=seed, device="cpu") for seed in (1, 1, 2)
    )
    assert told(one) == told(same)
    assert [row["structures"] for row in one.images] != [row["structures"] for row in other.images]


def test_what_clicks_do_not_reach_is_finished_by_hand(studies: Path) -> None:
    app = SmallApp(studies, LABELS)
    short = run(app, Robot(), "first", 2, 0.99, train=None, most_clicks=1, device="cpu")
    assert short.by_hand == 4
    assert short.clicks == 4
    enough = run(app, Robot(), "first", 2, 0.5, train=None, most_clicks=1, device="cpu")
    assert enough.by_hand < 4
    assert short.seconds > enough.seconds


def test_a_box_comes_before_the_clicks(studies: Path) -> None:
    hand = HumanLike(0, HumanLikeParameters(first="box"))
    result = run(SmallApp(studies, LABELS), hand, "first", 2, train=None, device="cpu")
    assert result.prompts == 4
    assert result.settings["hand"]["first"] == "box"


def test_labels_may_lie_in_a_folder(studies: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels"
    labels.mkdir()
    for number in (0, 3):
        nib.save(nib.Nifti1Image(case(number)[1], np.eye(4)), labels / f"case_{number}.nii.gz")
    app = SmallApp(studies, LABELS)
    saved = run(app, Robot(), "first", 1, train=None, device="cpu")
    result = run(app, Robot(), "first", truth=labels, train=None, device="cpu")
    assert [row["image"] for row in result.images] == ["case_0", "case_3"]
    assert result.images[0] == saved.images[0]


def test_it_goes_on_where_it_was_left_with_a_larger_budget_and_not_as_another_project(
    studies: Path, tmp_path: Path
) -> None:
    app, folder = SmallApp(studies, LABELS), tmp_path / "simulated"
    options = {"train": None, "folder": folder, "device": "cpu"}
    first = run(app, HumanLike(0), "random", 2, **options)
    further = run(app, HumanLike(0), "random", 4, **options)
    assert further.images[:2] == first.images
    assert further.images == run(app, HumanLike(0), "random", 4, train=None, device="cpu").images
    assert run(app, HumanLike(0), "random", 2, **options).images == first.images
    with pytest.raises(jlabel.TaskError, match="another simulated project, with annotator"):
        run(app, HumanLike(1), "random", 4, **options)


PROGRAM = """
import sys
from pathlib import Path
from tests.simulation.small_app import LABELS, SmallApp
from jlabel.simulation import HumanLike, run
studies, folder = map(Path, sys.argv[1:])
run(SmallApp(studies, LABELS), HumanLike(0), "random", 7, 0.8, test=("case_7", "case_8"), folder=folder, device="cpu")
"""


def test_killed_anywhere_it_comes_to_the_same_result(studies: Path, tmp_path: Path) -> None:
    """Killed twice: after some labels, and near the training with five of them."""
    folder, journal = tmp_path / "simulated", tmp_path / "simulated" / "simulation.jsonl"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    for lines in (3, 6):
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(studies), str(folder)], env=environment)
        while process.poll() is None and (not journal.exists() or journal.read_bytes().count(b"\n") < lines):
            time.sleep(0.01)
        process.kill()
        process.wait()
        assert lines <= journal.read_bytes().count(b"\n") < 10
    app, options = SmallApp(studies, LABELS), {"test": TEST, "device": "cpu"}
    resumed = run(app, HumanLike(0), "random", 7, 0.8, folder=folder, **options)
    assert told(resumed) == told(run(app, HumanLike(0), "random", 7, 0.8, **options))
    assert len(list((folder / "studies" / ".jlabel" / "models" / "learner").glob("[0-9]*"))) == 1


def test_a_label_that_was_saved_and_not_written_down_is_made_again(studies: Path, tmp_path: Path) -> None:
    app, folder = SmallApp(studies, LABELS), tmp_path / "simulated"
    whole = run(app, HumanLike(0), "first", 3, train=None, folder=folder, device="cpu")
    journal = folder / "simulation.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]) + lines[-1][:20])
    again = run(app, HumanLike(0), "first", 3, train=None, folder=folder, device="cpu")
    assert again.images == whole.images
    assert [json.loads(line)["kind"] for line in journal.read_text().splitlines()] == ["settings", *["image"] * 3]


def test_a_training_that_fails_is_told_and_labeling_goes_on(studies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JLABEL_TEST_BREAK_TRAINING", "1")
    result = run(SmallApp(studies, LABELS), Robot(), "first", 6, test=TEST, device="cpu")
    assert len(result.images) == 6
    (training,), (quality,) = result.trainings, result.qualities
    assert (training["state"], "broken for the test" in training["error"]) == ("failed", True)
    assert (quality["version"], quality["test"]) == (None, 0.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strategy": "last_week"}, "no strategy 'last_week'"),
        ({"train": "learnt"}, "no train task 'learnt'; the app has learner"),
        ({"tool": "thresholds"}, "no interactive model 'thresholds'; the app has cubes"),
        ({"model": "cubes"}, "no model 'cubes' that makes first masks; the app has thresholds"),
        ({"test": ["case_99"]}, "no image 'case_99' to test with"),
        ({"truth": "original"}, "no image to label whose right label is known"),
        ({"truth": "no/such/folder"}, "no such folder of labels"),
        ({"test": [f"case_{number}" for number in range(CASES)]}, "no image to label"),
    ],
)
def test_what_cannot_be_simulated_is_said_before_anything_is_done(studies: Path, options, message: str) -> None:
    with pytest.raises(jlabel.TaskError, match=message):
        run(SmallApp(studies, LABELS), Robot(), device="cpu", **options)


def test_a_trainer_with_a_folder_of_models_of_its_own_is_not_simulated(studies: Path, tmp_path: Path) -> None:
    class WithFolder(SmallApp):
        def init_trainers(self):
            return {"segmentation": jlabel.SegmentationTrainTask(model_dir=tmp_path / "models")}

    with pytest.raises(jlabel.TaskError, match="'segmentation' has a model_dir"):
        run(WithFolder(studies, LABELS), Robot(), device="cpu")


def test_two_processes_are_not_at_one_folder(studies: Path, tmp_path: Path) -> None:
    from jlabel.jobs.locks import take_lock

    folder = tmp_path / "simulated"
    folder.mkdir()
    held = take_lock(folder / "simulation.lock")
    try:
        with pytest.raises(jlabel.TaskError, match="another process is simulating"):
            run(SmallApp(studies, LABELS), Robot(), train=None, folder=folder, device="cpu")
    finally:
        os.close(held)


class Brightness(jlabel.ScoringMethod):
    """How bright an image is, as if the model had said so."""

    model = "thresholds"

    def __init__(self, app: jlabel.LabelApp) -> None:
        super().__init__("Mean intensity")
        self.published = app.infers["thresholds"].published

    def __call__(self, request, datastore):
        from jlabel.datastores.scores import Score

        version, waiting = self.published.in_use().number, datastore.get_unlabeled_images()
        for image_id in waiting:
            value = float(jlabel.read_image(datastore.get_image_uri(image_id)).array.mean())
            datastore.scores.save([Score(image_id, "brightness", value, "thresholds", version)])
        return {"scored": len(waiting)}


class ScoredApp(SmallApp):
    """Chooses the brightest image."""

    def init_scoring_methods(self):
        return {"brightness": Brightness(self)}

    def init_strategies(self):
        from jlabel.selection import ScoreStrategy

        return {"brightest": ScoreStrategy("brightness", "thresholds")}


def test_images_are_scored_once_for_each_version_that_a_strategy_goes_by(studies: Path, tmp_path: Path) -> None:
    folder = tmp_path / "simulated"
    result = run(ScoredApp(studies, LABELS), Robot(), "brightest", folder=folder, device="cpu")
    store = jlabel.LocalDatastore(folder / "studies")
    jobs = list((folder / "studies" / ".jlabel" / "jobs").iterdir())
    assert [row["labels"] for row in result.trainings] == [5, 8]
    assert [(one.version, one.images) for one in store.scores.sets("brightness")] == [(1, 4), (2, 1)]
    assert len([job for job in jobs if job.is_dir()]) == 4
    by_score = sorted(range(CASES), key=lambda number: -case(number)[0].mean())
    first = [row["image"] for row in result.images[:5]]
    wanted = [f"case_{number}" for number in by_score if f"case_{number}" not in first]
    assert [row["image"] for row in result.images[5:]] == wanted
    assert all(row["score"] is not None for row in result.images[5:])
    store.close()


class Budgeted(jlabel.Strategy):
    """Chooses the image whose number is the budget."""

    budget = None

    def __call__(self, request, datastore):
        exclude = request.get("exclude", ())
        waiting = [image_id for image_id in datastore.get_unlabeled_images() if image_id not in exclude]
        return next((image_id for image_id in waiting if image_id == f"case_{request['budget']}"), waiting[0])


def test_a_strategy_that_goes_by_the_budget_is_told_it(studies: Path, tmp_path: Path) -> None:
    class BudgetApp(SmallApp):
        def init_strategies(self):
            return {"budgeted": Budgeted("By the budget")}

    options = {"train": None, "folder": tmp_path / "simulated", "device": "cpu"}
    result = run(BudgetApp(studies, LABELS), Robot(), "budgeted", 3, **options)
    assert [row["image"] for row in result.images] == ["case_3", "case_0", "case_1"]
    with pytest.raises(jlabel.TaskError, match="another simulated project, with strategy_params"):
        run(BudgetApp(studies, LABELS), Robot(), "budgeted", 4, **options)
