"""Small images with one thing in them, and requests about them; the shipped network is loaded once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.click.network import shipped_network
from jlabel.imaging.image import Image
from jlabel.prompts.prompt import Prompt
from jlabel.tasks.request import InferRequest

Make = Callable[..., Any]


@pytest.fixture(scope="session", autouse=True)
def loaded() -> None:
    """The network of two dimensions, so that no thread loads it while a test replaces its file."""
    shipped_network(2)


@pytest.fixture(autouse=True)
def seeded() -> None:
    """The same random numbers in every test, whichever ran before."""
    torch.manual_seed(0)


@pytest.fixture
def ball() -> Make:
    def make(shape: Sequence[int], centre: Sequence[float], radius: float) -> NDArray[np.bool_]:
        squares = sum((g - c) ** 2 for g, c in zip(np.indices(shape), centre, strict=True))
        return np.asarray(squares <= radius**2)

    return make


@pytest.fixture
def blob(ball: Make) -> Make:
    """A disc or ball in the middle with an uneven border, of about a quarter of the image's edge as its radius."""

    def make(shape: Sequence[int], seed: int = 0) -> NDArray[np.bool_]:
        noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=shape), max(shape) / 16)
        away = np.sqrt(sum(((g - n / 2) / n) ** 2 for g, n in zip(np.indices(shape), shape, strict=True)))
        parts, _ = ndimage.label(away + 0.05 * noise / noise.std() < 0.25)
        return np.asarray(parts == parts[tuple(n // 2 for n in shape)])

    return make


@pytest.fixture
def picture() -> Make:
    """An image of a mask: 100 brighter inside, with noise."""

    def make(mask: NDArray[Any], spacing: Sequence[float] = (), noise: float = 15.0, seed: int = 1) -> Image:
        values = 50 + 100.0 * mask + np.random.default_rng(seed).normal(0, noise, mask.shape)
        affine = np.diag([*(spacing or (1.0,) * mask.ndim), *(1.0,) * (4 - mask.ndim)])
        return Image(values.astype(np.float32), affine)

    return make


@pytest.fixture
def ask() -> Make:
    def make(image: Image, *prompts: Prompt, **others: Any) -> InferRequest:
        return InferRequest(image=image, image_id="made", prompts=prompts, labels={"thing": 1}, **others)

    return make
