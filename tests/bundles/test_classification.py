"""A bundle that classifies whole images, in the manner of the zoo's in-body classification, gives tags."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

import jlabel
from tests.bundles.small_bundles import inference, write_bundle

CLASSES = {"0": "in body", "1": "out body"}
ABOUT = {
    "network_data_format": {
        "inputs": {"image": {"type": "magnitude", "format": "RGB", "num_channels": 3, "spatial_shape": [256, 256]}},
        "outputs": {
            "pred": {"type": "probabilities", "format": "classes", "spatial_shape": [1, 2], "channel_def": CLASSES}
        },
    }
}


@pytest.fixture
def classifier(tmp_path: Path) -> Path:
    """Its own postprocessing leaves the likeliest class alone."""
    config = inference(
        network_def={
            "_target_": "DenseNet", "spatial_dims": 2, "in_channels": 3, "out_channels": 2, "init_features": 4,
            "growth_rate": 2, "block_config": [1, 1],
        },
        preprocessing={
            "_target_": "Compose",
            "transforms": [
                {"_target_": "LoadImaged", "keys": "image"},
                {"_target_": "EnsureChannelFirstd", "keys": "image", "channel_dim": 2},
                {"_target_": "Resized", "keys": "image", "spatial_size": [64, 64], "mode": "bilinear"},
                {"_target_": "CastToTyped", "keys": "image", "dtype": "$torch.float32"},
                {"_target_": "NormalizeIntensityd", "keys": "image", "nonzero": True, "channel_wise": True},
            ],
        },
        imports=["$import torch", "$import glob"],
        inferer={"_target_": "SimpleInferer"},
        postprocessing={
            "_target_": "Compose",
            "transforms": [{"_target_": "AsDiscreted", "keys": ["pred"], "argmax": True, "to_onehot": 2}],
        },
    )  # fmt: skip
    return write_bundle(tmp_path / "inbody", config, ABOUT)


def test_it_tells_the_probability_of_each_class_and_makes_no_mask(classifier: Path, tmp_path: Path) -> None:
    studies = tmp_path / "studies"
    studies.mkdir()
    pixels = np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8)
    Picture.fromarray(pixels).save(studies / "frame.png")
    manager = jlabel.AppManager(jlabel.LabelApp(studies, ["polyp"], bundles=[classifier]), device="cpu")
    try:
        assert manager.app.tags == (jlabel.Classification("inbody", ["in body", "out body"]),)
        result = manager.infer("inbody", "frame")
        chances = result.tags["inbody"]
        assert list(chances) == ["in body", "out body"]
        assert sum(chances.values()) == pytest.approx(1)
        assert 0 < chances["in body"] < 1
        assert (result.labels, bool(result.mask.any()), result.mask.shape) == ({}, False, (20, 30))
        assert result.info["prediction"][0]["score"] == pytest.approx(chances["in body"])
    finally:
        manager.close()


def test_it_is_trained_by_a_task_for_tags_and_not_as_a_bundle(classifier: Path) -> None:
    with pytest.raises(jlabel.TaskError, match="ClassificationTrainTask learns from tags"):
        jlabel.BundleTrainTask(classifier, config="inference")
