"""The networks that ship: their files, their weights, and what is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import nibabel as nib
import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from jlabel.click import network
from jlabel.click.network import DESIGNS, SHA256, WEIGHTS, make_network, put_weights, shipped_network
from jlabel.errors import TaskError
from jlabel.registry import ModelStore, ModelVersion
from jlabel.training.checkpoints import save_weights


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder in place of the one that ships, and nothing loaded."""
    monkeypatch.setattr(network, "WEIGHTS", tmp_path)
    monkeypatch.setattr(network, "_LOADED", {})
    return tmp_path


@pytest.mark.parametrize(("dimension", "millions"), [(2, 2.4), (3, 1.4)])
def test_the_shipped_weights_load_once_and_fill_the_network(dimension, millions):
    loaded = shipped_network(dimension)
    assert shipped_network(dimension) is loaded
    assert not loaded.training
    parameters = dict(loaded.named_parameters())
    assert sum(p.numel() for p in parameters.values()) / 1e6 == pytest.approx(millions, abs=0.06)
    assert all(torch.isfinite(p).all() for p in parameters.values())
    shipped = load_file(WEIGHTS / f"click_{dimension}d.safetensors")
    assert all(torch.equal(parameters[name], tensor.float()) for name, tensor in shipped.items())
    assert {tensor.dtype for tensor in shipped.values()} == {torch.float16}


def test_the_files_that_ship_are_small():
    assert {file.name for file in WEIGHTS.iterdir()} == {f"click_{n}d.safetensors" for n in SHA256}
    assert sum(file.stat().st_size for file in WEIGHTS.iterdir()) <= 8 * 2**20


@pytest.mark.parametrize("dimension", [2, 3])
def test_a_missing_file_is_named(folder, dimension):
    with pytest.raises(TaskError, match=rf"click_{dimension}d\.safetensors: .*missing: install jlabel again"):
        shipped_network(dimension)


def test_a_damaged_file_is_named_and_not_kept(folder):
    name = "click_3d.safetensors"
    content = bytearray((WEIGHTS / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(TaskError, match=r"click_3d\.safetensors: these are not the weights"):
        shipped_network(3)
    shutil.copy(WEIGHTS / name, folder / name)
    assert not shipped_network(3).training


@pytest.mark.parametrize("dimension", [2, 3])
def test_a_network_takes_its_channels_and_gives_one(dimension):
    design = DESIGNS[dimension]
    small = make_network(design).eval()
    with torch.inference_mode():
        answer = small(torch.zeros(1, design.channels, *(32,) * dimension))
    assert answer.shape == (1, 1, *(32,) * dimension)


def test_weights_of_another_network_are_refused():
    other = dict(make_network(DESIGNS[3]).named_parameters())
    with pytest.raises(TaskError, match="another click network"):
        put_weights(shipped_network(2), other)
    named = list(shipped_network(2).named_parameters())
    with pytest.raises(TaskError, match="another click network"):
        put_weights(shipped_network(2), dict(named[1:]))


FRESH_PROCESS = """
import json, sys
from jlabel import AppManager, Click, RadiologyApp
from jlabel.click import network

manager = AppManager(RadiologyApp(sys.argv[1], ["disc"]))

def answer(*clicks):
    result = manager.infer("click_2d", "disc", clicks)
    imported = sorted({"torch", "monai"} & set(sys.modules))
    return {"version": result.version, "shipped": list(network._LOADED), "imported": imported}

print(json.dumps([answer(Click((32, 32, 1))), answer(Click((32, 32, 1)), Click((32, 48, 1)))]))
"""


@pytest.fixture
def answers(ball, picture, tmp_path):
    """What gives the answers to a first and a second click in a process that has done nothing else."""
    disc = np.repeat(ball((64, 64), (32, 32), 12)[..., None], 3, axis=-1)
    nib.save(nib.Nifti1Image(picture(disc).array, np.eye(4)), tmp_path / "disc.nii.gz")

    def ask():
        command = [sys.executable, "-c", FRESH_PROCESS, str(tmp_path)]
        return json.loads(subprocess.check_output(command, text=True, timeout=120))

    return ask


def test_the_first_click_waits_for_no_network_and_the_second_one_not_for_monai(answers):
    first, second = answers()
    assert first == {"version": None, "shipped": [], "imported": []}
    assert second == {"version": None, "shipped": [2], "imported": ["torch"]}


def test_a_click_on_a_project_s_own_model_does_not_wait_for_monai(answers, tmp_path):
    weights, models = tmp_path / "weights.safetensors", tmp_path / ".jlabel" / "models"
    save_weights(shipped_network(2), weights)
    store = ModelStore(models)
    store.use("click", store.publish(ModelVersion("click", 0, network={"dimension": 2}), weights).number)
    assert answers() == [{"version": 1, "shipped": [], "imported": ["torch"]}] * 2
