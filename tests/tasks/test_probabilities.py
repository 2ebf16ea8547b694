from __future__ import annotations

import pytest
import torch
from monai.transforms import Activationsd, AsDiscreted

from jlabel.tasks.probabilities import class_probabilities

LOGITS = torch.randn(3, 4, 5, generator=torch.Generator().manual_seed(0)) * 3


def test_a_channel_for_each_class_and_the_background_goes_through_the_softmax():
    found = class_probabilities(LOGITS, classes=2)
    torch.testing.assert_close(found, torch.softmax(LOGITS, dim=0))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_channels_that_add_up_to_one_are_probabilities_already(dtype):
    given = torch.softmax(LOGITS, dim=0).to(dtype)
    torch.testing.assert_close(class_probabilities(given, classes=2), given.float())


def test_a_single_channel_goes_through_the_sigmoid_and_the_background_is_the_rest():
    found = class_probabilities(LOGITS[:1], classes=1)
    torch.testing.assert_close(found[1], torch.sigmoid(LOGITS[0]))
    torch.testing.assert_close(found.sum(dim=0), torch.ones(4, 5))


def test_a_channel_that_is_compared_with_a_probability_is_one_already():
    sure = torch.tensor([[[0.2, 0.9]]])
    found = class_probabilities(sure, classes=1, post=[AsDiscreted("pred", threshold=0.5)])
    torch.testing.assert_close(found[1], sure[0])
    logits = class_probabilities(
        sure, classes=1, post=[Activationsd("pred", sigmoid=True), AsDiscreted("pred", threshold=0.5)]
    )
    torch.testing.assert_close(logits[1], torch.sigmoid(sure[0]))
    of_logits = class_probabilities(sure, classes=1, post=[AsDiscreted("pred", threshold=0.0)])
    torch.testing.assert_close(of_logits[1], torch.sigmoid(sure[0]))


def test_independent_channels_leave_to_the_background_what_the_likeliest_leaves():
    logits = torch.tensor([[[8.0, -8.0, 0.0]], [[-8.0, -8.0, 0.0]]])
    found = class_probabilities(logits, classes=2)
    assert found.shape == (3, 1, 3)
    torch.testing.assert_close(found.sum(dim=0), torch.ones(1, 3))
    assert found.argmax(dim=0)[0, :2].tolist() == [1, 0]
    torch.testing.assert_close(found[:, 0, 2], torch.full((3,), 1 / 3))


@pytest.mark.parametrize(
    ("outputs", "classes"),
    [(torch.ones(1, 4, 5, dtype=torch.uint8), 1), (torch.ones(4, 4, 5), 2), (torch.ones(1, 4, 5), 0)],
    ids=["class indices", "other channels", "no class"],
)
def test_what_has_no_channel_for_each_class_has_no_probabilities(outputs, classes):
    assert class_probabilities(outputs, classes) is None
