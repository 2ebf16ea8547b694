"""The click network's architecture: its weights and its answers are those of MONAI's DynUNet."""

from __future__ import annotations

import pytest
import torch
from monai.networks.nets import DynUNet

from jlabel.click.network import DESIGNS
from jlabel.click.unet import ResidualUNet
from jlabel.tasks.weights import load_weights
from jlabel.training.checkpoints import export_weights

SHIPPED = [(d.dimension, d.channels, d.features) for d in DESIGNS.values()]
# A first and a second stage with as many features as the input has channels, a stage more and a stage less.
OTHERS = [(2, 6, (6, 6, 8)), (3, 4, (4, 4, 8, 8)), (2, 3, (4, 6, 8, 10, 12, 14))]


def dynunet(dimension: int, channels: int, features: tuple[int, ...]) -> DynUNet:
    """MONAI's network of the same shape."""
    stages = len(features)
    return DynUNet(
        spatial_dims=dimension,
        in_channels=channels,
        out_channels=1,
        kernel_size=[3] * stages,
        strides=[1] + [2] * (stages - 1),
        upsample_kernel_size=[2] * (stages - 1),
        filters=features,
        norm_name=("instance", {"affine": True}),
        res_block=True,
    )


@pytest.fixture(params=SHIPPED + OTHERS, ids=str)
def shape(request):
    """Dimension, channels and features of a network."""
    return request.param


@pytest.fixture
def pair(shape):
    """MONAI's network and ours, with the same random weights in norms and biases too."""
    theirs, ours = dynunet(*shape), ResidualUNet(*shape)
    for parameter in theirs.parameters():
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, 1.0, 0.3)
    ours.load_state_dict(theirs.state_dict())
    return theirs, ours


@pytest.fixture
def image(shape):
    """Two random images, twice as large as they must be along the last axis."""
    dimension, channels, features = shape
    edge = 2 ** len(features)
    return torch.randn(2, channels, *(edge,) * (dimension - 1), 2 * edge)


def test_weights_have_the_same_names_order_and_shapes(shape):
    theirs, ours = dynunet(*shape), ResidualUNet(*shape)
    for named in (lambda n: n.state_dict().items(), lambda n: n.named_parameters()):
        assert [(name, w.shape) for name, w in named(ours)] == [(name, w.shape) for name, w in named(theirs)]
    assert list(ours.named_buffers()) == []


@pytest.mark.parametrize("training", [True, False])
def test_answers_and_gradients_are_the_same(pair, image, training):
    answers, gradients = [], []
    for network in pair:
        answer = network.train(training)(image)
        answer.square().mean().backward()
        answers.append(answer)
        gradients.append({name: parameter.grad for name, parameter in network.named_parameters()})
    torch.testing.assert_close(answers[1], answers[0])
    assert answers[0].std() > 0.01
    torch.testing.assert_close(gradients[1], gradients[0])


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_a_file_of_one_network_is_a_file_of_the_other(shape, tmp_path, suffix):
    """What a project published before stays its model, and other programs read what it publishes now."""
    file = tmp_path / f"model{suffix}"
    for writer, reader in [(dynunet(*shape), ResidualUNet(*shape)), (ResidualUNet(*shape), dynunet(*shape))]:
        export_weights(writer, file)
        load_weights(reader, file)
        written = dict(writer.named_parameters())
        assert all(torch.equal(parameter, written[name]) for name, parameter in reader.named_parameters())


@pytest.mark.parametrize("shape", SHIPPED, ids=str)
def test_first_weights_are_drawn_in_the_same_way(shape):
    theirs, ours = dict(dynunet(*shape).named_parameters()), dict(ResidualUNet(*shape).named_parameters())
    for name, weight in ours.items():
        if weight.ndim == 1:
            assert torch.equal(weight, theirs[name]), name
        elif weight.numel() > 1000:
            assert weight.std().item() == pytest.approx(theirs[name].std().item(), rel=0.15), name
            assert abs(weight.mean().item()) < 0.15 * weight.std().item(), name
