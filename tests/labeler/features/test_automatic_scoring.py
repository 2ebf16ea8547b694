"""Scoring by itself after a training, and giving way to whatever a person asks for."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from jlabel.jobs import Job
from jlabel.labeler.features.automatic_scoring import AutomaticScoring
from jlabel.manager import AppManager
from tests.manager.test_scoring import (  # noqa: F401 - fixtures
    IMAGES,
    LABELS,
    SHAPE,
    ScoringApp,
    app,
    finished,
    manager,
    scored,
    wait_for,
)


class Waiting:
    """Work that a person asks for; ends once the gate is open."""

    def __init__(self, gate: Path) -> None:
        self.gate = gate

    def __call__(self, run: Any) -> dict[str, Any]:
        import time

        while not self.gate.exists():
            run.check_cancelled()
            time.sleep(0.02)
        return {}


@pytest.fixture
def training() -> SimpleNamespace:
    return SimpleNamespace(auto=True)


@pytest.fixture
def scoring(manager: AppManager, training: SimpleNamespace) -> AutomaticScoring:  # noqa: F811
    context: Any = SimpleNamespace(manager=manager, strategy="entropy")
    return AutomaticScoring(context, training)


def jobs(manager: AppManager) -> list[Job]:  # noqa: F811
    return [job for job in manager.jobs() if job.kind == "score"]


def train(manager: AppManager, gate: Path) -> Job:  # noqa: F811
    """As if a person had pressed Train."""
    return manager._all_jobs().start("train", "levels", Waiting(gate), device="cpu")


def test_it_begins_where_a_version_has_not_scored_what_waits(app, manager, scoring, signs):  # noqa: F811
    scoring.look()
    assert jobs(manager) == []  # nothing has been trained yet
    (signs / "gate").touch()
    app.publish()
    scoring.look()
    (job,) = jobs(manager)
    scoring.look()  # one is at work
    assert finished(job).result["done"] == IMAGES
    scoring.look()  # all are scored
    assert len(jobs(manager)) == 1
    app.publish(0.2)
    scoring.look()
    assert finished(jobs(manager)[1]).result["version"] == 2


@pytest.mark.parametrize("why", ["not automatically", "a strategy without scores", "everything is labelled"])
def test_it_begins_nothing(app, manager, scoring, training, why):  # noqa: F811
    app.publish()
    if why == "not automatically":
        training.auto = False
    elif why == "a strategy without scores":
        scoring.context.strategy = "random"
    else:
        for image_id in manager.datastore.list_images():
            manager.save_label(image_id, np.ones(SHAPE, np.uint8))
    scoring.look()
    assert manager.jobs() == []


def test_it_gives_way_to_a_training_and_goes_on_after_it(app, manager, scoring, signs):  # noqa: F811
    app.publish()
    scoring.look()
    (first,) = jobs(manager)
    wait_for(lambda: scored(manager) == {"case_0"})
    training_job = train(manager, signs / "trained")
    scoring.look()
    assert first.wait(60)
    assert first.state == "cancelled"
    scoring.look()
    assert len(jobs(manager)) == 1  # the training is at work
    (signs / "gate").touch()
    (signs / "trained").touch()
    finished(training_job)
    scoring.look()
    assert finished(jobs(manager)[1]).result["already"] == 1


def test_a_job_that_a_person_began_is_left_and_one_that_a_person_cancelled_too(app, manager, scoring, signs):  # noqa: F811
    app.publish()
    asked = manager.score("entropy")
    training_job = train(manager, signs / "trained")
    scoring.look()
    assert not asked.folder.is_cancelled
    (signs / "gate").touch()
    (signs / "trained").touch()
    finished(asked)
    finished(training_job)
    (signs / "gate").unlink()
    app.publish(0.2)
    scoring.look()
    automatic = jobs(manager)[1]
    wait_for(lambda: scored(manager, 2) == {"case_0"})
    automatic.cancel()
    assert automatic.wait(60)
    scoring.look()
    assert len(jobs(manager)) == 2


def test_images_that_fail_are_not_tried_again_until_others_come(app, manager, scoring, signs):  # noqa: F811
    (signs / "gate").touch()
    (manager.datastore.folder / "case_4.nii.gz").write_bytes(b"nothing")
    app.publish()
    scoring.look()
    assert list(finished(jobs(manager)[0]).result["left_out"]) == ["case_4"]
    scoring.look()
    assert len(jobs(manager)) == 1
    for name in ("new_0", "new_1"):
        (manager.datastore.folder / f"{name}.nii.gz").write_bytes(
            (manager.datastore.folder / "case_1.nii.gz").read_bytes()
        )
    manager.datastore.refresh()
    scoring.look()
    assert finished(jobs(manager)[1]).result["done"] == 2
