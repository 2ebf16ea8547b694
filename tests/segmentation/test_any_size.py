"""U-Nets for input of any size."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from monai.networks.nets import BasicUNet, UNet

from jlabel.segmentation.any_size import AnySizeBasicUNet, AnySizeUNet, padding
from jlabel.segmentation.network import make_network
from jlabel.segmentation.plan import Fingerprint, make_plan

STRIDES = st.lists(st.tuples(*[st.integers(1, 3)] * 3), min_size=1, max_size=3)


def unet(cls, strides, dimension):
    torch.manual_seed(0)
    channels = [2 * (stage + 1) for stage in range(len(strides) + 1)]
    return cls(
        spatial_dims=dimension,
        in_channels=1,
        out_channels=2,
        channels=channels,
        strides=[stride[:dimension] for stride in strides],
        num_res_units=1,
        norm="INSTANCE",
    )


@settings(max_examples=60, deadline=None)
@given(STRIDES, st.integers(2, 3), st.data(), st.booleans())
def test_every_size_has_an_answer_of_its_own_size(strides, dimension, data, training):
    shape = data.draw(st.lists(st.integers(1, 19), min_size=dimension, max_size=dimension))
    network = unet(AnySizeUNet, strides, dimension).train(training)
    answer = network(torch.randn(1, 1, *shape))
    assert answer.shape == (1, 2, *shape)
    assert torch.isfinite(answer).all()
    if training:
        answer.sum().backward()


@pytest.mark.parametrize("shape", [(1, 1), (3, 8), (16, 16), (17, 33), (250, 31)])
def test_the_basic_u_net_too(shape):
    network = AnySizeBasicUNet(2, 1, 1, features=(2, 2, 2, 2, 2, 2)).eval()
    assert network(torch.randn(1, 1, *shape)).shape == (1, 1, *shape)


@pytest.mark.parametrize(
    ("shape", "divisors", "added"),
    [
        ((256, 256), (16, 16), [0, 0]),
        ((225, 257), (16, 16), [15, 15]),
        ((1, 1, 1), (4, 4, 2), [3, 3, 3]),
        ((5, 9), (1, 1), [0, 0]),
        ((1,), (1,), [1]),
    ],
)
def test_what_is_appended(shape, divisors, added):
    assert padding(shape, divisors) == added


def test_it_is_the_very_network_of_monai_where_nothing_is_to_be_padded():
    strides = [(2, 2, 1), (2, 2, 2)]
    ours, theirs = unet(AnySizeUNet, strides, 3).eval(), unet(UNet, strides, 3).eval()
    ours.load_state_dict(theirs.state_dict())
    image = torch.randn(1, 1, 8, 12, 4)
    assert torch.equal(ours(image), theirs(image))
    assert list(AnySizeBasicUNet(2, 1, 1).state_dict()) == list(BasicUNet(2, 1, 1).state_dict())


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=3, max_size=3), st.lists(st.integers(1, 41), min_size=3, max_size=3))
def test_the_network_that_was_planned_for_one_image_takes_every_other(planned, other):
    plan = make_plan([Fingerprint(tuple(planned), (1.0, 1.0, 3.0), float("nan"), 1.0)], 16**3, features=2)
    assert make_network(plan, 2).train()(torch.randn(1, 1, *other)).shape == (1, 2, *other)
    flat = make_network(plan, 1, plan.colours + 2, 2)
    assert flat(torch.randn(1, 3, *other[:2])).shape == (1, 1, *other[:2])
