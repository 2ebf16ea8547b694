"""What a bundle finds and takes, and whether it can label images at all, from its metadata."""

from __future__ import annotations

from pathlib import Path

import pytest

from jlabel.bundles.bundle import Bundle
from jlabel.bundles.metadata import (
    bundle_classes,
    bundle_labels,
    check_task,
    expected_input,
    has_region_channels,
    loaded_keys,
)
from jlabel.errors import TaskError
from tests.bundles.small_bundles import inference, metadata, write_bundle


def bundle(folder: Path, about: dict) -> Bundle:
    return Bundle(write_bundle(folder / "b", about=about, weights=False))


@pytest.mark.parametrize(
    ("channels", "labels", "regions"),
    [
        ({"0": "background", "1": "Spleen"}, {"Spleen": 1}, False),
        ({"0": "Background", "2": "a", "1": "b"}, {"a": 2, "b": 1}, False),
        ({"0": "nuclei"}, {"nuclei": 1}, False),
        ({"0": "core", "1": "whole"}, {"core": 1, "whole": 2}, True),
        ({"1": "a", "2": "b"}, {"a": 1, "b": 2}, False),
    ],
)
def test_its_labels(tmp_path: Path, channels: dict, labels: dict, regions: bool) -> None:
    made = bundle(tmp_path, metadata(channels))
    assert bundle_labels(made) == labels
    assert has_region_channels(made) is regions


def test_label_def_is_taken_where_there_is_no_channel_def(tmp_path: Path) -> None:
    about = metadata()
    output = about["network_data_format"]["outputs"]["pred"]
    output["label_def"] = output.pop("channel_def")
    assert bundle_labels(bundle(tmp_path, about)) == {"kidney": 1, "tumour": 2}


@pytest.mark.parametrize("about", [{}, {"network_data_format": None}, {"network_data_format": {"outputs": {"pred": 5}}},
                                   metadata({"0": "background"}), metadata({"x": "y"})])  # fmt: skip
def test_without_names_there_are_none(tmp_path: Path, about: dict) -> None:
    assert bundle_labels(bundle(tmp_path, about)) == {}


def test_what_its_network_takes(tmp_path: Path) -> None:
    about = metadata(num_channels=4, spatial_shape=["8*n", "8 * n", "16*n"], channel_def={"0": "T1", "1": "T2"})
    expected = expected_input(bundle(tmp_path, about), {})
    assert (expected.axes, expected.channels, expected.names, expected.divisor) == (3, 4, ("T1", "T2"), 16)


def test_a_network_for_slices_takes_volumes(tmp_path: Path) -> None:
    about = metadata(spatial_shape=[256, 256])
    config = {"inferer": {"_target_": "monai.inferers.SliceInferer"}}
    assert expected_input(bundle(tmp_path, about), {}).axes == 2
    assert expected_input(Bundle(tmp_path / "b"), config).axes == 3


@pytest.mark.parametrize(
    ("inputs", "outputs", "said"),
    [
        ({"latent": {"type": "noise"}}, {"pred": {"format": "image"}}, r"takes noise \('latent'\), not images"),
        ({}, {"pred": {"type": "object", "format": "dict"}}, r"gives boxes \(detection\)"),
        ({}, {"pred": {"type": "tuples", "format": "points"}}, r"gives points \(landmarks\)"),
        ({}, {"pred": {"type": "probabilities", "format": "classes"}}, r"\(classification\)"),
        ({}, {"pred": {"format": "labels", "spatial_shape": [1, 4], "channel_def": {"0": "A"}}},
         r"\(classification\), and does not name two classes"),
        ({}, {"pred": {"type": "image", "format": "magnitude"}}, r"makes images"),
        ({}, {"pred": {"type": "new", "format": "graph"}}, r"gives graph, and not a label map"),
    ],
)  # fmt: skip
def test_one_that_makes_no_label_map_is_refused_in_words(
    tmp_path: Path, inputs: dict, outputs: dict, said: str
) -> None:
    about = {"network_data_format": {"inputs": inputs, "outputs": outputs}}
    with pytest.raises(TaskError, match=f"bundle 'b' cannot label images here: it .*{said}"):
        check_task(bundle(tmp_path, about), {})


@pytest.mark.parametrize(
    ("output", "classes"),
    [
        ({"type": "probabilities", "format": "classes", "channel_def": {"1": "out body", "0": "in body"}},
         ("in body", "out body")),
        ({"format": "labels", "spatial_shape": [1, 4], "channel_def": {"0": "A", "1": "B"}}, ("A", "B")),
        ({"format": "classes", "channel_def": {"0": "A", "2": "B"}}, ()),
        ({"format": "classes", "channel_def": {"0": "A", "1": "a"}}, ()),
        ({"format": "classes", "channel_def": {"0": "tumour"}}, ()),
        ({"type": "object", "channel_def": {"0": "A", "1": "B"}}, ()),
        ({"format": "segmentation", "channel_def": {"0": "A", "1": "B"}}, ()),
    ],
)  # fmt: skip
def test_classes_of_whole_images_come_from_the_channels(tmp_path: Path, output: dict, classes: tuple) -> None:
    about = {"network_data_format": {"outputs": {"pred": output}}}
    assert bundle_classes(bundle(tmp_path, about)) == classes


def test_one_that_needs_several_images_of_a_case_is_refused(tmp_path: Path) -> None:
    config = inference()
    config["preprocessing"]["transforms"][0]["keys"] = ["artery", "@second", "label"]
    with pytest.raises(TaskError, match=r"needs several images of a case at once \('artery', 'vein'\)"):
        check_task(bundle(tmp_path, metadata()), {**config, "second": "vein"})


def test_keys_that_references_give() -> None:
    config = {"image_key": "@key", "key": "ct", "pre": {"_target_": "LoadImaged", "keys": ["@image_key", "label"]}}
    assert loaded_keys(config) == ["ct"]
    assert loaded_keys({"pre": {"_target_": "LoadImaged", "keys": "$['a', 'b']"}}) == []
    assert loaded_keys({"a": "@b", "b": "@a", "pre": {"_target_": "LoadImaged", "keys": "@a"}}) == []
