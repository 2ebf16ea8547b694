"""Trained models as bundles, asked for by name: which task, which version, and what is said where that cannot be."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch

from jlabel.apps import RadiologyApp
from jlabel.errors import TaskError
from jlabel.manager import AppManager
from jlabel.registry import ModelVersion
from jlabel.segmentation import Plan
from jlabel.tasks import InferTask
from jlabel.training.checkpoints import save_weights
from tests.bundles.export.exports import monai_bundle

PLAN = Plan((1.0, 1.0, 1.0), (8, 8, 8), ((2, 2, 2),), (2, 4), None)
EXPORTABLE = r"what can be exported: deepedit, segmentation"


@pytest.fixture
def manager(tmp_path: Path, own_locks: Path) -> Iterator[AppManager]:
    folder = tmp_path / "studies"
    folder.mkdir()
    nib.save(nib.Nifti1Image(np.zeros((6, 5, 4), np.int16), np.eye(4)), folder / "jane_doe.nii.gz")
    manager = AppManager(RadiologyApp(folder, {"liver": 2, "Milz ü": 1}), device="cpu")
    yield manager
    manager.close()


def publish(
    manager: AppManager, name: str = "segmentation", infer: str | None = None, use: bool = True
) -> ModelVersion:
    """Publish a version as a training does, with the weights that a network begins with."""
    task = manager.app.infers[infer or name]
    assert task.published is not None
    labels, store = {"liver": 1, "Milz ü": 2}, task.published.store
    row = ModelVersion(name, 0, labels=labels, network=PLAN.to_json(), images={"jane_doe": 1})
    weights = Path(str(manager.app.studies)).parent / "weights.safetensors"
    save_weights(task.make_network(row), weights)
    version = store.publish(row, weights)
    return store.use(name, version.number) if use else version


def metadata(bundle: Path) -> dict:
    return json.loads((bundle / "configs" / "metadata.json").read_text())


def test_the_version_in_use_or_another(manager, tmp_path) -> None:
    publish(manager)
    publish(manager, use=False)
    place = tmp_path / "a b" / "bündel"
    assert manager.export_bundle("segmentation", to=place) == place
    assert metadata(place)["version"] == "1.0.0"
    assert metadata(place)["label_classes"] == "single channel data, 0 is background, 2 is liver, 1 is Milz ü"
    other = manager.export_bundle("segmentation", version=2, to=str(tmp_path / "other"), license="CC0-1.0")
    assert metadata(other)["provenance"]["version"] == 2
    assert (other / "LICENSE").read_text() == "CC0-1.0\n"
    again = manager.export_bundle("segmentation", to=other, overwrite=True, metadata={"authors": "me"}, train=False)
    assert (metadata(again)["authors"], (again / "LICENSE").exists()) == ("me", False)


def test_the_home_folder_has_its_usual_name(manager, tmp_path, monkeypatch) -> None:
    publish(manager)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert manager.export_bundle("segmentation", to="~/bundle") == tmp_path / "home" / "bundle"
    assert (tmp_path / "home" / "bundle" / "configs" / "inference.json").is_file()


@pytest.mark.parametrize("asked", ["deepedit", "deepedit_auto"])
def test_what_answers_with_clicks_and_without_is_exported_without(manager, tmp_path, asked) -> None:
    publish(manager, "deepedit", "deepedit_auto")
    bundle = manager.export_bundle(asked, to=tmp_path / "bundle")
    assert metadata(bundle)["network_data_format"]["inputs"]["image"]["num_channels"] == 4


@pytest.mark.parametrize("name", ["deepgrow_2d", "deepgrow_3d", "click", "click_2d", "gmm_graph_cut"])
def test_a_model_that_needs_prompts_says_what_can_be_exported(manager, tmp_path, name) -> None:
    with pytest.raises(TaskError, match=rf"^model '{name}' needs prompts in every image.*; {EXPORTABLE}$"):
        manager.export_bundle(name, to=tmp_path / "bundle")


def test_a_model_that_nobody_trains(manager, tmp_path) -> None:
    class Plain(InferTask):
        """Has weights of its own."""

        def pre_transforms(self, data):
            return []

        inferer = post_transforms = pre_transforms

    manager.app.infers["plain"] = Plain(network=torch.nn.Identity())
    with pytest.raises(TaskError, match=rf"'plain' is none that a train task publishes.*; {EXPORTABLE}"):
        manager.export_bundle("plain", to=tmp_path / "bundle")
    with pytest.raises(TaskError, match=rf"no model 'liver_3d'; {EXPORTABLE}"):
        manager.export_bundle("liver_3d", to=tmp_path / "bundle")


def test_no_version_or_an_unknown_one(manager, tmp_path) -> None:
    with pytest.raises(TaskError, match=r"has not been trained yet: manager.train\('segmentation'\)"):
        manager.export_bundle("segmentation", to=tmp_path / "bundle")
    publish(manager, use=False)
    publish(manager, use=False)
    with pytest.raises(TaskError, match="no version of model 'segmentation' is in use; give version=, there are: 1, 2"):
        manager.export_bundle("segmentation", to=tmp_path / "bundle")
    for unknown in (3, 0, -1, "1", "../1"):
        with pytest.raises(TaskError, match=rf"model 'segmentation' has no version {unknown}; there are: 1, 2"):
            manager.export_bundle("segmentation", version=unknown, to=tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_a_damaged_version_is_named(manager, tmp_path) -> None:
    version = publish(manager)
    row = version.file.with_name("model.json")
    content = row.read_text()
    row.write_text(content[:40])
    for number in (None, 1):
        with pytest.raises(TaskError, match=r"model\.json: this version of 'segmentation' cannot be read"):
            manager.export_bundle("segmentation", number, tmp_path / "bundle")
    row.write_text(content)
    version.file.unlink()
    with pytest.raises(TaskError, match=r"weights\.safetensors: no such file of weights"):
        manager.export_bundle("segmentation", to=tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


@pytest.mark.timeout(900)
def test_real_scans_get_the_very_masks_from_monai_alone(shared_data, tmp_path, own_locks) -> None:
    """From labels to a training, a bundle, and masks of other scans without jlabel."""
    studies, labels = tmp_path / "studies", tmp_path / "studies" / "labels" / "final"
    labels.mkdir(parents=True)
    scans = sorted((shared_data / "hippocampus_msd" / "images").iterdir())[:6]
    for scan in scans:
        shutil.copy(scan, studies)
    for scan in scans[:4]:
        shutil.copy(shared_data / "hippocampus_msd" / "labels" / scan.name, labels)
    manager = AppManager(RadiologyApp(studies, {"anterior": 1, "posterior": 2}), device="cpu")
    try:
        job = manager.train("segmentation", max_epochs=2, samples_per_epoch=8, learning_rate=0.01)
        job.wait(600)
        assert job.state == "done", job.error
        bundle = manager.export_bundle("segmentation", version=1, to=tmp_path / "bundle")
        found = metadata(bundle)
        assert found["provenance"]["training_labels"] + found["provenance"]["validation_labels"] == 4
        assert 0 <= found["eval_metrics"]["val_mean_dice"] <= 1
        names = [scan.name.partition(".")[0] for scan in scans]
        for file in [one for one in bundle.rglob("*") if one.is_file()]:
            assert [name for name in [*names, str(tmp_path)] if name.encode() in file.read_bytes()] == []
        arguments = (
            "--config_file",
            "configs/inference.json",
            "--dataset_dir",
            studies,
            "--output_dir",
            tmp_path / "m",
        )
        monai_bundle(bundle, "run", *arguments)
        for name in names:
            written = nib.load(tmp_path / "m" / name / f"{name}_trans.nii.gz")
            own = manager.infer("segmentation", name).mask
            np.testing.assert_array_equal(np.asarray(written.dataobj), own)
        assert own.any()
    finally:
        manager.close()
