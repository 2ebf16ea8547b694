from __future__ import annotations

from collections import Counter

import pytest
import torch
from monai.networks.nets import BasicUNet, UNet

from jlabel.segmentation.any_size import AnySizeBasicUNet, AnySizeUNet
from jlabel.selection.scoring.dropout import active_dropout, batch_sizes, dropout_modules, dropout_passes

SEED, COUNT = 3, 4


class InPlace(torch.nn.Module):
    """Writes into what comes before its dropout, in three ways."""

    def __init__(self) -> None:
        super().__init__()
        self.first = torch.nn.Conv2d(1, 4, 3, padding=1)
        self.norm = torch.nn.InstanceNorm2d(4)
        self.relu = torch.nn.ReLU(inplace=True)
        self.drop = torch.nn.Dropout(0.5, inplace=True)
        self.last = torch.nn.Conv2d(4, 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.relu(self.norm(self.first(x)))
        x = self.drop(x)
        x += 1
        return self.last(x)


class Shared(torch.nn.Module):
    """Runs one module before and after the dropout, and one twice before it."""

    def __init__(self) -> None:
        super().__init__()
        self.twice = torch.nn.Conv2d(1, 1, 3, padding=1)
        self.before = torch.nn.Sequential(torch.nn.Conv2d(1, 1, 3, padding=1), torch.nn.PReLU())
        self.drop = torch.nn.Dropout(0.3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.before(self.twice(self.twice(x)))
        return torch.cat([self.twice(self.drop(x)), x], dim=1)


class Several(torch.nn.Module):
    """A module before the dropout gives two tensors; what is between modules is plain torch."""

    class Pair(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = torch.nn.Conv2d(1, 4, 3, padding=1)

        def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
            return list(self.conv(x).chunk(2, dim=1))

    def __init__(self) -> None:
        super().__init__()
        self.pair, self.drop = self.Pair(), torch.nn.Dropout2d(0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first, second = self.pair(x)
        return self.drop(torch.sigmoid(first)) * second


def unet(kind: type = UNet, dimension: int = 3, dropout: float = 0.3, **more) -> torch.nn.Module:
    return kind(dimension, 1, 3, channels=(4, 8, 8), strides=(2, 2), num_res_units=2, dropout=dropout, **more)


def without_first_stage(network: torch.nn.Module) -> torch.nn.Module:
    for module in [*network.model[0].modules(), *network.model[2].modules()]:
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return network


NETWORKS = {
    "UNet": lambda: unet(),
    "UNet from the second stage": lambda: without_first_stage(unet()),
    "UNet with batch norm": lambda: unet(norm="BATCH"),
    "AnySizeUNet": lambda: unet(AnySizeUNet),
    "BasicUNet": lambda: BasicUNet(3, 1, 2, features=(4, 4, 8, 8, 8, 4), dropout=0.2),
    "AnySizeBasicUNet": lambda: AnySizeBasicUNet(3, 1, 2, features=(4, 4, 8, 8, 8, 4), dropout=0.2),
    "in place": InPlace,
    "shared": Shared,
    "several": Several,
}


def batch_for(name: str) -> torch.Tensor:
    shape = (1, 1, 32, 16, 16) if "UNet" in name else (1, 1, 12, 10)
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def plain_passes(network: torch.nn.Module, batch: torch.Tensor) -> list[torch.Tensor]:
    found = []
    with torch.no_grad(), active_dropout(network), torch.random.fork_rng(devices=[]):
        for number, size in enumerate([1, COUNT - 1]):
            torch.manual_seed(SEED + number)
            found += network(batch.repeat(size, *[1] * (batch.ndim - 1))).split(1)
    return found


@pytest.mark.parametrize("name", NETWORKS)
def test_the_passes_are_those_of_the_whole_network(name):
    torch.manual_seed(0)
    network, batch = NETWORKS[name]().eval(), batch_for(name)
    found = list(dropout_passes(network, batch, COUNT, SEED))
    for one, other in zip(found, plain_passes(network, batch), strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)
    assert all(not torch.allclose(found[0], other, atol=1e-2) for other in found[1:])


def test_a_pass_of_a_large_window_is_alone():
    small, large = torch.zeros(1, 3, 64, 64, 32), torch.zeros(1, 1, 1, 1, 1).expand(1, 3, 160, 128, 128)
    assert (batch_sizes(small, 4), batch_sizes(large, 4), batch_sizes(small, 40)) == ([4], [1] * 4, [16, 16, 8])


def test_what_comes_before_the_first_dropout_runs_once():
    network = without_first_stage(unet()).eval()
    runs: Counter[str] = Counter()
    for name, module in network.named_modules():
        if isinstance(module, torch.nn.Conv3d | torch.nn.ConvTranspose3d):
            forward = module.forward
            module.forward = lambda *given, name=name, forward=forward: (runs.update([name]), forward(*given))[1]
    list(dropout_passes(network, batch_for("UNet"), COUNT, SEED))
    stage = [count for name, count in runs.items() if name.startswith("model.0.")]
    later = [count for name, count in runs.items() if name.startswith("model.2.")]
    assert set(stage) == {1}
    assert set(later) == {2}  # the first pass, and the others as one batch


def test_the_network_is_afterwards_as_it_was():
    network, batch = unet(norm="BATCH").eval(), batch_for("UNet")
    state = {name: value.clone() for name, value in network.state_dict().items()}
    before, generator = network(batch), torch.random.get_rng_state()
    list(dropout_passes(network, batch, COUNT, SEED))
    assert torch.equal(torch.random.get_rng_state(), generator)
    assert not any(module.training for module in network.modules())
    assert not any("forward" in vars(module) or module._forward_hooks for module in network.modules())
    assert all(torch.equal(state[name], value) for name, value in network.state_dict().items())
    assert torch.equal(network(batch), before)


def test_a_pass_that_is_given_up_leaves_the_network_as_it_was():
    network, batch = unet().eval(), batch_for("UNet")
    passes = dropout_passes(network, batch, COUNT, SEED)
    next(passes), next(passes)
    passes.close()
    assert not any(module.training or "forward" in vars(module) for module in network.modules())


def test_a_network_that_fails_leaves_it_as_it_was():
    network = unet().eval()
    with pytest.raises(RuntimeError):
        list(dropout_passes(network, torch.zeros(1, 2, 16, 16, 16), COUNT, SEED))
    assert not any(module.training or module._forward_hooks for module in network.modules())


def test_dropout_of_nothing_is_none():
    assert dropout_modules(unet(dropout=0.0)) == []
    assert len(dropout_modules(unet())) > 0
