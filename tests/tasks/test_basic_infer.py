"""An infer task that is given its parts."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import torch
from monai.inferers import SimpleInferer
from monai.transforms import Activationsd, AsDiscreted, Compose, EnsureChannelFirstd, LoadImaged, Orientationd, Spacingd

import jlabel
from jlabel.tasks.basic_infer import BasicInferTask


class _Bright(torch.nn.Module):
    """Two channels: the more likely one is 1 where the image is bright."""

    def __init__(self) -> None:
        super().__init__()
        self.low = torch.nn.Parameter(torch.tensor(0.5))
        self.shapes: list[tuple[int, ...]] = []

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        self.shapes.append(tuple(image.shape[2:]))
        return torch.cat([self.low.expand_as(image), image], 1)


def _image(turned: bool = False) -> jlabel.Image:
    voxels = np.zeros((12, 10, 8), np.float32)
    voxels[3:9, 2:6, 1:7] = 1
    affine = np.diag([-2.0, 1.0, 3.0, 1.0]) if turned else np.eye(4)
    return jlabel.Image(voxels, affine)


def _pre() -> list[Any]:
    return [LoadImaged("image"), EnsureChannelFirstd("image")]


POST = [Activationsd("pred", softmax=True), AsDiscreted("pred", argmax=True)]


def _mask(task: BasicInferTask, image: jlabel.Image | None = None) -> np.ndarray:
    request = jlabel.InferRequest(_image() if image is None else image, "case", labels={"liver": 3})
    return task(request).mask


def test_it_makes_a_mask_with_the_values_of_the_app() -> None:
    network = _Bright()
    mask = _mask(BasicInferTask(_pre(), POST, network, labels=["liver"]))
    assert (mask == 3 * (_image().array > 0.5)).all()
    assert network.shapes == [(12, 10, 8)]


@pytest.mark.parametrize(("roi_size", "window"), [((4, 4, 4), (4, 4, 4)), ([4, 5, 8], (4, 5, 8)), (4, (4, 4, 4))])
def test_a_window_slides_where_its_size_is_given(roi_size: Any, window: tuple[int, ...]) -> None:
    network = _Bright()
    mask = _mask(BasicInferTask(_pre(), POST, network, labels=["liver"], roi_size=roi_size))
    assert (mask == 3 * (_image().array > 0.5)).all()
    assert set(network.shapes) == {window}


def test_an_inferer_of_the_authors_own() -> None:
    task = BasicInferTask(_pre(), POST, _Bright(), labels=["liver"], inferer=SimpleInferer())
    assert _mask(task).max() == 3


@pytest.mark.parametrize("inverse", [None, []])
def test_the_mask_comes_back_to_the_images_grid(inverse: Any) -> None:
    pre = Compose([*_pre(), Orientationd("image", "RAS"), Spacingd("image", (2.0, 2.0, 2.0), mode="bilinear")])
    post = [AsDiscreted("pred", argmax=True)]
    task = BasicInferTask(pre, post, _Bright(), labels=["liver"], inverse_transforms=inverse)
    image = _image(turned=True)
    mask = _mask(task, image)
    assert mask.shape == image.shape
    truth = image.array > 0.5
    assert 2 * (truth & (mask > 0)).sum() / (truth.sum() + (mask > 0).sum()) > 0.8


def test_without_a_network_transforms_make_the_mask() -> None:
    task = BasicInferTask(_pre(), [], labels=["liver"], inferer=[lambda data: {**data, "pred": data["image"] > 0.5}])
    assert _mask(task).max() == 3


def test_it_goes_to_another_process() -> None:
    task = pickle.loads(pickle.dumps(BasicInferTask(_pre(), POST, _Bright(), labels=["liver"], roi_size=8)))
    assert _mask(task).max() == 3


def test_it_may_be_kept_off_a_gpu() -> None:
    assert BasicInferTask(_pre(), POST, _Bright(), device="cpu").cpu_only
    assert not BasicInferTask(_pre(), POST, _Bright()).cpu_only
    with pytest.raises(jlabel.TaskError, match="the device of a task is 'auto' or 'cpu', not 'cuda:1'"):
        BasicInferTask(_pre(), POST, _Bright(), device="cuda:1")


def test_what_does_not_fit_together_is_told() -> None:
    with pytest.raises(jlabel.TaskError, match="give either roi_size"):
        BasicInferTask(_pre(), POST, _Bright(), roi_size=4, inferer=SimpleInferer())
    with pytest.raises(jlabel.TaskError, match="give a network"):
        BasicInferTask(_pre(), POST)
