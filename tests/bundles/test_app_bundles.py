"""Bundles as models of an app."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import jlabel
from jlabel.bundles.app_bundles import brought_labels, model_name, open_bundles, train_tasks
from tests.bundles.small_bundles import metadata, training, volume, write_bundle


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    (tmp_path / "studies").mkdir()
    nib.save(nib.Nifti1Image(volume(), np.eye(4)), tmp_path / "studies" / "case_0.nii.gz")
    return tmp_path / "studies"


def test_their_labels_are_those_of_the_app(studies: Path, tmp_path: Path) -> None:
    one = write_bundle(tmp_path / "kidneys")
    other = write_bundle(tmp_path / "liver", about=metadata({"0": "background", "1": "liver", "2": "Kidney"}))
    app = jlabel.RadiologyApp(studies, bundles=[one, str(other)])
    assert app.info()["labels"] == {"kidney": 1, "tumour": 2, "liver": 3}
    assert [name for name in app.infers if name in ("kidneys", "liver")] == ["kidneys", "liver"]
    manager = jlabel.AppManager(app, device="cpu")
    try:
        assert manager.infer("liver", "case_0").labels == {"liver": 3, "kidney": 1}
    finally:
        manager.close()


def test_without_labels_and_bundles_an_app_says_what_it_needs(studies: Path) -> None:
    with pytest.raises(jlabel.LabelError, match=r"needs labels=\[\.\.\.\].*or bundles=\[\.\.\.\]"):
        jlabel.RadiologyApp(studies)


def test_two_of_one_name_are_told(tmp_path: Path) -> None:
    one, other = write_bundle(tmp_path / "a" / "kidneys"), write_bundle(tmp_path / "b" / "kidneys")
    with pytest.raises(jlabel.TaskError, match=r"two bundles are called 'kidneys': .*a/kidneys and .*b/kidneys"):
        open_bundles([one, other])


def test_one_that_is_called_as_a_model_of_the_app_is_told(studies: Path, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "segmentation")
    with pytest.raises(jlabel.TaskError, match=rf"has a model 'segmentation' already.*rename the folder {bundle}"):
        jlabel.RadiologyApp(studies, bundles=[bundle])


def test_one_folder_alone_is_one_bundle(tmp_path: Path) -> None:
    assert list(open_bundles(str(write_bundle(tmp_path / "kidneys")))) == ["kidneys"]  # type: ignore[arg-type]


def test_one_that_takes_clicks_also_segments_without_them(tmp_path: Path) -> None:
    config = {"network_def": {"_target_": "UNet"}, "pre": [{"_target_": "AddGuidanceSignalDeepEditd"}]}
    tasks = open_bundles([write_bundle(tmp_path / "edit", config, weights=False)])
    assert {name: task.interactive for name, task in tasks.items()} == {"edit": True, "edit_auto": False}


def test_those_that_can_be_trained_have_a_train_task(tmp_path: Path) -> None:
    one, other = write_bundle(tmp_path / "kidneys (1)"), write_bundle(tmp_path / "liver")
    (one / "configs" / "train.json").write_text(json.dumps(training()))
    assert list(train_tasks(open_bundles([one, other]))) == ["kidneys _1_"]


def test_a_task_with_arguments_of_its_own(tmp_path: Path) -> None:
    task = jlabel.BundleInferTask(write_bundle(tmp_path / "kidneys"), labels=["cyst", "stone"])
    assert open_bundles([task]) == {"kidneys": task}
    assert brought_labels({"kidneys": task}) == {"cyst": 1, "stone": 2}


@pytest.mark.parametrize(("bundle", "model"), [("spleen_ct", "spleen_ct"), ("a/b", "a_b"), (".x", "bundle.x")])
def test_the_name_of_its_model_can_be_that_of_a_folder(bundle: str, model: str) -> None:
    assert model_name(bundle) == model
