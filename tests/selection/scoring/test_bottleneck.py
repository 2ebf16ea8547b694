from __future__ import annotations

import numpy as np
import torch
from monai.networks.nets import BasicUNet, UNet

from jlabel.selection.scoring.bottleneck import Bottleneck
from jlabel.selection.scoring.dropout import dropout_passes


def heard(network: torch.nn.Module, *batches: torch.Tensor) -> np.ndarray | None:
    bottleneck = Bottleneck(network.eval())
    with torch.no_grad(), bottleneck.listening():
        for batch in batches:
            network(batch)
    return bottleneck.features


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(1, 1, *shape, generator=torch.Generator().manual_seed(seed))


def test_it_is_the_end_of_the_deepest_stage_averaged_over_space():
    network, batch = BasicUNet(3, 1, 2, features=(4, 4, 6, 6, 10, 4)).eval(), noise(32, 32, 16)
    kept = []
    handle = network.down_4.register_forward_hook(lambda _, __, output: kept.append(output))
    found = heard(network, batch)
    handle.remove()
    np.testing.assert_allclose(found, kept[0].detach()[0].mean(dim=(1, 2, 3)), atol=2e-3)
    assert found.dtype == np.float16


def test_images_of_other_sizes_have_features_of_the_same_length():
    network = UNet(3, 1, 2, channels=(4, 8, 16), strides=(2, 2), norm="BATCH")
    bottleneck = Bottleneck(network.eval())
    lengths = []
    for shape in ((16, 16, 16), (32, 16, 16), (8, 8, 8), (4, 4, 4)):
        bottleneck.clear()
        with torch.no_grad(), bottleneck.listening():
            network(noise(*shape))
        lengths.append(len(bottleneck.features))
    assert len(set(lengths)) == 1


def test_parts_count_by_their_size():
    network = torch.nn.Sequential(torch.nn.Conv2d(1, 3, 2, stride=2))
    small, large = noise(8, 8), noise(16, 8, seed=1)
    each = [heard(network, batch).astype(float) for batch in (small, large)]
    np.testing.assert_allclose(heard(network, small, large), (each[0] + 2 * each[1]) / 3, atol=2e-3)


def test_pooling_over_the_whole_image_is_no_bottleneck():
    class Attending(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.deep = torch.nn.Conv2d(1, 5, 2, stride=2)
            self.pool, self.weigh = torch.nn.AdaptiveAvgPool2d(1), torch.nn.Conv2d(5, 5, 1)
            self.up = torch.nn.ConvTranspose2d(5, 2, 2, stride=2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.deep(x)
            return self.up(x * self.weigh(self.pool(x)).sigmoid())

    network, batch = Attending(), noise(8, 8)
    np.testing.assert_allclose(heard(network, batch), network.deep(batch).detach().mean(dim=(0, 2, 3)), atol=2e-3)


def test_it_hears_every_pass_with_dropout():
    network = UNet(3, 1, 2, channels=(4, 8, 16), strides=(2, 2), dropout=0.5).eval()
    bottleneck = Bottleneck(network)
    with bottleneck.listening():
        list(dropout_passes(network, noise(16, 16, 16), 3, 1))
    assert np.isfinite(bottleneck.features).all()
    with torch.no_grad(), bottleneck.listening():
        network(noise(16, 16, 16))
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())


def test_without_a_forward_there_are_no_features():
    assert heard(torch.nn.Conv2d(1, 1, 1)) is None
