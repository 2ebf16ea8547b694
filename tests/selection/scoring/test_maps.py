from __future__ import annotations

import numpy as np
import pytest
import torch
from monai.inferers import SlidingWindowInferer

from jlabel.imaging import Image
from jlabel.selection.scoring.maps import NoProbabilitiesError, make_maps
from jlabel.selection.scoring.measures import entropy, predictive_entropy
from jlabel.selection.scoring.passes import OnePass
from jlabel.tasks import InferRequest, pipeline
from tests.selection.scoring.conftest import LABELS, SHAPE, Contrast, ContrastTask, volume


class Windows(ContrastTask):
    def inferer(self, data):
        return SlidingWindowInferer((8, 8, 8))


def maps(task: ContrastTask, array: np.ndarray):
    given = pipeline.prepare(task, InferRequest(Image(array, np.eye(4)), "case"), None)
    return make_maps(task, given, OnePass(task.network), predictive_entropy, "cpu")


@pytest.mark.parametrize("kind", [ContrastTask, Windows])
def test_what_is_kept_is_what_the_probabilities_say(kind):
    network = Contrast().eval()
    found = maps(kind(network=network, labels=LABELS), volume(1))
    sure = torch.softmax(network(torch.from_numpy(volume(1))[None, None])[0], dim=0).detach()
    np.testing.assert_allclose(found.uncertainty, entropy(sure), atol=1e-3)
    np.testing.assert_array_equal(found.predicted, sure.argmax(dim=0))
    assert found.uncertainty.shape == SHAPE
    for index in LABELS.values():
        assert found.probability[index] == pytest.approx(
            float(sure[index][sure.argmax(dim=0) == index].mean()), abs=1e-4
        )


def test_a_class_that_is_predicted_nowhere_has_no_probability():
    found = maps(ContrastTask(network=Contrast().eval(), labels=LABELS), np.zeros(SHAPE, np.float32))
    assert found.probability == {}
    assert not found.predicted.any()


def test_what_is_not_a_number_is_told():
    network = Contrast().eval()
    network.sharpness.data.fill_(torch.nan)
    assert maps(ContrastTask(network=network, labels=LABELS), volume(0)).unclear


def test_more_classes_than_a_byte_holds():
    class Many(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.cat([x * 0] * 300 + [x + 1], dim=1)

    labels = {f"label {index}": index for index in range(1, 301)}
    found = maps(ContrastTask(network=Many(), labels=labels), np.ones((4, 4, 4), np.float32))
    assert np.unique(found.predicted).tolist() == [300]


def test_a_model_without_probabilities_is_named():
    with pytest.raises(NoProbabilitiesError, match="ContrastTask gives no probabilities"):
        maps(ContrastTask(network=torch.nn.Identity(), labels=LABELS), volume(0))
