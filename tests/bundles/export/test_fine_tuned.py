"""A bundle that was trained further becomes a bundle again: its own files, with the new weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from jlabel.bundles.export.bundle import write_bundle
from jlabel.bundles.export.fine_tuned import weights_file
from jlabel.bundles.export.model import ExportedModel
from jlabel.bundles.infer import BundleInferTask
from jlabel.errors import TaskError
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.training.checkpoints import save_weights
from tests.bundles.export.exports import IDS, exported_model, published

LABELS = {"liver": 1, "spleen": 2}


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """A bundle of somebody else, with scripts, pictures, exported networks and what its runs have left."""
    (tmp_path / "former").mkdir()
    model = exported_model(published(tmp_path / "former", LABELS))
    stated = {"authors": "Somebody", "version": "0.5.9", "changelog": {"0.5.9": "newer MONAI"}}
    bundle = write_bundle(model, tmp_path / "their bundle", license="Their licence\nin full", metadata=stated)
    for name in ("models/model.ts", "models/model.onnx", "large_files.yml", "eval/jane/mask.nii.gz", "notes/jane.txt"):
        (bundle / name).parent.mkdir(parents=True, exist_ok=True)
        (bundle / name).write_text("of the former weights")
    for name in ("scripts/__init__.py", "scripts/nets/unet.py", "docs/figure.png", "configs/multi_gpu_train.json"):
        (bundle / name).parent.mkdir(parents=True, exist_ok=True)
        (bundle / name).write_text("{}")
    (bundle / "scripts" / "__pycache__").mkdir()
    (bundle / "scripts" / "__pycache__" / "x.pyc").write_text("")
    return bundle


def trained(folder: Path, bundle: Path, **fields) -> ExportedModel:
    """A version of the bundle's model that was trained here."""
    (folder / "trained").mkdir()
    store = ModelStore(folder / "trained" / "models")
    task = BundleInferTask(bundle, published=PublishedModel(store, "theirs"))
    row = ModelVersion("theirs", 0, labels=LABELS, images=IDS, judged_by={"mr_x": 1}, **fields)
    torch.manual_seed(11)
    save_weights(task.make_network(row), folder / "weights.safetensors")
    store.use("theirs", store.publish(row, folder / "weights.safetensors").number)
    return exported_model(task)


def test_its_files_stay_and_its_weights_are_new(tmp_path, former) -> None:
    before = {file: file.read_bytes() for file in former.rglob("*") if file.is_file()}
    model = trained(tmp_path, former)
    new = write_bundle(model, tmp_path / "new")
    files = {file.relative_to(new).as_posix() for file in new.rglob("*") if file.is_file()}
    assert files == {
        "LICENSE",
        "configs/inference.json",
        "configs/logging.conf",
        "configs/metadata.json",
        "configs/multi_gpu_train.json",
        "configs/train.json",
        "docs/README.md",
        "docs/figure.png",
        "models/model.pt",
        "models/model.safetensors",
        "scripts/__init__.py",
        "scripts/nets/unet.py",
    }
    for name in files - {"configs/metadata.json", "docs/README.md", "models/model.pt", "models/model.safetensors"}:
        assert (new / name).read_bytes() == (former / name).read_bytes(), name
    weights = torch.load(new / "models" / "model.pt", weights_only=True)
    own = model.task.load_version("cpu", model.version).state_dict()
    assert all(torch.equal(weights[name], own[name]) for name in own)
    assert {file: file.read_bytes() for file in former.rglob("*") if file.is_file()} == before


def test_it_says_what_was_before_and_what_is_new(tmp_path, former) -> None:
    model = trained(tmp_path, former, metrics={"val_mean_dice": 0.97}, parent=1)
    new = write_bundle(model, tmp_path / "new", metadata={"copyright": "ours"}, license="CC0-1.0")
    found = json.loads((new / "configs" / "metadata.json").read_text())
    assert (found["version"], found["authors"], found["copyright"]) == ("0.5.9+1", "Somebody", "ours")
    assert found["changelog"]["0.5.9+1"] == "0.5.9 trained further with jlabel on 2 labels"
    assert found["changelog"]["0.5.9"] == "newer MONAI"
    assert found["eval_metrics"] == {"val_mean_dice": 0.97}
    assert found["provenance"]["bundle_version"] == "0.5.9"
    # Whose licence it was, it stays; what is stated of the new one stands beside it.
    assert (new / "LICENSE").read_text() == "Their licence\nin full"
    assert found["license"] == "CC0-1.0"
    card = (new / "docs" / "README.md").read_text()
    assert card.startswith((former / "docs" / "README.md").read_text().rstrip())
    assert "## Trained further with jlabel" in card
    assert r"| val\_mean\_dice | 0.97 |" in card
    everything = b"".join(file.read_bytes() for file in new.rglob("*") if file.is_file())
    assert [name for name in [*IDS, "jane", str(tmp_path)] if name.encode() in everything] == []


def test_the_file_of_weights_has_the_name_that_the_bundle_loads(tmp_path, former) -> None:
    config = former / "configs" / "inference.json"
    config.write_text(config.read_text().replace("models/model.pt", "models/best_model.pt"))
    (former / "models" / "model.pt").rename(former / "models" / "best_model.pt")
    assert weights_file(former) == "models/best_model.pt"
    new = write_bundle(trained(tmp_path, former), tmp_path / "new")
    assert sorted(file.name for file in (new / "models").iterdir()) == ["best_model.pt", "model.safetensors"]
    config.unlink()
    assert weights_file(former) == "models/model.pt"


def test_metadata_in_yaml_become_json(tmp_path, former) -> None:
    model = trained(tmp_path, former)
    (former / "configs" / "metadata.json").unlink()
    (former / "configs" / "metadata.yaml").write_text("version: 1.2.3\nauthors: Somebody\n")
    new = write_bundle(model, tmp_path / "new")
    found = json.loads((new / "configs" / "metadata.json").read_text())
    assert (found["version"], found["authors"]) == ("1.2.3+1", "Somebody")
    assert not (new / "configs" / "metadata.yaml").exists()


def test_a_bundle_that_is_gone_or_damaged_is_named(tmp_path, former) -> None:
    model = trained(tmp_path, former)
    for content, why in (("{", "is no valid JSON"), ("[]", "holds a list")):
        (former / "configs" / "metadata.json").write_text(content)
        with pytest.raises(TaskError, match=rf"bundle 'their bundle': .*metadata\.json {why}"):
            write_bundle(model, tmp_path / "new")
    former.rename(tmp_path / "elsewhere")
    with pytest.raises(TaskError, match=r"bundle 'their bundle': .* cannot be read"):
        write_bundle(model, tmp_path / "new")
    assert not (tmp_path / "new").exists()
