"""Random smooth fields and what is done with them."""

from __future__ import annotations

import math

import pytest
import torch

from jlabel.click.pretraining.fields import blur, coordinates, log_uniform, max_pool, min_pool, smooth_noise, uniform


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("period", [0.5, 6.0, 100.0])
def test_noise_has_mean_0_and_deviation_1(dimension, period):
    noise = smooth_noise(3, 2, 24, dimension, period, "cpu")
    assert noise.shape == (3, 2, *(24,) * dimension)
    axes = tuple(range(2, noise.ndim))
    tolerance = 0.25 if period < 1 else 1e-3  # of white noise it is drawn, not set
    assert noise.mean(dim=axes).abs().max() < tolerance
    assert (noise.std(dim=axes) - 1).abs().max() < tolerance


def test_a_longer_period_is_smoother():
    def step(period: float) -> float:
        return float(smooth_noise(4, 1, 64, 2, period, "cpu").diff(dim=2).abs().mean())

    assert step(32.0) < step(8.0) < step(2.0)


def test_coordinates_go_from_minus_one_to_one():
    where = coordinates(5, 3, "cpu")
    assert where.shape == (1, 3, 5, 5, 5)
    assert where[0, 1, 0, :, 0].tolist() == [-1, -0.5, 0, 0.5, 1]


def test_random_numbers_lie_between_their_ends():
    numbers = uniform(200, 2, 3, 4, "cpu")
    assert numbers.shape == (200, 1, 1, 1)
    assert 2 <= numbers.min() < 2.1 < 2.9 < numbers.max() <= 3
    drawn = [log_uniform(1, 100) for _ in range(200)]
    assert min(drawn) >= 1
    assert max(drawn) <= 100
    assert abs(sum(map(math.log10, drawn)) / 200 - 1) < 0.15


@pytest.mark.parametrize("dimension", [2, 3])
def test_a_blur_keeps_what_is_constant_and_the_mean(dimension):
    image = torch.ones(2, 2, *(16,) * dimension)
    assert torch.allclose(blur(image, 1.5), image, atol=1e-5)
    point = torch.zeros(1, 1, *(17,) * dimension)
    point[(0, 0, *(8,) * dimension)] = 1
    spread = blur(point, 1.5)
    assert spread.sum() == pytest.approx(1, abs=1e-4)
    assert spread.max() < 0.2
    assert blur(point, 0.1) is point


@pytest.mark.parametrize("dimension", [2, 3])
def test_pools_grow_and_shrink_by_one_voxel_and_beyond_the_image_is_nothing(dimension):
    mask = torch.zeros(1, 1, *(9,) * dimension)
    mask[(0, 0, *(slice(3, 6),) * dimension)] = 1
    assert max_pool(mask).sum() == 5**dimension
    assert min_pool(mask).sum() == 1
    assert min_pool(torch.ones_like(mask)).sum() == 7**dimension
