"""MONAI bundles as models of an app file."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import jlabel
from jlabel.bundles import BundleInferTask
from tests.apps.app_file.conftest import Write
from tests.bundles.small_bundles import volume, write_bundle


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A folder with one volume."""
    folder = tmp_path / "scans"
    folder.mkdir()
    nib.save(nib.Nifti1Image(volume(), np.diag([1.2, 1.4, 2.2, 1])), folder / "case_0.nii.gz")
    return folder


APP = """
    labels: '$@infers::kidney.labels'
    infers:
      kidney:
        _target_: jlabel.BundleInferTask
        bundle: $@app_root + '/my bundles/kidneys'
        overrides: {"inferer::roi_size": [16, 16, 16]}
"""


def test_a_bundle_is_a_model_and_gives_the_labels(write: Write, scans: Path, tmp_path: Path) -> None:
    write_bundle(tmp_path / "my bundles" / "kidneys")
    app = jlabel.app_from_config(write(APP), scans, {"infers#kidney#overrides": {"inferer::roi_size": [8, 8, 8]}})
    assert [(label.name, label.value) for label in app.labels] == [("kidney", 1), ("tumour", 2)]
    task = app.infers["kidney"]
    assert isinstance(task, BundleInferTask)
    assert task.overrides == {"inferer::roi_size": [8, 8, 8]}
    manager = jlabel.AppManager(app, device="cpu")
    mask = manager.infer("kidney", "case_0").mask
    assert mask.shape == volume().shape
    assert {1, 2} & set(np.unique(mask).tolist())
    manager.close()


@pytest.mark.parametrize("base", ["", "app: jlabel.RadiologyApp"])
def test_bundles_of_a_file_bring_models_trainings_and_labels(
    base: str, write: Write, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bundle(tmp_path / "my bundles" / "kidneys")
    monkeypatch.chdir("/")
    app = jlabel.app_from_config(write(f"{base}\nbundles: [my bundles/kidneys]"), scans)
    assert [label.name for label in app.labels] == ["kidney", "tumour"]
    assert isinstance(app.infers["kidneys"], BundleInferTask)
    named = jlabel.app_from_config(write(f"{base}\nlabels: [kidney]\nbundles: [my bundles/kidneys]"), scans)
    assert [label.name for label in named.labels] == ["kidney"]


def test_a_bundle_of_a_file_may_have_arguments(write: Write, scans: Path, tmp_path: Path) -> None:
    write_bundle(tmp_path / "kidneys")
    file = write("""
        bundles:
          - _target_: jlabel.BundleInferTask
            bundle: $@app_root + '/kidneys'
            overrides: {"inferer::roi_size": [16, 16, 16]}
    """)
    app = jlabel.app_from_config(file, scans, {"bundles#0#description": "mine"})
    assert app.infers["kidneys"].description == "mine"


def test_a_folder_of_a_file_that_is_no_bundle_is_told(write: Write, scans: Path, tmp_path: Path) -> None:
    (tmp_path / "kidneys").mkdir()
    file = write("labels: [a]\nbundles: [kidneys]")
    with pytest.raises(jlabel.ConfigError) as raised:
        jlabel.app_from_config(file, scans)
    assert (raised.value.file, raised.value.line, raised.value.id) == (file, 2, "bundles")
    assert "is no MONAI bundle" in raised.value.reason


def test_a_bundle_that_is_none_is_told_with_the_item(write: Write, scans: Path) -> None:
    file = write(APP)
    with pytest.raises(jlabel.ConfigError) as raised:
        jlabel.app_from_config(file, scans)
    assert (raised.value.file, raised.value.line, raised.value.id) == (file, 4, "infers::kidney")
    assert "no such folder" in raised.value.reason


def test_making_the_app_runs_nothing_of_a_bundle(write: Write, scans: Path, tmp_path: Path) -> None:
    marker = tmp_path / "it ran"
    bundle = write_bundle(tmp_path / "my bundles" / "kidneys", scripts={"__init__.py": f"open({str(marker)!r}, 'w')"})
    config = json.loads((bundle / "configs" / "inference.json").read_text())
    config["imports"] = ["$import scripts"]
    (bundle / "configs" / "inference.json").write_text(json.dumps(config))
    app = jlabel.app_from_config(write(APP), scans)
    assert not marker.exists()
    manager = jlabel.AppManager(app, device="cpu")
    manager.infer("kidney", "case_0")
    assert marker.exists()
    manager.close()
