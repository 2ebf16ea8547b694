"""DeepGrow on given weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from jlabel.deepgrow import DeepGrow2D, DeepGrow3D
from jlabel.errors import PromptError, TaskError
from jlabel.imaging.image import Image
from jlabel.prompts.prompt import Box, Click


class BrightNearClicks(torch.nn.Module):
    """Foreground where the image is above its mean, or at a positive click; never at a negative one."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        make = torch.nn.Conv2d if dimension == 2 else torch.nn.Conv3d
        self.mix = make(3, 1, 1)
        with torch.no_grad():
            self.mix.weight.copy_(torch.tensor([1.0, 20.0, -20.0]).reshape(self.mix.weight.shape))
            self.mix.bias.zero_()
        self.seen: list[tuple[int, ...]] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen.append(tuple(x.shape))
        return self.mix(x)


def test_2d_in_a_slice_of_a_volume(ball, picture, ask):
    truth = ball((40, 50, 12), (20, 25, 6), 8)
    network = BrightNearClicks(2)
    task = DeepGrow2D(network=network, roi_size=(32, 32))
    result = task(ask(picture(truth, noise=1), Click((20, 25, 6)), Click((6, 40, 6), False)))
    assert network.seen == [(1, 3, 32, 32)]
    assert result.region.shape == (32, 32, 1)
    inside = result.mask[:, :, 6] > 0
    assert inside[truth[:, :, 6]].all()
    assert not np.delete(result.mask, 6, axis=2).any()
    assert set(result.latencies) >= {"pre", "inferer", "post", "total"}


def test_2d_across_another_axis(ball, picture, ask):
    truth = ball((12, 40, 40), (6, 20, 20), 5)
    result = DeepGrow2D(network=BrightNearClicks(2), roi_size=(24, 24))(ask(picture(truth), Click((6, 20, 20)), axis=0))
    assert result.region.shape == (1, 24, 24)


def test_3d(ball, picture, ask):
    truth = ball((30, 30, 30), (15, 15, 15), 7)
    network = BrightNearClicks(3)
    result = DeepGrow3D(network=network, roi_size=(24, 24, 16))(ask(picture(truth, noise=1), Click((15, 15, 15))))
    assert network.seen == [(1, 3, 24, 24, 16)]
    assert (result.mask > 0)[truth].mean() > 0.95


def test_a_small_picture_is_resized_there_and_back(ball, picture, ask):
    disc = ball((20, 26), (10, 13), 5)
    network = BrightNearClicks(2)
    result = DeepGrow2D(network=network, roi_size=(64, 64))(ask(picture(disc, noise=1), Click((10, 13))))
    assert network.seen == [(1, 3, 64, 64)]
    overlap = 2 * ((result.mask > 0) & disc).sum() / ((result.mask > 0).sum() + disc.sum())
    assert overlap > 0.85


def test_clicks_that_lie_far_apart_widen_the_region(ball, picture, ask):
    image = picture(ball((100, 100), (50, 50), 40))
    result = DeepGrow2D(network=BrightNearClicks(2), roi_size=(32, 32))(ask(image, Click((20, 20)), Click((80, 80))))
    assert result.region.shape[0] > 61


def test_a_colour_picture(ball, ask):
    disc = ball((32, 32), (16, 16), 8)
    rgb = np.repeat((disc * 200).astype(np.uint8)[..., None], 3, axis=2)
    image = Image(rgb, np.eye(4), channels="rgb", oriented=False)
    result = DeepGrow2D(network=BrightNearClicks(2), roi_size=(32, 32))(ask(image, Click((16, 16))))
    assert (result.mask > 0)[disc].all()


@pytest.mark.parametrize("kind", ["pt", "safetensors"])
def test_weights_come_from_a_file(tmp_path, ball, picture, ask, kind):
    path = tmp_path / f"weights.{kind}"
    state = BrightNearClicks(2).state_dict()
    save_file(state, path) if kind == "safetensors" else torch.save({"model": state}, path)
    network = BrightNearClicks(2)
    with torch.no_grad():
        network.mix.weight.zero_()
    disc = ball((32, 32), (16, 16), 8)
    task = DeepGrow2D(path, network, roi_size=(32, 32))
    assert task.is_valid()
    assert (task(ask(picture(disc, noise=1), Click((16, 16)))).mask > 0)[disc].all()


def test_the_default_network_runs_on_its_own_weights(tmp_path, ball, picture, ask):
    from monai.networks.nets import BasicUNet

    torch.manual_seed(0)
    path = tmp_path / "unet.pt"
    torch.save(BasicUNet(2, in_channels=3, out_channels=1, features=(32, 32, 64, 128, 256, 32)).state_dict(), path)
    image = picture(ball((40, 40), (20, 20), 8))
    one, again = (DeepGrow2D(path, roi_size=(32, 32))(ask(image, Click((20, 20)))).mask for _ in range(2))
    np.testing.assert_array_equal(one, again)


def test_without_weights_it_says_so(tmp_path, ball, picture, ask):
    image = picture(ball((40, 40), (20, 20), 8))
    for task in (DeepGrow2D(tmp_path / "none.pt"), DeepGrow2D()):
        assert not task.is_valid()
        assert not task.info()["valid"]
        with pytest.raises(TaskError, match="needs a file of weights"):
            task(ask(image, Click((20, 20))))


def test_what_it_cannot_do_is_refused(ball, picture, ask):
    image = picture(ball((40, 40), (20, 20), 8))
    with pytest.raises(TaskError, match="works on 3D images"):
        DeepGrow3D(network=BrightNearClicks(3), roi_size=(8, 8, 8))(ask(image, Click((20, 20))))
    with pytest.raises(PromptError, match="not a box"):
        DeepGrow2D(network=BrightNearClicks(2))(ask(image, Box((2, 2), (9, 9))))
    with pytest.raises(TaskError, match="roi_size"):
        DeepGrow2D(roi_size=(8, 8, 8))
    with pytest.raises(TaskError, match="failed on input"):
        DeepGrow2D(network=torch.nn.Conv2d(5, 1, 1), roi_size=(8, 8))(ask(image, Click((20, 20))))


def test_voxels_that_are_no_number_do_not_spread(ball, picture, ask):
    disc = ball((32, 32), (16, 16), 8)
    values = picture(disc, noise=1).array.copy()
    values[2, 2] = np.nan
    request = replace(ask(picture(disc), Click((16, 16))), image=Image(values, np.eye(4)))
    assert (DeepGrow2D(network=BrightNearClicks(2), roi_size=(32, 32))(request).mask > 0)[disc].all()
