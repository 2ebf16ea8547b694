"""Small images with one thing in them, and requests about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from jlabel.imaging.image import Image
from jlabel.prompts.prompt import Prompt
from jlabel.tasks.request import InferRequest

Make = Callable[..., Any]


@pytest.fixture
def ball() -> Make:
    def make(
        shape: Sequence[int], centre: Sequence[float], radius: float, spacing: Sequence[float] = ()
    ) -> NDArray[np.bool_]:
        steps = spacing or (1.0,) * len(shape)
        grid = np.indices(shape)
        squares = sum(((g - c) * s) ** 2 for g, c, s in zip(grid, centre, steps, strict=True))
        return np.asarray(squares <= radius**2)

    return make


@pytest.fixture
def picture() -> Make:
    """An image of a mask: 100 brighter inside, with noise."""

    def make(mask: NDArray[Any], spacing: Sequence[float] = (), noise: float = 15.0, dtype: Any = np.float32) -> Image:
        values = 50 + 100.0 * mask + np.random.default_rng(1).normal(0, noise, mask.shape)
        return Image(values.astype(dtype), np.diag([*(spacing or (1.0,) * mask.ndim), *(1.0,) * (4 - mask.ndim)]))

    return make


@pytest.fixture
def ask() -> Make:
    def make(image: Image, *prompts: Prompt, **params: Any) -> InferRequest:
        return InferRequest(image=image, image_id="made", prompts=prompts, params=params, labels={"thing": 1})

    return make
