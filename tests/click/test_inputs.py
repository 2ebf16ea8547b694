"""What a click network sees."""

from __future__ import annotations

import pytest
import torch

from jlabel.click.inputs import matched, network_input, normalise


def empty(*size: int) -> torch.Tensor:
    return torch.zeros(1, 1, *size)


def halves(low: float = 0.0, high: float = 1.0, colours: int = 1) -> torch.Tensor:
    """An image whose upper half is ``low`` and whose lower half is ``high``."""
    image = torch.full((1, colours, 8, 8), low)
    image[:, :, 4:] = high
    return image


@pytest.mark.parametrize("value", [0.0, -1000.0, 3e4])
def test_a_constant_image_is_finite_and_constant(value):
    image = normalise(torch.full((2, 1, 8, 8), value))
    assert torch.isfinite(image).all()
    assert image.min() == image.max()


@pytest.mark.parametrize("shape", [(2, 1, 40, 40), (2, 3, 40, 40), (1, 1, 12, 12, 12)])
def test_intensities_come_to_minus_one_and_one_and_are_cut_off_beyond(shape):
    image = 300 * torch.randn(shape) - 100
    image[0, 0, 0, 0] = 1e6
    scaled = normalise(image)
    assert scaled.abs().max() <= 1.25
    inner = scaled.flatten(1).quantile(torch.tensor([0.005, 0.995]), dim=1)
    assert torch.allclose(inner, torch.tensor([[-1.0], [1.0]]).expand_as(inner), atol=0.1)


def test_each_image_of_a_batch_is_normalised_for_itself():
    image = torch.rand(1, 1, 16, 16)
    both = normalise(torch.cat([image, 50 * image + 7]))
    assert torch.allclose(both[0], both[1], atol=1e-4)


def test_colours_keep_their_order():
    image = torch.rand(1, 3, 16, 16) + torch.tensor([0.0, 2.0, 4.0]).view(1, 3, 1, 1)
    means = normalise(image).mean(dim=(0, 2, 3))
    assert means[0] < means[1] < means[2]


def test_what_is_unknown_does_not_count():
    image, known = torch.rand(1, 1, 16, 16), torch.ones(1, 1, 16, 16)
    wrong = image.clone()
    wrong[..., :4], known[..., :4] = 1000.0, 0
    seen = normalise(wrong, known)[..., 4:]
    assert torch.allclose(seen, normalise(image[..., 4:]), atol=1e-5)
    assert torch.isfinite(normalise(wrong, torch.zeros_like(known))).all()


def test_a_grey_image_is_matched_with_a_sign():
    image, positive = halves(-0.5, 0.5), empty(8, 8)
    positive[..., 1, 1] = 1
    inside = matched(image, positive, empty(8, 8), empty(8, 8))
    assert torch.allclose(inside[..., :4, :], torch.zeros(()))
    assert (inside[..., 4:, :] > 0.9).all()
    other = matched(-image, positive, empty(8, 8), empty(8, 8))
    assert torch.allclose(other, -inside)


def test_colours_are_matched_by_their_distance():
    positive = empty(8, 8)
    positive[..., 1, 1] = 1
    image = halves(0.0, 0.7, colours=3)
    for other in (image, -image):
        far = matched(other, positive, empty(8, 8), empty(8, 8))
        assert torch.allclose(far[..., :4, :], torch.full((), -1.0))
        assert (far[..., 4:, :] > 0.9).all()


def test_without_a_positive_prompt_the_region_says_what_is_meant_then_the_mask_then_all():
    image, nothing = halves(-1.0, 1.0), empty(8, 8)
    low, high = nothing.clone(), nothing.clone()
    low[..., :4, :], high[..., 4:, :] = 1, 1

    def at_zero(*weights: torch.Tensor) -> list[float]:
        found = matched(image, *weights)
        return [round(float(found[0, 0, row, 0].abs()), 1) for row in (0, 7)]

    assert at_zero(low, high, high) == [0, 1]
    assert at_zero(nothing, high, low) == [1, 0]
    assert at_zero(nothing, nothing, low) == [0, 1]
    everything = matched(image, nothing, nothing, nothing)
    assert torch.allclose(everything[..., 0, 0], -everything[..., 7, 0])


def test_each_item_of_a_batch_falls_back_for_itself():
    image, positive, before = halves(-1.0, 1.0).repeat(2, 1, 1, 1), torch.zeros(2, 1, 8, 8), torch.zeros(2, 1, 8, 8)
    positive[0, :, 0, 0], before[:, :, 7, 7] = 1, 1
    found = matched(image, positive, torch.zeros_like(positive), before)
    assert found[0, 0, 0, 0] == 0
    assert found[1, 0, 7, 7] == 0


@pytest.mark.parametrize(("colours", "dimension"), [(3, 2), (1, 3)])
def test_the_input_has_five_channels_beside_the_image(colours, dimension):
    image, one = torch.rand(2, colours, *(8,) * dimension), torch.zeros(2, 1, *(8,) * dimension)
    found = network_input(image, one, one + 2, one + 3, one + 4)
    assert found.shape == (2, colours + 5, *(8,) * dimension)
    assert torch.equal(found[:, :colours], image)
    assert [float(channel.max()) for channel in found[:, colours + 1 :].movedim(1, 0)] == [0, 2, 3, 4]
