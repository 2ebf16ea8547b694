"""Bundles that take clicks: each click arrives where the person pointed, whatever way the image lies."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import jlabel
from jlabel.bundles import BundleInferTask
from jlabel.bundles.click_adapters import DeepEditClicks, Vista3dClicks, find_adapter
from jlabel.prompts import Box, Click, Scribble
from jlabel.tasks import InferRequest
from tests.bundles.small_bundles import INVERTED, inference, loading, metadata, volume, write_bundle

# A network that finds what is near the clicks on its label: it takes the guidance channels as logits.
NEAR_CLICKS = """
import torch


class NearClicks(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(1))

    def forward(self, x):
        kidney, background = x[:, 1:2], x[:, 2:3]
        return torch.cat([0.3 + background, kidney], dim=1) * self.scale
"""
# As VISTA3D's inferer: classes, or points on one structure.
VISTA = """
import torch
from monai.inferers import Inferer


class Vista3dInferer(Inferer):
    def __call__(self, inputs, network, point_coords, point_labels, class_vector):
        network(inputs)
        if point_coords is None:
            masks = [(inputs[0, 0] > 150) == (int(each) == 1) for each in class_vector[:, 0]]
            return torch.stack(masks)[None].float() - 0.5
        logits = torch.full((1, 1, *inputs.shape[2:]), -1.0)
        for at, sign in zip(point_coords[0].round().long().tolist(), point_labels[0].tolist()):
            around = tuple(slice(max(0, n - 1), n + 2) for n in at)
            logits[(0, 0, *around)] = 1.0 if sign else -1.0
        return logits
"""
DEEPEDIT = [
    {"_target_": "AddGuidanceFromPointsDeepEditd", "ref_image": "image", "label_names": "@label_names"},
    {"_target_": "Resized", "keys": "image", "spatial_size": [32, 32, 24], "mode": "area"},
    {"_target_": "ResizeGuidanceMultipleLabelDeepEditd", "guidance": "guidance", "ref_image": "image"},
    {"_target_": "AddGuidanceSignalDeepEditd", "keys": "image", "guidance": "guidance", "number_intensity_ch": 1},
]


def turned(codes: str, shape: tuple[int, ...]) -> np.ndarray:
    ends = nib.orientations.axcodes2ornt(tuple(codes))
    return np.diag([1.0, 1.0, 1.5, 1]) @ nib.orientations.inv_ornt_aff(ends, shape)


@pytest.fixture
def deepedit(tmp_path: Path) -> Path:
    config = inference(
        label_names={"kidney": 1, "background": 0},
        network_def={"_target_": "scripts.nets.NearClicks"},
        preprocessing={
            "_target_": "Compose",
            "transforms": [
                *loading({"_target_": "Orientationd", "keys": "image", "axcodes": "RAS"}),
                *DEEPEDIT,
                {"_target_": "EnsureTyped", "keys": "image"},
            ],
        },
        inferer={"_target_": "SimpleInferer"},
    )
    about = metadata({"0": "background", "1": "kidney"}, num_channels=3)
    return write_bundle(tmp_path / "edit", config, about, scripts={"nets.py": NEAR_CLICKS}, weights=False)


@pytest.fixture
def vista(tmp_path: Path) -> Path:
    config = inference(
        preprocessing={
            "_target_": "Compose",
            "transforms": loading(
                {"_target_": "CropForegroundd", "keys": "image", "source_key": "image", "margin": 2},
                {"_target_": "monai.apps.vista3d.transforms.VistaPreTransformd", "keys": "image"},
                {"_target_": "Orientationd", "keys": "image", "axcodes": "RAS"},
            ),
        },
        imports=["$import copy"],
        inferer={"_target_": "scripts.inferer.Vista3dInferer"},
    )
    post = {"_target_": "monai.apps.vista3d.transforms.VistaPostTransformd", "keys": "pred"}
    inverted = {**INVERTED, "transform": "$copy.deepcopy(@preprocessing)", "nearest_interp": True}
    config["postprocessing"]["transforms"] = [post, inverted]
    return write_bundle(tmp_path / "vista", config, scripts={"inferer.py": VISTA}, weights=False)


def ask(task: BundleInferTask, path: Path, *prompts: object, label: str = "", **more: object) -> jlabel.InferResult:
    labels = more.pop("labels", {"kidney": 4, "tumour": 5})
    return task(InferRequest(jlabel.read_image(path), "x", prompts, label=label, labels=labels, **more))


@pytest.mark.parametrize("codes", ["RAS", "LPS", "PIR", "SAL"])
@pytest.mark.parametrize("kind", ["deepedit", "vista"])
def test_what_is_clicked_is_found(request: pytest.FixtureRequest, tmp_path: Path, codes: str, kind: str) -> None:
    array = volume((30, 26, 20))
    array[:5] = 0  # a border that is cropped
    nib.save(nib.Nifti1Image(array, turned(codes, array.shape)), tmp_path / "x.nii.gz")
    task = BundleInferTask(request.getfixturevalue(kind), random_weights=True)
    assert task.interactive
    result = ask(task, tmp_path / "x.nii.gz", Click((20, 6, 14)), label="kidney")
    assert result.labels == {"kidney": 4}
    assert result.mask[20, 6, 14] == 4
    found = np.argwhere(result.mask)
    np.testing.assert_allclose(found.mean(axis=0), [20, 6, 14], atol=1.5)


def test_a_later_click_counts_though_the_image_is_kept(deepedit: Path, tmp_path: Path) -> None:
    class Kept:
        kept: dict[str, object] = {}  # noqa: RUF012

        def get(self, key, build):
            return self.kept.setdefault(key, self.kept.get(key) or build())

    nib.save(nib.Nifti1Image(volume((30, 26, 20)), np.eye(4)), tmp_path / "x.nii.gz")
    task = BundleInferTask(deepedit, random_weights=True)
    first = ask(task, tmp_path / "x.nii.gz", Click((20, 6, 14)), label="kidney", prepared=Kept())
    second = ask(task, tmp_path / "x.nii.gz", Click((8, 20, 4)), label="kidney", prepared=Kept())
    assert first.mask[20, 6, 14]
    assert not second.mask[20, 6, 14]
    assert second.mask[8, 20, 4]


def test_without_clicks_it_segments_by_itself(vista: Path, tmp_path: Path) -> None:
    nib.save(nib.Nifti1Image(volume(), turned("LPS", (18, 15, 11))), tmp_path / "x.nii.gz")
    task = BundleInferTask(vista, automatic=True, random_weights=True)
    assert not task.interactive
    result = ask(task, tmp_path / "x.nii.gz")
    inside = volume() > 150
    assert (result.mask[inside] == 4).mean() > 0.99
    assert result.labels == {"kidney": 4, "tumour": 5}


def test_a_structure_that_vista_does_not_know_is_found_by_points(vista: Path, tmp_path: Path) -> None:
    nib.save(nib.Nifti1Image(volume(), np.eye(4)), tmp_path / "x.nii.gz")
    task = BundleInferTask(vista, random_weights=True)
    result = ask(task, tmp_path / "x.nii.gz", Click((8, 6, 5)), label="cyst", labels={"cyst": 9})
    assert result.labels == {"cyst": 9}
    assert result.mask[8, 6, 5] == 9


def test_prompts_that_they_cannot_take(deepedit: Path, tmp_path: Path) -> None:
    nib.save(nib.Nifti1Image(volume(), np.eye(4)), tmp_path / "x.nii.gz")
    task = BundleInferTask(deepedit, random_weights=True)
    with pytest.raises(jlabel.PromptError, match="point at the structure first"):
        ask(task, tmp_path / "x.nii.gz", label="kidney")
    with pytest.raises(jlabel.PromptError, match="takes clicks and scribbles, not a box"):
        ask(task, tmp_path / "x.nii.gz", Box((1, 1, 1), (5, 5, 5)), label="kidney")


def test_positions_by_label() -> None:
    prompts = (
        Click((1, 2, 3), label="kidney"),
        Scribble(((4, 5, 6), (7, 8, 9)), positive=False),
        Click((3, 3, 3), label="tumour"),
        Click((5, 5, 5), positive=False, label="tumour"),
    )
    request = InferRequest(jlabel.Image(volume(), np.eye(4)), "x", prompts, label="kidney", labels={})
    found = DeepEditClicks().data(request, {"kidney": 1, "tumour": 2}, lambda at: at)
    assert found == {
        "kidney": [[1, 2, 3]],
        "tumour": [[3, 3, 3]],
        "background": [[4, 5, 6], [7, 8, 9]],
    }


def test_classes_that_are_wanted() -> None:
    image, known = jlabel.Image(volume(), np.eye(4)), {"kidney": 5, "liver": 1}
    adapter = Vista3dClicks()
    assert adapter.data(InferRequest(image, "x", labels={"liver": 3}), known, lambda at: at) == {"label_prompt": [1]}
    assert adapter.data(InferRequest(image, "x"), known, lambda at: at) == {"label_prompt": [5, 1]}
    with pytest.raises(jlabel.TaskError, match="none of the app's labels is one of the classes"):
        adapter.data(InferRequest(image, "x", labels={"cyst": 3}), known, lambda at: at)


def test_which_bundles_take_clicks() -> None:
    assert find_adapter(inference()) is None
    assert isinstance(find_adapter({"pre": [{"_target_": "AddGuidanceSignalDeepEditd"}]}), DeepEditClicks)
    assert isinstance(find_adapter({"pre": [{"_target_": "a.b.VistaPreTransformd"}]}), Vista3dClicks)


def test_labels_in_the_apps_spelling(deepedit: Path, tmp_path: Path) -> None:
    nib.save(nib.Nifti1Image(volume(), np.eye(4)), tmp_path / "x.nii.gz")
    task = BundleInferTask(deepedit, random_weights=True)
    click = Click((8, 6, 5), label="KIDNEY")
    result = ask(task, tmp_path / "x.nii.gz", click, label="KIDNEY", labels={"KIDNEY": 7})
    assert result.labels == {"KIDNEY": 7}
    assert result.mask[8, 6, 5] == 7
    with pytest.raises(jlabel.TaskError, match="bundle 'edit' does not know 'cyst', only kidney"):
        ask(task, tmp_path / "x.nii.gz", Click((8, 6, 5)), label="cyst", labels={"cyst": 9})
