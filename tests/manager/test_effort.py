"""What labeling has cost, from the labels of a whole app: before and after its models' versions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from jlabel.apps import RadiologyApp
from jlabel.effort import EffortRecord, FirstMask
from jlabel.manager import AppManager
from jlabel.registry import ModelStore, ModelVersion

SHAPE = (6, 5, 4)


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[AppManager]:
    for name in "abc":
        nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.eye(4)), tmp_path / f"{name}.nii.gz")
    manager = AppManager(RadiologyApp(tmp_path, ["liver"]), device="cpu")
    yield manager
    manager.close()


def save(manager: AppManager, image_id: str, record: EffortRecord) -> None:
    manager.save_label(image_id, np.zeros(SHAPE, np.uint8), info={"effort": record.to_json()})


def publish(manager: AppManager, time: datetime) -> None:
    models = manager.datastore.workspace.models_folder()
    assert models is not None
    weights = models.parent / "weights.safetensors"
    weights.write_bytes(b"tensors")
    ModelStore(models).publish(ModelVersion("segmentation", 0, time=time), weights)


def test_labels_before_and_after_a_version_are_told_apart(manager: AppManager) -> None:
    publish(manager, datetime.now(UTC) - timedelta(hours=1))
    save(manager, "a", EffortRecord(seconds=90, prompts={"click": 4}))
    save(manager, "b", EffortRecord(seconds=30, first_mask=FirstMask("segmentation", 1)))
    publish(manager, datetime.now(UTC))
    save(manager, "c", EffortRecord(seconds=10, first_mask=FirstMask("segmentation", 2)))
    report = manager.effort()
    rows = report.table("version").to_dict("records") if hasattr(report.table(), "to_dict") else report.table("version")
    assert [(row["version"], row["images"], row["median_seconds"], row["first_masks"]) for row in rows] == [
        ("segmentation 1", 2, 60, 1),
        ("segmentation 2", 1, 10, 1),
    ]
    assert report.total.seconds == 130


def test_a_version_that_cannot_be_read_costs_its_model_alone(manager: AppManager) -> None:
    publish(manager, datetime.now(UTC))
    models = manager.datastore.workspace.models_folder()
    assert models is not None
    (row,) = models.rglob("model.json")
    row.write_text("{no json")
    save(manager, "a", EffortRecord(seconds=90))
    assert manager.effort().total.seconds == 90


def test_an_app_without_models_and_labels_has_nothing_to_tell(manager: AppManager) -> None:
    assert repr(manager.effort()) == "Nothing is logged yet of what labeling costs"


def test_the_switch_is_that_of_the_studies(manager: AppManager) -> None:
    assert manager.log_effort is True
    manager.log_effort = False
    again = AppManager(manager.app, device="cpu")
    assert again.log_effort is False
    again.log_effort = True
    assert manager.log_effort is True
    assert manager.effort_switch.on
    again.close()
