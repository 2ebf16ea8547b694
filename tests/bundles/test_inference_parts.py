"""The parts of an inference, wherever a bundle has them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from monai.inferers import SimpleInferer
from monai.transforms import Activationsd, AsDiscreted, Compose, Invertd

from jlabel.bundles.bundle import Bundle
from jlabel.bundles.configuration import Configuration
from jlabel.bundles.inference_parts import find_weights, make_parts, most_likely, nearest_after_classes
from jlabel.bundles.own_code import OwnCode
from jlabel.errors import TaskError
from tests.bundles.small_bundles import inference, unet, write_bundle


def parts(folder: Path, config: dict):
    bundle = Bundle(write_bundle(folder / "b", config, weights=False))
    made = Configuration(bundle, [bundle.need("inference")], {}, "cpu", OwnCode(bundle.root))
    return bundle, made, make_parts(bundle, made)


def test_those_of_the_evaluator_are_taken_first(tmp_path: Path) -> None:
    config = inference(other=[{"_target_": "AsDiscreted", "keys": "pred", "argmax": True}], small=unet(classes=2))
    config["evaluator"] |= {
        "postprocessing": "@other",
        "network": "@small",
        "inferer": {"_target_": "SimpleInferer"},
        "amp": True,
    }
    _, _, found = parts(tmp_path, config)
    assert [type(step).__name__ for step in found.after] == ["AsDiscreted"]
    assert isinstance(found.inferer, SimpleInferer)
    assert found.amp
    assert found.network(torch.zeros(1, 1, 4, 4, 4)).shape[1] == 2


def test_a_configuration_of_the_network_alone_has_the_usual_rest(tmp_path: Path) -> None:
    _, _, found = parts(tmp_path, {"network_def": unet()})
    assert [type(step).__name__ for step in found.before] == ["LoadImaged", "EnsureChannelFirstd"]
    assert found.after == (most_likely,)
    assert found.key == "image"


def test_preprocessing_that_loads_nothing_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"bundle 'b': its preprocessing does not load the image"):
        parts(tmp_path, inference(preprocessing=[{"_target_": "ScaleIntensityd", "keys": "image"}],
                                  dataset=None, postprocessing=None))  # fmt: skip


def test_weights_are_where_the_loader_says(tmp_path: Path) -> None:
    stated = "$@bundle_root + '/models/tuned.pt'"
    loader = {"_target_": "CheckpointLoader", "load_path": stated, "load_dict": {"net": "@network"}}
    config = inference(checkpointloader=None, handlers=[loader])
    bundle, made, _ = parts(tmp_path, config)
    files, key = find_weights(bundle, made)
    assert [file.relative_to(bundle.root).as_posix() for file in files] == [
        "models/tuned.safetensors",
        "models/tuned.pt",
    ]
    assert key == "net"


def test_else_they_are_the_best_file(tmp_path: Path) -> None:
    bundle, made, _ = parts(tmp_path, {"network_def": unet()})
    (bundle.root / "models").mkdir()
    for name in ("model.pt", "model.safetensors"):
        (bundle.root / "models" / name).write_bytes(b"")
    assert [file.name for file in find_weights(bundle, made)[0]] == ["model.safetensors", "model.pt"]


def test_only_what_is_inverted_after_classes_is_nearest() -> None:
    invert, classes = Invertd("pred", Compose([]), "image", nearest_interp=False), AsDiscreted("pred", argmax=True)
    assert nearest_after_classes([Activationsd("pred", softmax=True), invert, classes])[1].nearest_interp == (False,)
    assert nearest_after_classes([classes, invert])[1].nearest_interp == (True,)
    assert invert.nearest_interp == (False,)


@pytest.mark.parametrize(("logits", "mask"), [([[1.0, -1], [0, 0]], [[0, 1]]), ([[0.1, -0.1]], [[1, 0]])])
def test_the_usual_mask(logits: list, mask: list) -> None:
    assert most_likely({"pred": torch.tensor(logits)})["pred"].tolist() == mask
