"""Versions of models, as those who listen to a labeler hear of them."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from jlabel.labeler.events import ModelVersionChanged
from jlabel.registry import ModelStore, ModelVersion
from jlabel.widget import AppManager, Labeler
from tests.labeler.features.test_training import TrainingApp, label, labeler, manager, page  # noqa: F401 - fixtures
from tests.widget.labeler_pages import Page


@pytest.fixture
def publish(manager: AppManager, tmp_path: Path) -> Callable[[], int]:
    """Publishes another version, as a training of another kernel does."""
    folder = manager.datastore.workspace.models_folder()
    assert folder is not None
    weights = tmp_path / "new.safetensors"
    weights.write_bytes(b"none")

    def publish() -> int:
        return ModelStore(folder).publish(ModelVersion("learner", 0), weights).number

    return publish


def test_a_training_that_ends_is_told_once(labeler: Labeler, page: Page, manager: AppManager) -> None:
    heard: list[ModelVersionChanged] = []
    labeler.on("version", heard.append)
    label(manager, 0)
    labeler.training.start()
    TrainingApp.gate.touch()
    page.wait_long(lambda: len(heard) == 1)
    assert heard == [ModelVersionChanged("learner", 1, True)]


def test_a_version_that_is_taken_into_use_from_python_is_told(
    labeler: Labeler, page: Page, manager: AppManager, publish: Callable[[], int]
) -> None:
    heard: list[ModelVersionChanged] = []
    labeler.on("version", heard.append)
    publish()
    number = publish()
    manager.use_model("learner", number)
    page.wait_long(lambda: bool(heard))
    assert heard == [ModelVersionChanged("learner", 2, True)]


def test_a_version_that_is_in_use_as_the_labeler_begins_is_no_news(
    manager: AppManager, publish: Callable[[], int]
) -> None:
    manager.use_model("learner", publish())
    with manager.labeler() as labeler:
        heard: list[ModelVersionChanged] = []
        labeler.on("version", heard.append)
        training = labeler._controller.features.training
        assert training.state()["training"].versions == {"learner": 1}
        assert not training._look_at_versions()
        labeler._worker.flush()
        assert heard == []


def test_a_version_that_is_published_and_kept_is_told_as_not_in_use(labeler: Labeler) -> None:
    ended = SimpleNamespace(name="learner", state="done", error="", result={"version": 3, "in_use": False})
    heard: list[ModelVersionChanged] = []
    labeler.on("version", heard.append)
    labeler._controller.features.training._on_job_ended(ended)  # type: ignore[arg-type]
    labeler._worker.flush()
    assert heard == [ModelVersionChanged("learner", 3, False)]
