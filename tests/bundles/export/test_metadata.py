"""``metadata.json`` and the model card: what MONAI's schema asks for, and nothing of a patient."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path

import monai.bundle
import pytest
from monai.bundle import ConfigParser

from jlabel.bundles.export.bundle import write_bundle
from jlabel.bundles.export.metadata import eval_metrics, inert_text, own_modules, packages_of, spatial_shape
from jlabel.errors import TaskError
from jlabel.segmentation import Plan
from jlabel.segmentation.network import make_network
from tests.bundles.export.exports import IDS, PLAN, exported_model, published

TEXT, FORMAT = (
    {"type": "string"},
    {"type": "object", "minProperties": 1, "additionalProperties": {"$ref": "#/$defs/tensor"}},
)
TEXTS = (
    *("task", "description", "authors", "copyright", "license", "intended_use", "data_source", "data_type"),
    *("image_classes", "label_classes", "pred_classes"),
)
#: What MONAI's specification of bundles asks of the file.
SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "required": [
        "schema",
        "version",
        "monai_version",
        "pytorch_version",
        "numpy_version",
        "optional_packages_version",
        "required_packages_version",
        "task",
        "description",
        "authors",
        "copyright",
        "network_data_format",
    ],
    "properties": {
        **dict.fromkeys(TEXTS, TEXT),
        "version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
        "monai_version": {"type": "string", "pattern": r"^\d+\.\d+"},
        "pytorch_version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
        "numpy_version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
        "optional_packages_version": {"type": "object", "additionalProperties": TEXT},
        "required_packages_version": {"type": "object", "additionalProperties": TEXT},
        "changelog": {"type": "object", "minProperties": 1, "additionalProperties": TEXT},
        "references": {"type": "array", "items": TEXT},
        "eval_metrics": {"type": "object", "additionalProperties": {"type": "number"}},
        "network_data_format": {
            "type": "object",
            "required": ["inputs", "outputs"],
            "properties": {"inputs": FORMAT, "outputs": FORMAT},
        },
    },
    "$defs": {
        "tensor": {
            "type": "object",
            "required": [
                "type",
                "format",
                "modality",
                "num_channels",
                "spatial_shape",
                "dtype",
                "value_range",
                "is_patch_data",
                "channel_def",
            ],
            "properties": {
                "type": {"enum": ["image", "series", "tuples", "probabilities"]},
                "num_channels": {"type": "integer", "minimum": 1},
                "spatial_shape": {"type": "array", "items": {"type": ["integer", "string"]}},
                "value_range": {"type": "array", "items": {"type": "number"}},
                "is_patch_data": {"type": "boolean"},
                "channel_def": {"type": "object", "additionalProperties": TEXT},
            },
        }
    },
}


def metadata(bundle: Path) -> dict:
    return json.loads((bundle / "configs" / "metadata.json").read_text(encoding="utf-8"))


def test_monai_verifies_it(tmp_path) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(SCHEMA))
    plans = [PLAN, Plan((1.0, 1.2, 1.5), (16, 16, 12), ((2, 2, 2),), (4, 8), (-200.0, 900.0))]
    for number, plan in enumerate(plans):
        (tmp_path / str(number)).mkdir()
        task = published(tmp_path / str(number), {"liver": 1}, plan=plan)
        bundle = write_bundle(exported_model(task), tmp_path / str(number) / "bundle")
        monai.bundle.verify_metadata(meta_file=str(bundle / "configs" / "metadata.json"), filepath=str(schema))


def test_what_it_tells_of_the_model(tmp_path) -> None:
    metrics = {"val_mean_dice": 0.91234567, "val_dice_liver": 0.95, "val_dice_spleen": None}
    config = {"max_epochs": 20, "learning_rate": 0.003, "tracking": "mlflow:/home/jane", "load_path": "/home/jane/w.pt"}
    task = published(
        tmp_path,
        {"liver": 1, "spleen": 2},
        metrics=metrics,
        parent=4,
        config=config,
        time=datetime(2026, 3, 4, 5, 6, tzinfo=UTC),
        jlabel_version="0.1.0",
    )
    found = metadata(write_bundle(exported_model(task), tmp_path / "bundle"))
    assert found["version"] == "1.0.0"
    assert found["changelog"] == {"1.0.0": "trained on 2 labels, begun with version 4"}
    assert found["eval_metrics"] == {"val_mean_dice": 0.912346, "val_dice_liver": 0.95}
    assert found["provenance"]["training_labels"] == 2
    assert found["provenance"]["validation_labels"] == 1
    assert found["provenance"]["parent_version"] == 4
    assert found["provenance"]["published"] == "2026-03-04"
    assert found["provenance"]["training"] == {"max_epochs": 20, "learning_rate": 0.003}
    assert found["pred_classes"].endswith("channel 0 is background, channel 1 is liver, channel 2 is spleen")
    image = found["network_data_format"]["inputs"]["image"]
    assert (image["spatial_shape"], image["modality"], image["num_channels"]) == (["4*n", "4*n", "2*n+2"], "n/a", 1)


def test_nothing_in_the_bundle_names_an_image_or_a_place_on_the_machine(tmp_path) -> None:
    config = {"tracking": "mlflow:/home/jane", "load_path": "/home/jane/w.pt", "seed": 3}
    note = "0.9 against 0.8 of version 1, judged by the same images"
    task = published(tmp_path, {"liver": 1}, config=config, note=note)
    bundle = write_bundle(exported_model(task), tmp_path / "bundle")
    private = [*IDS, "mr_x", str(tmp_path), "/home/jane", str(Path.home()), str(Path.cwd())]
    for file in [one for one in bundle.rglob("*") if one.is_file()]:
        content = file.read_bytes()
        assert [text for text in private if text.encode() in content] == [], file.name


def test_fields_that_the_user_states_win(tmp_path) -> None:
    stated = {"authors": "A. Müller", "data_source": "our ward", "references": ["a"], "supported_apps": {"x": 1}}
    bundle = write_bundle(exported_model(published(tmp_path, {"liver": 1})), tmp_path / "bundle", metadata=stated)
    assert {key: metadata(bundle)[key] for key in stated} == stated
    assert "Authors: A. Müller" in (bundle / "docs" / "README.md").read_text(encoding="utf-8")
    with pytest.raises(TaskError, match=r"metadata 'authors' is \w*Path"):
        write_bundle(exported_model(published(tmp_path, {"liver": 1})), tmp_path / "b", metadata={"authors": tmp_path})


@pytest.mark.parametrize(
    "name", ["$__import__('os').system('touch ran')", "@network", "%metadata.json::a", "a@##b", "@#x", "%::y"]
)
def test_a_label_is_text_and_never_code(tmp_path, monkeypatch, name) -> None:
    monkeypatch.chdir(tmp_path)
    bundle = write_bundle(exported_model(published(tmp_path, {name: 1})), tmp_path / "bundle")
    parser = ConfigParser()
    parser.read_config(str(bundle / "configs" / "inference.json"))
    parser.read_meta(str(bundle / "configs" / "metadata.json"))
    parsed = parser.get_parsed_content("_meta_")
    channel = parsed["network_data_format"]["outputs"]["pred"]["channel_def"]["1"]
    # MONAI writes :: for # in every text that it parses.
    assert channel.replace(" ", "") == name.replace(" ", "").replace("#", "::")
    assert not (tmp_path / "ran").exists()


def test_what_is_needed_beside_monai() -> None:
    config = {
        "a": {"_target_": "UNet"},
        "b": [{"_target_": "torch.optim.Adam"}],
        "c": {"d": {"_target_": "skimage.x.Y"}},
    }
    assert own_modules(config, None) == ["skimage.x"]
    assert list(packages_of(["skimage.x", "of_nobody"])) == ["scikit-image"]


def test_a_metric_that_is_no_number_is_left_out() -> None:
    assert eval_metrics({"a": math.nan, "b": None, "c": 0.5, "d": math.inf}) == {"c": 0.5}


def test_a_text_that_is_harmless_stays() -> None:
    assert [inert_text(text) for text in ("left @ right", "5 $", "me@x.org", "Ä")] == [
        "left @ right",
        "5 $",
        "me@x.org",
        "Ä",
    ]


@pytest.mark.parametrize(
    ("strides", "shape"),
    [
        (((2, 2, 2),), ["2*n", "2*n", "2*n+2"]),
        (((2, 2, 1), (2, 2, 1)), ["4*n", "4*n", "n+1"]),
        (((1, 1, 1),), ["*", "*", "n+1"]),
    ],
)
def test_the_sizes_that_the_network_takes(strides, shape) -> None:
    plan = Plan((1.0,) * 3, (16, 16, 16), strides, (2,) * (len(strides) + 1), None)
    assert spatial_shape(make_network(plan, 2), plan.patch, 3) == shape
