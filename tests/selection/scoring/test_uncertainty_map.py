from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.transforms import EnsureChannelFirstd, LoadImaged, Orientationd, Spacingd

from jlabel.errors import Cancelled
from jlabel.imaging import Image
from jlabel.selection.scoring.measures import entropy
from jlabel.selection.scoring.uncertainty_map import uncertainty_map
from jlabel.tasks import InferRequest
from tests.selection.scoring.conftest import LABELS, SHAPE, Contrast, ContrastTask, volume


class Turned(ContrastTask):
    def pre_transforms(self, data):
        return [
            LoadImaged("image"),
            EnsureChannelFirstd("image"),
            Orientationd("image", axcodes="RAS", labels=None),
            Spacingd("image", pixdim=(0.5, 0.5, 0.5)),
        ]


def image(codes: str = "RAS") -> Image:
    turn = nib.orientations.inv_ornt_aff(nib.orientations.axcodes2ornt(tuple(codes)), SHAPE)
    return Image(volume(0, noise=0), turn)


def wanted(picture: Image) -> np.ndarray:
    logits = Contrast().eval()(torch.from_numpy(picture.array)[None, None])[0]
    return entropy(torch.softmax(logits, dim=0)).detach().numpy()


def test_it_is_the_entropy_of_each_voxel_of_the_image():
    found = uncertainty_map(ContrastTask(network=Contrast(), labels=LABELS), InferRequest(image(), "case"))
    assert (found.shape, found.dtype) == (SHAPE, np.float16)
    np.testing.assert_allclose(found, wanted(image()), atol=2e-3)


@pytest.mark.parametrize("codes", ["LPS", "PIR"])
def test_it_comes_back_from_a_turned_and_finer_grid(codes):
    found = uncertainty_map(Turned(network=Contrast(), labels=LABELS), InferRequest(image(codes), "case"))
    assert found.shape == SHAPE
    assert np.abs(found - wanted(image(codes))).mean() < 0.05
    assert 0 <= found.min() <= found.max() <= 1


def test_a_model_without_probabilities_has_none():
    request = InferRequest(image(), "case")
    assert uncertainty_map(ContrastTask(network=torch.nn.Identity(), labels=LABELS), request) is None
    assert uncertainty_map(ContrastTask(labels=LABELS), request) is None


def test_it_stops_when_nobody_waits():
    request = InferRequest(image(), "case", cancelled=lambda: True)
    with pytest.raises(Cancelled):
        uncertainty_map(ContrastTask(network=Contrast(), labels=LABELS), request)
