"""The scripts of bundles: two of them do not mix, and nothing of them stays."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import jlabel
from jlabel.bundles import BundleInferTask
from jlabel.bundles.own_code import OwnCode
from tests.bundles.small_bundles import inference, loading, volume, write_bundle

STEPS = """
from monai.transforms import MapTransform


class Add(MapTransform):
    def __call__(self, data):
        import scripts.more

        return {**data, "pred": data["pred"] * 0 + scripts.more.VALUE}
"""
NUMBER = """
VALUE = {value}


def late():
    import helper

    return helper.X + VALUE
"""


def code(folder: Path, value: int) -> OwnCode:
    (folder / "scripts").mkdir(parents=True)
    (folder / "scripts" / "__init__.py").write_text("")
    (folder / "scripts" / "number.py").write_text(
        f"VALUE = {value}\ndef late():\n    import helper\n    return helper.X + VALUE\n"
    )
    (folder / "helper.py").write_text(f"X = {value * 10}\n")
    return OwnCode(folder)


def test_each_has_its_own(tmp_path: Path) -> None:
    one, other = code(tmp_path / "one", 1), code(tmp_path / "other", 2)
    path, modules = list(sys.path), set(sys.modules)
    found = []
    for each in (one, other, one):
        with each.active():
            import scripts.number  # type: ignore[import-not-found]

            found.append(scripts.number)
            assert scripts.number.late() == scripts.number.VALUE * 11
    assert [module.VALUE for module in found] == [1, 2, 1]
    assert found[0] is found[2]
    assert sys.path == path
    assert set(sys.modules) == modules


def test_a_package_of_the_same_name_that_was_there_before_is_there_again(tmp_path: Path) -> None:
    theirs = sys.modules["scripts"] = types.ModuleType("scripts")
    try:
        with code(tmp_path, 5).active():
            import scripts.number

            assert scripts.number.VALUE == 5
        assert sys.modules["scripts"] is theirs
        assert "scripts.number" not in sys.modules
    finally:
        del sys.modules["scripts"]


def test_everything_is_as_before_after_an_error(tmp_path: Path) -> None:
    own, path, modules = code(tmp_path, 1), list(sys.path), set(sys.modules)
    (tmp_path / "scripts" / "bad.py").write_text("import scripts.number\nraise ValueError('no good')")
    with pytest.raises(ValueError, match="no good"), own.active():
        import scripts.bad  # type: ignore[import-not-found]  # noqa: F401
    assert sys.path == path
    assert set(sys.modules) == modules


def test_it_may_be_active_within_itself(tmp_path: Path) -> None:
    own = code(tmp_path, 3)
    with own.active():
        with own.active():
            import scripts.number
        import scripts.number as again

        assert again is scripts.number


def test_modules_of_the_interpreter_are_never_hidden(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise ValueError")
    import json

    with OwnCode(tmp_path).active():
        assert sys.modules["json"] is json


def test_two_bundles_with_scripts_in_one_app(tmp_path: Path) -> None:
    before = {name for name in sys.modules if name.partition(".")[0] == "scripts"}
    tasks = []
    for value in (1, 2):
        config = inference(preprocessing={"_target_": "Compose", "transforms": loading()})
        config["postprocessing"]["transforms"] = [
            {"_target_": "AsDiscreted", "keys": "pred", "argmax": True},
            {"_target_": "scripts.steps.Add", "keys": "pred"},
        ]
        scripts = {"steps.py": STEPS, "more.py": f"VALUE = {value}"}
        tasks.append(BundleInferTask(write_bundle(tmp_path / f"b{value}", config, scripts=scripts)))
    nib.save(nib.Nifti1Image(volume(), np.eye(4)), tmp_path / "image.nii.gz")
    request = jlabel.InferRequest(jlabel.read_image(tmp_path / "image.nii.gz"), "image")
    assert [set(np.unique(task(request).mask)) for task in (*tasks, *tasks)] == [{1}, {2}, {1}, {2}]
    assert {name for name in sys.modules if name.partition(".")[0] == "scripts"} == before
