"""``jlabel jobs`` and ``jlabel models``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from jlabel.jobs import Jobs
from jlabel.registry import ModelStore, ModelVersion
from tests.cli.conftest import Jlabel
from tests.cli.studies import make_studies


@pytest.fixture
def studies(tmp_path: Path, own_locks: Path) -> Path:
    return make_studies(tmp_path / "studies", cases=1, labelled=0)


@pytest.fixture
def store(studies: Path, tmp_path: Path) -> ModelStore:
    """Two versions of a model, of which the second is in use."""
    made = ModelStore(studies / ".jlabel" / "models")
    save_file({"weight": np.zeros(3)}, tmp_path / "w.safetensors")
    for score in (0.8, 0.9):
        version = ModelVersion("spleen", 0, metric="val_mean_dice", score=score, labels={"spleen": 1})
        made.use("spleen", made.publish(version, tmp_path / "w.safetensors").number)
    return made


@pytest.mark.timeout(900)
def test_a_job_by_part_of_its_id(jlabel: Jlabel, studies: Path) -> None:
    jobs = Jobs(studies / ".jlabel" / "jobs")
    job = jobs.start("sum", "one and two", lambda run: print("adding") or {"sum": 3}, device="cpu")
    assert job.wait(600)
    assert jlabel("jobs", studies, "--follow", job.id[-4:]) == (0, "sum one and two: done.\n", "")
    assert "adding" in jlabel("jobs", studies, "--log", "last")[1]
    assert jlabel("jobs", studies, "--cancel", job.id)[1] == "sum one and two had ended: done\n"
    (listed,) = json.loads(jlabel("jobs", studies, "--json")[1])
    assert (listed["id"], listed["result"], listed["progress"]) == (job.id, {"sum": 3}, 1.0)
    assert job.id in jlabel("jobs", studies)[1]
    code, _, err = jlabel("jobs", studies, "--resume", "last")
    assert (code, err) == (1, f"jlabel: job {job.id} is done; there is nothing to go on with\n")


def test_without_jobs(jlabel: Jlabel, studies: Path) -> None:
    assert jlabel("jobs", studies) == (0, "No job was begun here\n", "")
    assert json.loads(jlabel("jobs", studies, "--json")[1]) == []
    code, _, err = jlabel("jobs", studies, "--follow", "last")
    assert (code, err) == (
        1,
        f"jlabel: there is no job 'last'; 'jlabel jobs {studies}' lists those there are\n",
    )
    assert jlabel("jobs", studies, "--follow", "a", "--cancel", "b")[0] == 2


def test_versions_of_models(jlabel: Jlabel, studies: Path, store: ModelStore) -> None:
    listed = json.loads(jlabel("models", studies, "--json")[1])
    assert [(one["name"], one["version"], one["in_use"], one["score"]) for one in listed] == [
        ("spleen", 1, False, 0.8),
        ("spleen", 2, True, 0.9),
    ]
    assert "val_mean_dice 0.9" in jlabel("models", studies)[1]
    assert "spleen version 2 (val_mean_dice 0.900)" in jlabel("status", studies)[1]


def test_another_version_is_taken_into_use(jlabel: Jlabel, studies: Path, store: ModelStore) -> None:
    listed = json.loads(jlabel("models", studies, "spleen", "--use", 1, "--json")[1])
    assert [one["in_use"] for one in listed] == [True, False]
    assert store.in_use("spleen").number == 1  # type: ignore[union-attr]


def test_a_model_or_version_that_is_not_there(jlabel: Jlabel, studies: Path, store: ModelStore) -> None:
    assert "no model 'liver' was trained here; there are spleen" in jlabel("models", studies, "liver")[2]
    assert "has no version 9; there are: 1, 2" in jlabel("models", studies, "spleen", "--use", 9)[2]
    assert jlabel("models", studies, "--use", 1)[0] == 2


def test_without_models(jlabel: Jlabel, studies: Path) -> None:
    assert jlabel("models", studies) == (0, "No model was trained here: 'jlabel train' does it\n", "")
