"""A bundle's configuration: what is left out of it, and what is changed in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from jlabel.bundles.bundle import Bundle
from jlabel.bundles.configuration import Configuration, explained, missing_package, tensors_only
from jlabel.bundles.own_code import OwnCode
from jlabel.errors import TaskError
from tests.bundles.small_bundles import inference, write_bundle


def configuration(folder: Path, config: dict, **overrides: object) -> Configuration:
    bundle = Bundle(write_bundle(folder / "b", config, weights=False))
    return Configuration(bundle, [bundle.need("inference")], overrides, "cpu", OwnCode(bundle.root))


def test_the_device_and_the_root_are_given(tmp_path: Path) -> None:
    config = configuration(tmp_path, inference(bundle_root="/elsewhere", file="$@bundle_root + '/x'"))
    assert config.make("device") == torch.device("cpu")
    assert config.make("file") == f"{tmp_path / 'b'}/x"


def test_what_saves_is_left_out_and_its_keys_are_told(tmp_path: Path) -> None:
    config = configuration(tmp_path, inference())
    assert [type(step).__name__ for step in config.make("postprocessing").transforms] == [
        "Activationsd", "Invertd", "AsDiscreted",
    ]  # fmt: skip
    assert config.saved == ["pred"]


def test_a_loader_has_no_reader_of_its_own(tmp_path: Path) -> None:
    parts = inference()
    parts["preprocessing"]["transforms"][0] |= {
        "reader": "NoSuchReader",
        "converter": "$lambda x: x",
        "image_only": False,
    }
    config = configuration(tmp_path, parts)
    loader = config.make("preprocessing").transforms[0]
    assert loader._loader.auto_select


def test_arguments_that_monai_once_had_are_dropped(tmp_path: Path) -> None:
    old = {"_target_": "SwinUNETR", "img_size": 96, "in_channels": 1, "out_channels": 2, "feature_size": 12}
    assert isinstance(configuration(tmp_path, inference(network_def=old)).make("network_def"), torch.nn.Module)


def test_the_first_part_that_there_is(tmp_path: Path) -> None:
    config = configuration(tmp_path, {"network_def": 3, "b": 4, "empty": None})
    assert config.first(["a", "empty", "b", "network_def"], 0) == 4
    assert config.first(["a", "empty"], "none") == "none"
    assert "b" in config
    assert "a" not in config


def test_an_override_of_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"bundle 'b', inference\.json, the files: .*nowhere"):
        configuration(tmp_path, inference(), **{"nowhere::deep": 1})


def test_what_fails_is_told_by_what_it_came_from(tmp_path: Path) -> None:
    bundle = Bundle(write_bundle(tmp_path / "b"))

    def fails() -> None:
        try:
            raise ValueError("the first")
        except ValueError as error:
            raise RuntimeError("Failed to instantiate") from error

    with pytest.raises(TaskError, match="bundle 'b', here: ValueError: the first"), explained(bundle, "here"):
        fails()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModuleNotFoundError("No module named 'einops'", name="einops"), "needs the package 'einops'"),
        (ImportError("from einops import rearrange (No module named 'einops')."), "pip install einops"),
        (ModuleNotFoundError("No module named 'scripts.other'", name="scripts.other"), ""),
        (ValueError("other"), ""),
    ],
)
def test_packages_that_are_missing(tmp_path: Path, error: Exception, said: str) -> None:
    bundle = Bundle(write_bundle(tmp_path / "b", scripts={}))
    found = missing_package(bundle, error)
    assert said in found
    assert bool(found) is bool(said)


def test_only_tensors_are_loaded_meanwhile(tmp_path: Path) -> None:
    torch.save({"a": Path("x")}, tmp_path / "odd.pt")
    before = dict(os.environ)
    with tensors_only(), pytest.raises(Exception, match=r"(weights_only|Weights only)"):
        torch.load(tmp_path / "odd.pt", weights_only=False)
    assert dict(os.environ) == before
