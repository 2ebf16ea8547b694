"""A bundle's network on images of any size."""

from __future__ import annotations

import pytest
import torch
from monai.inferers import SimpleInferer, SlidingWindowInferer
from monai.networks.nets import BasicUNet, UNet

from jlabel.bundles.padding_inferer import PaddingInferer


@pytest.mark.parametrize("shape", [(17, 15), (16, 32), (33, 64), (5, 40)])
@pytest.mark.parametrize("network", [UNet(2, 1, 2, (4, 8, 8), (2, 2)), BasicUNet(2, 1, 2, (4, 4, 4, 4, 4, 4))])
def test_the_answer_has_the_images_size(network: torch.nn.Module, shape: tuple[int, int]) -> None:
    with torch.inference_mode():
        found = PaddingInferer(SimpleInferer(), 1, amp=True)(torch.rand(1, 1, *shape), network.eval())
    assert found.shape == (1, 2, *shape)


def test_what_fits_is_not_padded() -> None:
    batch = torch.rand(1, 1, 32, 32)
    assert PaddingInferer(SimpleInferer(), 16, amp=False)(batch, lambda x: x) is batch


def test_every_output_is_cut() -> None:
    def doubled(batch: torch.Tensor) -> dict[str, torch.Tensor]:
        if batch.shape[-1] % 8:
            raise RuntimeError("Sizes of tensors must match")
        return {"mask": batch, "vector": torch.zeros(1, 3)}

    found = PaddingInferer(SimpleInferer(), 8, amp=False)(torch.rand(1, 1, 5, 6), doubled)
    assert {name: tuple(one.shape) for name, one in found.items()} == {"mask": (1, 1, 5, 6), "vector": (1, 3)}


def test_another_failure_is_told_as_it_is() -> None:
    def fails(batch: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        PaddingInferer(SimpleInferer(), 8, amp=False)(torch.rand(1, 1, 5, 6), fails)
    with pytest.raises(RuntimeError, match="no"):
        PaddingInferer(SlidingWindowInferer((4, 4)), 8, amp=False)(torch.rand(1, 1, 5, 6), fails)
