"""A bundle's folder: what is in it, told without running anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from jlabel.bundles.bundle import Bundle, components, read_mapping, target_name
from jlabel.errors import TaskError
from tests.bundles.small_bundles import write_bundle


def test_its_files(tmp_path: Path) -> None:
    bundle = Bundle(write_bundle(tmp_path / "kidneys"))
    assert bundle.name == "kidneys"
    assert bundle.configuration("inference") == tmp_path / "kidneys" / "configs" / "inference.json"
    assert bundle.configuration("train") is None
    assert [file.name for file in bundle.weights()] == ["model.pt"]
    assert bundle.metadata["version"] == "0.1.0"


def test_yaml_is_a_configuration_too(tmp_path: Path) -> None:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "inference.yml").write_text("network_def:\n  _target_: UNet\n")
    file = Bundle(tmp_path).need("inference")
    assert read_mapping(file, "b") == {"network_def": {"_target_": "UNet"}}


def test_the_best_file_of_weights_comes_first(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "kidneys")
    for name in ("a.pt", "model.safetensors", "model.ts", "notes.txt"):
        (bundle / "models" / name).write_bytes(b"")
    assert [file.name for file in Bundle(bundle).weights()] == ["model.pt", "model.safetensors", "a.pt"]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder / "nowhere", "no such folder; a MONAI bundle is a folder with configs/inference.json"),
        (lambda folder: folder, "is no MONAI bundle: it has no folder 'configs'"),
    ],
)
def test_a_folder_that_is_none(tmp_path: Path, make, said: str) -> None:
    with pytest.raises(TaskError, match=said):
        Bundle(make(tmp_path))


def test_what_it_has_instead_is_told(tmp_path: Path) -> None:
    (tmp_path / "b" / "configs").mkdir(parents=True)
    with pytest.raises(TaskError, match=r"bundle 'b' has no configs/inference\.json or \.yaml; the folder configs is"):
        Bundle(tmp_path / "b").need("inference")
    (tmp_path / "b" / "configs" / "train.json").write_text("{}")
    with pytest.raises(TaskError, match=r"it has train\.json"):
        Bundle(tmp_path / "b").need("inference")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("broken.json", '{"a": ', "is no valid JSON"),
        ("list.json", "[1]", "holds a list, not names with values"),
        ("broken.yaml", "a: [1", "is no valid YAML"),
        ("deep.json", "[" * 200_000, "is no valid JSON"),
        ("bytes.json", "\udcff", "is no valid JSON"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, errors="surrogateescape")
    with pytest.raises(TaskError, match=rf"bundle 'b': .*{name} {said}"):
        read_mapping(tmp_path / name, "b")


def test_components_are_found_with_their_ids() -> None:
    config = {"a": {"_target_": "A", "b": [{"_target_": "B"}, 5]}, "c": "@a"}
    assert [(id, one["_target_"]) for id, one in components(config)] == [("a", "A"), ("a::b::0", "B")]


@pytest.mark.parametrize("spelling", ["LoadImaged", "LoadImageD", "LoadImageDict", "monai.transforms.LoadImaged"])
def test_spellings_of_one_transform(spelling: str) -> None:
    assert target_name({"_target_": spelling}) == "LoadImaged"
