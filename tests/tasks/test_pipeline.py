"""The probabilities of infer tasks that need no prompts; how such tasks run is tried in ``test_infer.py``."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.inferers import SimpleInferer
from monai.transforms import AsDiscreted, EnsureChannelFirstd, LoadImaged, Orientationd, Spacingd

from jlabel.imaging import Image
from jlabel.registry import ModelVersion
from jlabel.tasks import InferRequest, InferTask


class Steps(torch.nn.Module):
    """Two structures and the background: one is likely where the input is above 0.5, the other above 1.5."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([torch.zeros_like(x), (x - 0.5) * 4, (x - 1.5) * 8], dim=1)


class TwoStructures(InferTask):
    def pre_transforms(self, data):
        return [LoadImaged("image"), EnsureChannelFirstd("image")]

    def inferer(self, data):
        return SimpleInferer()

    def post_transforms(self, data):
        return [AsDiscreted(keys="pred", argmax=True)]


class Turned(TwoStructures):
    def pre_transforms(self, data):
        turn = Orientationd(keys="image", axcodes="RAS", labels=None)
        return [*super().pre_transforms(data), turn, Spacingd(keys="image", pixdim=(0.5, 0.5, 0.5))]


def blocks(affine=None) -> Image:
    array = np.zeros((12, 10, 8), np.float32)
    array[2:6, 2:8, 1:5], array[7:10, 2:8, 1:5] = 1, 3
    return Image(array, np.eye(4) if affine is None else affine)


def request(image: Image, **more) -> InferRequest:
    return InferRequest(image=image, image_id="case", labels={"large": 1, "bright": 2}, **more)


def task(kind=TwoStructures) -> TwoStructures:
    return kind(network=Steps(), labels=["large", "bright"])


def test_they_come_for_each_label_in_the_images_grid():
    image = blocks()
    result = task()(request(image, probabilities=True))
    assert result.classes == ("large", "bright")
    assert result.probabilities.shape == (2, 12, 10, 8)
    assert result.probabilities.dtype == np.float16
    wanted = torch.softmax(Steps()(torch.from_numpy(image.array)[None, None]), dim=1)[0, 1:]
    np.testing.assert_allclose(result.probabilities, wanted.numpy(), atol=1e-3)


def test_they_are_only_made_where_they_are_asked_for():
    plain = task()(request(blocks()))
    assert (plain.probabilities, plain.classes) == (None, ())
    assert "probabilities" not in plain.latencies
    asked = task()(request(blocks(), probabilities=True))
    np.testing.assert_array_equal(asked.mask, plain.mask)


@pytest.mark.parametrize("codes", ["RAS", "PIR", "SAL"])
def test_they_come_back_from_a_turned_and_finer_grid(codes):
    turn = nib.orientations.inv_ornt_aff(nib.orientations.axcodes2ornt(tuple(codes)), (12, 10, 8))
    image = blocks(turn)
    result = task(Turned)(request(image, probabilities=True))
    likeliest = np.where(result.probabilities.max(axis=0) > 0.5, result.probabilities.argmax(axis=0) + 1, 0)
    wanted = np.digitize(image.array, [0.5, 2])
    assert result.probabilities.shape == (2, *image.shape)
    assert (likeliest != wanted).mean() < 0.05


def test_a_label_that_the_app_has_no_more_has_none(monkeypatch):
    learnt = task()
    version = ModelVersion("model", 3, labels={"large": 1, "bright": 2})
    monkeypatch.setattr(learnt, "version_in_use", lambda: version)
    monkeypatch.setattr(learnt, "load_version", lambda device, version: Steps())
    result = learnt(InferRequest(blocks(), "case", labels={"bright": 7}, probabilities=True))
    assert result.classes == ("bright",)
    assert result.probabilities.shape == (1, 12, 10, 8)


@pytest.mark.parametrize("network", [None, torch.nn.Identity()], ids=["no network", "one channel for two labels"])
def test_a_task_that_has_none_says_so_with_none(network):
    class Other(TwoStructures):
        def inferer(self, data):
            if network is not None:
                return SimpleInferer()
            return [lambda data: {**data, "pred": (data["image"] > 0.5).float()}]

        def post_transforms(self, data):
            return [lambda data: {**data, "pred": (data["pred"] > 0.5)}]

    result = Other(network=network, labels=["large", "bright"])(request(blocks(), probabilities=True))
    assert (result.probabilities, result.classes) == (None, ())
    assert result.mask.any()


def test_an_author_may_say_how_they_are_made():
    class Own(TwoStructures):
        def class_probabilities(self, data, outputs):
            shares = torch.tensor([0.5, 0.25, 0.25])
            return shares[:, None, None, None].expand(3, *outputs.shape[1:])

    result = task(Own)(request(blocks(), probabilities=True))
    assert np.unique(result.probabilities).tolist() == [0.25]
