from __future__ import annotations

import os
import pickle

import pytest
import torch
from safetensors.torch import save_file

from jlabel.errors import TaskError
from jlabel.tasks.weights import load_weights


def ones() -> dict[str, torch.Tensor]:
    return {"weight": torch.ones(1, 2), "bias": torch.ones(1)}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(ones(), id="bare"),
        pytest.param({"model": ones(), "epoch": 3}, id="wrapped"),
        pytest.param({f"module.{name}": value for name, value in ones().items()}, id="data parallel"),
    ],
)
def test_files_of_torch(tmp_path, content):
    torch.save(content, tmp_path / "w.pt")
    network = torch.nn.Linear(2, 1)
    load_weights(network, tmp_path / "w.pt")
    assert network.weight.tolist() == [[1, 1]]


def test_safetensors(tmp_path):
    save_file(ones(), tmp_path / "w.safetensors")
    network = torch.nn.Linear(2, 1)
    load_weights(network, tmp_path / "w.safetensors")
    assert network.bias.tolist() == [1]


def test_a_file_that_would_run_code_is_refused(tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    (tmp_path / "w.pt").write_bytes(pickle.dumps({"weight": Evil()}))
    with pytest.raises(TaskError, match="not a file of tensors"):
        load_weights(torch.nn.Linear(2, 1), tmp_path / "w.pt")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["w.pt", "w.safetensors"])
def test_a_damaged_file(tmp_path, name):
    (tmp_path / name).write_bytes(b"not weights at all")
    with pytest.raises(TaskError, match="not a file of tensors"):
        load_weights(torch.nn.Linear(2, 1), tmp_path / name)


def test_weights_of_another_network(tmp_path):
    torch.save({"weight": torch.ones(3, 3)}, tmp_path / "w.pt")
    with pytest.raises(TaskError, match="another network than Linear"):
        load_weights(torch.nn.Linear(2, 1), tmp_path / "w.pt")
